// The entry wsimd/utf-8-validate: one function, which `require` gives as it is, as the package of that name does.

import { isUtf8 } from "../codec/utf8.ts";
import { lengthOf, octetsOf } from "./views.ts";

/**
 * Tells whether octets are UTF-8: no overlong form, no surrogate, nothing past U+10FFFF, no character cut short. RFC 3629.
 *
 * @param buffer  any view of a buffer; read only; true where it is empty or its buffer is detached
 * @throws        TypeError for what is no view
 */
export default function isValidUTF8(buffer: ArrayBufferView): boolean {
  const octets = octetsOf(buffer, "buffer");
  return lengthOf(octets, "buffer") === 0 || isUtf8(octets);
}
