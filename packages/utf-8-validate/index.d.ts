import isValidUTF8 = require("wsimd/utf-8-validate");
export = isValidUTF8;
