// Whole characters, 16 octets at a time: "Validating UTF-8 in less than one instruction per byte" (Keiser, Lemire 2021).
// Three table look-ups on the nibbles of two neighbouring octets leave a bit set for each way in which the two are wrong
// together; a second rule counts the continuations of three- and four-octet characters. Says yes or no, never where.

import { firstLanes } from "./mask.ts";

// What two neighbouring octets can be, a bit each:
const TOO_SHORT: u8 = 0x01; //  11______ 0_______   and  11______ 11______
const TOO_LONG: u8 = 0x02; //   0_______ 10______
const OVERLONG_3: u8 = 0x04; // 11100000 100_____
const TOO_LARGE: u8 = 0x08; //  11110100 1001____   and  11110100 101_____  and  11110101.. 1001.. 101..
const SURROGATE: u8 = 0x10; //  11101101 101_____
const OVERLONG_2: u8 = 0x20; // 1100000_ 10______
const PLANE: u8 = 0x40; //      11110000 1000____ (overlong)  and  11110101.. 1000____ (too large)
const TWO_CONTINUATIONS: u8 = 0x80; // 10______ 10______, right only where a lead two or three octets back asks for it
const CARRY: u8 = 0x83; // TOO_SHORT | TOO_LONG | TWO_CONTINUATIONS: the low nibble of the first octet does not matter

/** By the high nibble of the first octet. */
function byFirstHigh(nibbles: v128): v128 {
  const ascii = TOO_LONG;
  const continuation = TWO_CONTINUATIONS;
  return i8x16.swizzle(
    i8x16(
      ascii,
      ascii,
      ascii,
      ascii,
      ascii,
      ascii,
      ascii,
      ascii,
      continuation,
      continuation,
      continuation,
      continuation,
      TOO_SHORT | OVERLONG_2,
      TOO_SHORT,
      TOO_SHORT | OVERLONG_3 | SURROGATE,
      TOO_SHORT | TOO_LARGE | PLANE,
    ),
    nibbles,
  );
}

/** By the low nibble of the first octet. */
function byFirstLow(nibbles: v128): v128 {
  const large = CARRY | TOO_LARGE | PLANE;
  return i8x16.swizzle(
    i8x16(
      CARRY | OVERLONG_3 | OVERLONG_2 | PLANE,
      CARRY | OVERLONG_2,
      CARRY,
      CARRY,
      CARRY | TOO_LARGE,
      large,
      large,
      large,
      large,
      large,
      large,
      large,
      large,
      large | SURROGATE,
      large,
      large,
    ),
    nibbles,
  );
}

/** By the high nibble of the second octet. */
function bySecondHigh(nibbles: v128): v128 {
  const short = TOO_SHORT;
  const continuation = TOO_LONG | OVERLONG_2 | TWO_CONTINUATIONS;
  return i8x16.swizzle(
    i8x16(
      short,
      short,
      short,
      short,
      short,
      short,
      short,
      short,
      continuation | OVERLONG_3 | PLANE,
      continuation | OVERLONG_3 | TOO_LARGE,
      continuation | SURROGATE | TOO_LARGE,
      continuation | SURROGATE | TOO_LARGE,
      short,
      short,
      short,
      short,
    ),
    nibbles,
  );
}

/** The faults of `input`, whose octets follow those of `previous`; 0 in every lane that has none. */
function faults(previous: v128, input: v128): v128 {
  const one = i8x16.shuffle(previous, input, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
  const two = i8x16.shuffle(previous, input, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29);
  const three = i8x16.shuffle(previous, input, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28);
  const low = i8x16.splat(0x0f);
  const pair = v128.and(
    v128.and(byFirstHigh(i8x16.shr_u(one, 4)), byFirstLow(v128.and(one, low))),
    bySecondHigh(i8x16.shr_u(input, 4)),
  );
  // The high bit is left where a lead of three octets stands two back, or a lead of four stands three back.
  const third = i8x16.sub_sat_u(two, i8x16.splat(<i8>0x60));
  const fourth = i8x16.sub_sat_u(three, i8x16.splat(<i8>0x70));
  const expected = v128.and(v128.or(third, fourth), i8x16.splat(<i8>0x80));
  return v128.xor(pair, expected);
}

/**
 * Tells whether the octets from `ptr` to `end` are UTF-8. Both must be a character's edge: an unfinished character at the
 * end counts as a fault.
 */
export function isValidBlocks(ptr: usize, end: usize): bool {
  const zero = i32x4.splat(0);
  let previous = zero;
  let found = zero;
  while (ptr + 16 <= end) {
    const input = v128.load(ptr);
    found = v128.or(found, faults(previous, input));
    previous = input;
    ptr += 16;
  }
  // The rest, with zeros after it: they show a character that the octets leave unfinished.
  const rest = v128.and(v128.load(ptr), firstLanes(<u32>(end - ptr)));
  found = v128.or(found, faults(previous, rest));
  return !v128.any_true(found);
}
