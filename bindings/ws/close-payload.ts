// The payload of a Close with the errors that ws has for what may not be sent. RFC 6455 §5.5.1, §7.4.

import { isUtf8 } from "../codec/utf8.ts";
import { isCloseCode } from "../codes.ts";

const nothing = Buffer.alloc(0);

/** What has no length is no reason, as in ws. */
const hasLength = (reason: unknown): reason is ArrayLike<number> =>
  reason !== undefined && Boolean((reason as ArrayLike<number>).length);

/** @throws TypeError for a code or a reason that may not be sent, RangeError for a reason of more than 123 octets */
export function closePayload(code: unknown, reason: unknown): Buffer {
  if (code === undefined) return nothing;
  if (!isCloseCode(code))
    throw new TypeError(`a close code is 1000 to 1003, 1007 to 1014 or 3000 to 4999, not ${String(code)}`);
  const octets = typeof reason === "string" ? Buffer.from(reason) : hasLength(reason) ? reason : nothing;
  if (!(octets instanceof Uint8Array)) throw new TypeError("a close reason is a string or a Uint8Array");
  if (!isUtf8(octets)) throw new TypeError("a close reason must be UTF-8 (RFC 6455 §5.5.1)");
  if (octets.length > 123) throw new RangeError(`a close reason has at most 123 octets, not ${octets.length}`);
  return Buffer.concat([Buffer.from([code >> 8, code & 0xff]), octets]);
}
