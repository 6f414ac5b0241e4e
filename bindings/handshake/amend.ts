// An accepted handshake, changed by the application before it is answered: another of the offered subprotocols, more fields.

import { optionError, quote } from "./faults.ts";
import { applicationFields } from "./fields.ts";
import type { HeaderPairs, HeaderSource } from "./headers.ts";
import type { AcceptedHandshake } from "./server.ts";

/** What an application may change of an answer. */
export interface Amendment {
  /** Fields to add; not those of the handshake itself. */
  readonly headers?: HeaderSource | undefined;
  /** One of the offered subprotocols, or "" for none, in place of what was chosen. */
  readonly protocol?: string | undefined;
}

const FIELD = "Sec-WebSocket-Protocol";

/**
 * Makes the answer with the changes in it.
 *
 * @throws UsageError for a subprotocol that was not offered, and for fields that may not be added
 */
export function amendHandshake(accepted: AcceptedHandshake, { headers, protocol }: Amendment): AcceptedHandshake {
  const added = headers === undefined ? [] : applicationFields(headers);
  if (protocol === undefined || protocol === accepted.protocol) {
    return added.length === 0 ? accepted : { ...accepted, headers: accepted.headers.concat(added) };
  }
  if (protocol !== "" && !accepted.offeredProtocols.includes(protocol)) {
    throw optionError(`protocol must be an offered subprotocol or ""; found ${quote(protocol)}`);
  }
  const others = accepted.headers.filter(([name]) => name.toLowerCase() !== FIELD.toLowerCase());
  const chosen: HeaderPairs = protocol === "" ? [] : [[FIELD, protocol]];
  return { ...accepted, protocol, headers: others.concat(chosen, added) };
}
