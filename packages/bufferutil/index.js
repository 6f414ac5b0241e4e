module.exports = require("wsimd/bufferutil");
