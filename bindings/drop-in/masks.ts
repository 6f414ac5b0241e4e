// bufferutil's two functions, RFC 6455 §5.3, on codec/masking.ts. The native add-on trusts its arguments: it reads and writes
// wherever an offset or a length points, and ends the process for what is no view. These check them first; where the
// arguments are right, all three (the add-on, its JavaScript fallback and these) leave the same octets. docs/drop-in.md
// lists the cases where the add-on and its fallback differ from each other.

import { maskInto, maskRange } from "../codec/masking.ts";
import { currentKernel } from "../kernel/select.ts";
import { lengthOf, octetsOf } from "./views.ts";

/** Octets up to which a loop from one buffer to another is faster; `npm run bench -- bufferutil`. */
const LOOP_LENGTH = 44;

/** The masking key that the first four octets of `key` are. Read at once: it may lie among the octets that are masked. */
function maskingKeyOf(key: unknown): number {
  const octets = octetsOf(key, "mask");
  if (octets[3] === undefined) throw new RangeError("mask must have 4 octets");
  return octets[0]! | (octets[1]! << 8) | (octets[2]! << 16) | (octets[3]! << 24);
}

/** Octet by octet from the first to the last: what is written over octets of `source` that come later is masked again. */
function maskByLoop(source: Uint8Array, length: number, output: Uint8Array, offset: number, maskingKey: number): void {
  const first = maskingKey & 0xff;
  const second = (maskingKey >>> 8) & 0xff;
  const third = (maskingKey >>> 16) & 0xff;
  let at = 0;
  let to = offset;
  for (; at + 4 <= length; at += 4, to += 4) {
    output[to] = source[at]! ^ first;
    output[to + 1] = source[at + 1]! ^ second;
    output[to + 2] = source[at + 2]! ^ third;
    output[to + 3] = source[at + 3]! ^ (maskingKey >>> 24);
  }
  if (at < length) output[to] = source[at]! ^ first;
  if (at + 1 < length) output[to + 1] = source[at + 1]! ^ second;
  if (at + 2 < length) output[to + 2] = source[at + 2]! ^ third;
}

/**
 * Whether writing from `offset` on changes octets of `source` before a loop that goes upwards has come to them. Offsets alone
 * tell only where the two are in one buffer. To ask for a view's buffer takes 25 ns on Node 20; to write where the result will
 * be written and look for it in the source takes 3.
 */
function overtakes(source: Uint8Array, length: number, output: Uint8Array, offset: number): boolean {
  const distance = output.byteOffset + offset - source.byteOffset;
  if (distance <= 0 || distance >= length) return false;
  const before = source[distance]!;
  if (output[offset] !== before) return false;
  output[offset] = before ^ 1; // the first octet that is going to be written, whatever is found
  return source[distance] !== before;
}

function refuse(source: Uint8Array, offset: number, length: number): never {
  const faults = !Number.isInteger(length)
    ? `length must be an integer, not ${length}`
    : !Number.isInteger(offset) || offset < 0
      ? `offset must be an integer from 0 on, not ${offset}`
      : source[length - 1] === undefined
        ? `length is ${length}, source has fewer octets`
        : `offset ${offset} and length ${length} end behind output`;
  throw new RangeError(faults);
}

/**
 * Masks the first `length` octets of `source` into `output`, from `offset` on. RFC 6455 §5.3.
 *
 * The two may be the same octets, or overlap: the result is always that of a loop that goes octet by octet from the first to
 * the last. So an output that begins before its source is right, and one that begins within it repeats what was written.
 * (The native add-on goes in longer steps: it differs where the output begins 1 to 15 octets into the source.) `mask` is
 * read before anything is written.
 *
 * @param source  any view of a buffer; read only, but for what overlaps
 * @param mask    the masking key, at least 4 octets; those behind are ignored
 * @param output  any view of a buffer; no octet outside of the range changes
 * @param offset  octets of `output` before the first that is written
 * @param length  octets; where it is 0, negative or not a number nothing happens, as with both of the originals
 * @throws        TypeError for what is no view, and for an offset or a length of another type than number; RangeError for a
 *                `mask` of less than 4 octets, for a fraction, and for a range that `source` or `output` does not have (a
 *                detached buffer has none). Nothing is written then.
 */
export function mask(
  source: ArrayBufferView,
  mask: ArrayBufferView,
  output: ArrayBufferView,
  offset: number,
  length: number,
): void {
  const from = octetsOf(source, "source");
  const into = octetsOf(output, "output");
  if (typeof offset !== "number") throw new TypeError("offset must be a number");
  if (typeof length !== "number") throw new TypeError("length must be a number");
  if (!(length > 0)) {
    octetsOf(mask, "mask");
    return;
  }
  const maskingKey = maskingKeyOf(mask);
  // No element has a fraction for its index.
  const isInside = offset >= 0 && from[length - 1] !== undefined && into[offset + length - 1] !== undefined;
  if (!isInside) refuse(from, offset, length);
  if (from.length === length) lengthOf(from, "source");
  if (length <= LOOP_LENGTH || overtakes(from, length, into, offset))
    maskByLoop(from, length, into, offset, maskingKey);
  else maskInto(currentKernel(), from, 0, length, into, offset, maskingKey, 0);
}

/**
 * Masks octets in place, which unmasks what is masked. RFC 6455 §5.3.
 *
 * @param buffer  any view of a buffer; mutated in place
 * @param mask    the masking key, at least 4 octets; those behind are ignored; read before anything is written
 * @throws        TypeError for what is no view; RangeError for a `mask` of less than 4 octets, unless `buffer` has none
 *                (a detached one has none)
 */
export function unmask(buffer: ArrayBufferView, mask: ArrayBufferView): void {
  const octets = octetsOf(buffer, "buffer");
  const length = lengthOf(octets, "buffer");
  if (length === 0) octetsOf(mask, "mask");
  else maskRange(currentKernel(), octets, 0, length, maskingKeyOf(mask), 0);
}
