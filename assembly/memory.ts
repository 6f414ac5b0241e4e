// The memory map. Linear memory has a fixed size, so a view of it never detaches; every region has one use.
//
//        0  +---------------------------+
//           | kept free                 |  the optimiser takes the first 1024 octets as unused
//     1024  +---------------------------+
//           | control block          64 |  decode's results and the state of a cut frame, see constants.ts
//           +---------------------------+
//           | records        256 x 12   |  what decode found: a record a frame, or a piece of one
//           +---------------------------+
//           | input headroom        256 |  octets carried from the last chunk end right where the input begins
//           +---------------------------+
//           | input              262144 |  a chunk from the transport, unmasked in place
//           +---------------------------+
//           | slack                  64 |  vectors reach past a region's end; what they touch there stays as it was
//           +---------------------------+
//           | scratch headroom       64 |  encode writes a header before its payload
//           +---------------------------+
//           | scratch             65536 |  mask, validateUtf8, encode, transcode; nothing stays here between two calls
//           +---------------------------+
//           | slack                  64 |
//           +---------------------------+
//           | compactions      256 x 16 |  a table, see utf16.ts; written when the module starts, then only read
//           +---------------------------+
//           | UTF-16              56768 |  what transcode makes; nothing stays here between two calls
//           +---------------------------+
//           | margin                 64 |  transcode writes up to 32 octets past what it makes
//   393216  +---------------------------+  six pages
//
// The bindings read the addresses as exported globals: they are known after compilation.

import { CONTROL_LENGTH, RECORD_CAPACITY, RECORD_WORDS } from "./constants.ts";

const SLACK: u32 = 64;
const COMPACTIONS_LENGTH: u32 = 4096;

export const INPUT_HEADROOM: u32 = 256;
export const INPUT_CAPACITY: u32 = 262144;
export const SCRATCH_HEADROOM: u32 = 64;
export const SCRATCH_CAPACITY: u32 = 65536;
export const UTF16_CAPACITY: u32 = 56768;

// One reservation: several would be placed in the order in which the compiler meets them.
export const CONTROL_PTR: usize = memory.data(
  CONTROL_LENGTH + RECORD_CAPACITY * RECORD_WORDS * 4 + 256 + 262144 + 64 + 64 + 65536 + 64 + 4096 + 56768 + 64,
  64,
);
export const RECORDS_PTR: usize = CONTROL_PTR + CONTROL_LENGTH;
export const INPUT_PTR: usize = RECORDS_PTR + RECORD_CAPACITY * RECORD_WORDS * 4 + INPUT_HEADROOM;
export const SCRATCH_PTR: usize = INPUT_PTR + INPUT_CAPACITY + SLACK + SCRATCH_HEADROOM;
export const COMPACTIONS_PTR: usize = SCRATCH_PTR + SCRATCH_CAPACITY + SLACK;
export const UTF16_PTR: usize = COMPACTIONS_PTR + COMPACTIONS_LENGTH;

/** Traps in the debug build unless `length` octets from `ptr` lie in the input or the scratch region. */
export function assertInRegion(ptr: usize, length: u32): void {
  const end = <u64>ptr + length; // 64 bits: a length near 2^32 must not wrap around into a region
  const inInput = ptr >= INPUT_PTR - INPUT_HEADROOM && end <= INPUT_PTR + INPUT_CAPACITY;
  const inScratch = ptr >= SCRATCH_PTR - SCRATCH_HEADROOM && end <= SCRATCH_PTR + SCRATCH_CAPACITY;
  assert(inInput || inScratch);
}
