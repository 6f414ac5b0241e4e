// The option `maxPayload` as a limit of a connection.

import { UsageError } from "../errors/classes.ts";

/**
 * Octets that a message may have: 0 is no limit, as in ws.
 *
 * @throws  UsageError for what is no length: a limit that is none would be no limit
 */
export function maxMessageLengthOf(maxPayload: unknown): number {
  if (maxPayload === 0) return Number.MAX_SAFE_INTEGER; // longer ones nobody could count
  if (typeof maxPayload === "number" && maxPayload >= 1) return Math.floor(maxPayload);
  throw new UsageError(
    "WS_OPTION",
    `maxPayload must be a number of octets, 0 for no limit; found ${String(maxPayload)}`,
  );
}
