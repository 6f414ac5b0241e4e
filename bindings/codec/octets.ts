// What callers may hand over as octets, and small helpers over ordinary memory.

import { UsageError } from "../errors/classes.ts";

/** Octets in any of the shapes that platforms use. */
export type OctetSource = Uint8Array | ArrayBuffer | ArrayBufferView | SharedArrayBuffer;

function isBuffer(value: unknown): value is ArrayBuffer | SharedArrayBuffer {
  return (
    value instanceof ArrayBuffer || (typeof SharedArrayBuffer !== "undefined" && value instanceof SharedArrayBuffer)
  );
}

/**
 * The octets of `source` as a view; nothing is copied.
 *
 * @param name    what the caller calls it, for the error
 * @param orText  "a string, " where the caller takes that too, for the error
 * @throws        UsageError for anything but a buffer or a view of one
 */
export function octetsOf(source: unknown, name: string, orText = ""): Uint8Array {
  if (source instanceof Uint8Array) return source;
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  if (isBuffer(source)) return new Uint8Array(source);
  throw new UsageError("WS_ARGUMENT", `${name} must be ${orText}a Uint8Array, an ArrayBuffer or a view of one`);
}

/** A plain view of the octets from `start` to `end`: made in half the time of a Buffer's `subarray`. */
export function viewOf(octets: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(octets.buffer, octets.byteOffset + start, end - start);
}

/** A copy of the octets from `start` to `end`, in memory of its own: a Buffer's `slice` is a view. */
export function copyOf(octets: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(viewOf(octets, start, end));
}

/** Octets up to which a loop beats a call of `set`, which needs a view of the source first. */
const LOOP_LENGTH = 24;

/** Copies the octets from `start` to `end` to `target`, where they fit. */
export function copyOctets(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): void {
  if (end - start > LOOP_LENGTH) target.set(viewOf(source, start, end), at);
  else for (let from = start, to = at; from < end; ) target[to++] = source[from++]!;
}
