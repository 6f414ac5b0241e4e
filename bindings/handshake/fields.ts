// Header fields that the application adds to a request or a response: checked before they can split a head in two.
// Knows no field by name but those the handshake writes itself.

import { optionError, quote } from "./faults.ts";
import { isFieldValue, isToken } from "./grammar.ts";
import { type HeaderPairs, type HeaderSource, headerPairs } from "./headers.ts";

/** Fields the handshake, or the framing of the head, decides alone. */
const ownFields: ReadonlySet<string> = /*#__PURE__*/ new Set([
  "upgrade",
  "connection",
  "sec-websocket-key",
  "sec-websocket-version",
  "sec-websocket-accept",
  "sec-websocket-protocol",
  "sec-websocket-extensions",
  "content-length",
  "transfer-encoding",
]);

/**
 * Checks the application's fields and flattens them.
 *
 * @param source  copied
 * @throws UsageError for a name that is no token, a value with CR, LF, NUL or another control character or one above
 *         U+00FF (RFC 9110 §5.5), and for a field the handshake writes itself
 */
export function applicationFields(source: HeaderSource): HeaderPairs {
  const pairs = headerPairs(source);
  checkFields(pairs);
  for (const [name] of pairs) {
    if (ownFields.has(name.toLowerCase())) throw optionError(`headers: ${name} is written by the handshake itself`);
  }
  return pairs;
}

/** @throws UsageError for a name or a value that may not stand in a head */
export function checkFields(pairs: HeaderPairs): void {
  for (const [name, value] of pairs) {
    if (!isToken(name)) throw optionError(`headers: ${quote(name)} is no field name`);
    if (!isFieldValue(value)) throw optionError(`headers: ${name} may not have the value ${quote(value)}`);
  }
}
