// Sec-WebSocket-Key and what proves that a server read it. Knows nothing of the other fields.

import { checkText } from "./arguments.ts";
import { encodeBase64, encodeLatin1 } from "./octets.ts";
import { sha1 } from "./sha1.ts";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/**
 * Computes Sec-WebSocket-Accept from Sec-WebSocket-Key: base64 of SHA-1 of the key's text and the GUID. RFC 6455 §4.2.2.
 *
 * @param key  the field's value as received, never decoded: 24 characters
 * @throws UsageError for what is no string
 */
export function acceptKey(key: string): string {
  checkText("acceptKey: the key", key);
  return encodeBase64(sha1(encodeLatin1(key + GUID)));
}

/** Makes a fresh Sec-WebSocket-Key: 16 random octets in base64. RFC 6455 §4.1. */
export function createKey(): string {
  return encodeBase64(crypto.getRandomValues(new Uint8Array(16)));
}

/**
 * Tells whether text is base64 of exactly 16 octets: 22 digits and "==". RFC 6455 §4.2.1.
 *
 * The low four bits of the last digit decode to nothing and may be anything: RFC 6455 §4.1 itself prints
 * `AQIDBAUGBwgJCgsMDQ4PEC==`, where they are not zero, and the accept value is made of the text, not of the octets.
 */
export function isKey(text: string): boolean {
  if (text.length !== 24 || text.charCodeAt(22) !== 0x3d || text.charCodeAt(23) !== 0x3d) return false;
  for (let at = 0; at < 22; at++) if (!isBase64Digit(text.charCodeAt(at))) return false;
  return true;
}

function isBase64Digit(code: number): boolean {
  const letter = code | 0x20;
  return (
    (letter >= 0x61 && letter <= 0x7a) || // A-Z a-z
    (code >= 0x30 && code <= 0x39) || // 0-9
    code === 0x2b || // +
    code === 0x2f // /
  );
}
