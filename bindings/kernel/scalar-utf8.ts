// Streaming UTF-8 validation for the scalar twin: Unicode's table 3-7 as a table. The state between pieces is the integer
// that assembly/utf8.ts draws, so that a connection could change kernels between two chunks.

import { UTF8_COMPLETE, UTF8_INVALID } from "../../assembly/constants.ts";

/** Rows of table 3-7: first lead, last lead, continuations, lowest and highest second octet. */
const wellFormed: readonly (readonly [number, number, number, number, number])[] = [
  [0xc2, 0xdf, 1, 0x80, 0xbf],
  [0xe0, 0xe0, 2, 0xa0, 0xbf],
  [0xe1, 0xec, 2, 0x80, 0xbf],
  [0xed, 0xed, 2, 0x80, 0x9f],
  [0xee, 0xef, 2, 0x80, 0xbf],
  [0xf0, 0xf0, 3, 0x90, 0xbf],
  [0xf1, 0xf3, 3, 0x80, 0xbf],
  [0xf4, 0xf4, 3, 0x80, 0x8f],
];

/** The state after each octet that stands where a character begins. */
const afterLead: Int32Array = /*#__PURE__*/ (() => {
  const table = new Int32Array(256).fill(UTF8_INVALID);
  table.fill(UTF8_COMPLETE, 0, 0x80);
  for (const [first, last, needed, low, high] of wellFormed)
    table.fill(needed | (low << 8) | (high << 16), first, last + 1);
  return table;
})();

function step(state: number, octet: number): number {
  if (state === UTF8_COMPLETE) return afterLead[octet]!;
  if (octet < ((state >> 8) & 0xff) || octet > state >> 16) return UTF8_INVALID;
  const needed = (state & 0xff) - 1;
  return needed === 0 ? UTF8_COMPLETE : needed | 0xbf8000;
}

/** The state after a piece that begins in `state`; see KernelFunctions. */
export function validateUtf8(octets: Uint8Array, ptr: number, length: number, state: number): number {
  let now = state;
  for (let index = 0; index < length && now !== UTF8_INVALID; index++) now = step(now, octets[ptr + index]!);
  return now;
}

/** Octets before the one that makes a piece invalid, or `length` where the piece is not at fault. */
export function locateInvalidUtf8(octets: Uint8Array, ptr: number, length: number, state: number): number {
  let now = state;
  for (let index = 0; index < length; index++) {
    now = step(now, octets[ptr + index]!);
    if (now === UTF8_INVALID) return index;
  }
  return length;
}
