// The payload of a Close frame, RFC 6455 §5.5.1 and §7.4: nothing, or a code of two octets and a reason in UTF-8.

import {
  UTF8_COMPLETE,
  VIOLATION_CLOSE_CODE,
  VIOLATION_CLOSE_LENGTH,
  VIOLATION_CLOSE_REASON,
  VIOLATION_NONE,
} from "./constants.ts";
import { validateUtf8 } from "./utf8.ts";

/** Whether a peer may send this code: §7.4.1, the codes registered since (1012-1014), §7.4.2. */
function isCloseCodeAllowed(code: u32): bool {
  if (code < 1000) return false;
  if (code < 3000) return code <= 1014 && (code < 1004 || code > 1006); // 1004-1006 and 1015 are never sent
  return code < 5000;
}

/** Judges the unmasked payload of a Close frame; returns a VIOLATION_* number. */
export function judgeClose(ptr: usize, length: u32): u32 {
  if (length === 0) return VIOLATION_NONE;
  if (length === 1) return VIOLATION_CLOSE_LENGTH;
  if (!isCloseCodeAllowed(bswap<u16>(load<u16>(ptr)))) return VIOLATION_CLOSE_CODE;
  return validateUtf8(ptr + 2, length - 2, UTF8_COMPLETE) === UTF8_COMPLETE ? VIOLATION_NONE : VIOLATION_CLOSE_REASON;
}
