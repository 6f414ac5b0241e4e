module.exports = require("wsimd/utf-8-validate");
