// What messages of the cases hold. Long payloads are told by their pattern and made when they are sent: the list of cases
// stays small however large the messages.

import { utf8 } from "../support/octets.ts";

/** Octets that repeat a pattern. */
export interface Repeated {
  readonly pattern: Uint8Array;
  /** Octets in all; the last repetition may be cut. */
  readonly length: number;
}

/** A string stands for its octets in UTF-8. */
export type Payload = string | Uint8Array | Repeated;

/** `length` octets of a repeated pattern. */
export function repeated(pattern: string | Uint8Array, length: number): Repeated {
  return { pattern: octetsOf(pattern), length };
}

/** The octets themselves; the caller must not change them. */
export function octetsOf(payload: Payload): Uint8Array {
  if (typeof payload === "string") return utf8(payload);
  if (payload instanceof Uint8Array) return payload;
  return Buffer.alloc(payload.length, payload.pattern);
}

/** Octets of a payload. */
export function lengthOf(payload: Payload): number {
  return typeof payload === "string" ? Buffer.byteLength(payload) : payload.length;
}
