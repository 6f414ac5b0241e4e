// Octets that all connections of a thread hold together: unfinished messages, what waits behind a pause, and output that no
// transport took yet. Each connection judges the sum by its own `maxProcessBuffered`; the one that asks for more when the sum
// is there is closed. Every build of this version in a program counts in one place.

import { LimitError } from "../errors/classes.ts";
import { share } from "../share.ts";

const budget: { held: number } = /*#__PURE__*/ share("budget", { held: 0 });

/** Octets held now. */
export function heldOctets(): number {
  return budget.held;
}

/** Changes what is held by `change` octets, which is negative where some were let go. */
export function charge(change: number): void {
  budget.held += change;
}

/** The error of holding `length` octets more, or null where the limit allows them. */
export function holdError(length: number, limit: number): LimitError | null {
  const sum = budget.held + length;
  if (sum <= limit) return null;
  const text = `maxProcessBuffered is used up: ${sum} octets, limit ${limit}`;
  return new LimitError("WS_PROCESS_BUFFERED", text, 1009, limit, sum, { section: "RFC 6455 §10.4" });
}
