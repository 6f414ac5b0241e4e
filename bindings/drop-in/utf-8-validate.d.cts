// What `require("wsimd/utf-8-validate")` gives: the function itself. Copied into dist/cjs by scripts/build.mjs.

/**
 * Tells whether octets are UTF-8: no overlong form, no surrogate, nothing past U+10FFFF, no character cut short. RFC 3629.
 *
 * @param buffer  any view of a buffer; read only; true where it is empty or its buffer is detached
 * @throws        TypeError for what is no view
 */
declare function isValidUTF8(buffer: ArrayBufferView): boolean;
export = isValidUTF8;
