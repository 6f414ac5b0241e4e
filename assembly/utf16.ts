// From UTF-8 to UTF-16, for the strings of platforms whose own decoder goes octet by octet. Valid text, whole characters.
//
// Each octet of a block, looked at with the three before it, makes the code unit that would end there, all 16 in the same few
// steps. Where one ends is known from the same octets, and a look-up in a table moves those together:
//
//   ends at an octet below 80              0xxxxxxx                                 the octet
//   the second after C0..DF                110yyyyy 10xxxxxx                        yyyyyxxxxxx
//   the third after E0..EF                 1110zzzz 10yyyyyy 10xxxxxx               zzzzyyyyyyxxxxxx
//   the third after F0..F4, a surrogate    11110wwz 10zzyyyy 10yyxxxx ........      D7C0 + wwzzzyyyyyy, high (D800 - 10000 / 400)
//   the fourth after F0..F4                ........ ........ 10..xxxx 10xxxxxx      DC00 | xxxxxxxxxx, low

import { firstLanes } from "./mask.ts";
import { assertInRegion, COMPACTIONS_PTR, UTF16_CAPACITY, UTF16_PTR } from "./memory.ts";

// For each set of lanes out of eight, the octets of those lanes, then whatever is there.
for (let set: u32 = 0; set < 256; set++) {
  let at = COMPACTIONS_PTR + (set << 4);
  for (let lane: u32 = 0; lane < 8; lane++) {
    if (!((set >> lane) & 1)) continue;
    store<u16>(at, (lane * 0x0202) | 0x0100);
    at += 2;
  }
}

/** Writes the lanes of `units` that are in `set`, one after another; what follows them in 16 octets is undefined. */
function storeLanes(target: usize, units: v128, set: u32): void {
  v128.store(target, i8x16.swizzle(units, v128.load(COMPACTIONS_PTR + (set << 4))));
}

/**
 * Transcodes a block.
 *
 * @param previous  the block before, whose last three octets count
 * @param lanes     a bit for each octet that is text
 * @returns         where the next block's code units go
 */
function transcodeBlock(previous: v128, input: v128, lanes: u32, target: usize): usize {
  const one = i8x16.shuffle(previous, input, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
  const two = i8x16.shuffle(previous, input, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29);
  const three = i8x16.shuffle(previous, input, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28);

  const high = i8x16.lt_s(input, i8x16.splat(0)); // not ASCII
  const second = i8x16.eq(v128.and(one, i8x16.splat(<i8>0xe0)), i8x16.splat(<i8>0xc0));
  const third = i8x16.ge_u(two, i8x16.splat(<i8>0xe0));
  const fourth = i8x16.ge_u(three, i8x16.splat(<i8>0xf0));
  const inside = v128.andnot(high, v128.or(v128.or(second, third), fourth));
  const ends = ~i8x16.bitmask(inside) & lanes;

  const x = v128.andnot(input, v128.and(high, i8x16.splat(<i8>0xc0)));
  const y = v128.and(one, v128.and(high, i8x16.splat(0x3f)));
  const z = v128.and(two, third);
  const low6 = i16x8.shl(i16x8.extend_low_i8x16_u(y), 6);
  const high6 = i16x8.shl(i16x8.extend_high_i8x16_u(y), 6);
  let low = v128.or(i16x8.extend_low_i8x16_u(x), low6);
  let upper = v128.or(i16x8.extend_high_i8x16_u(x), high6);
  low = v128.or(low, i16x8.shl(i16x8.extend_low_i8x16_u(z), 12));
  upper = v128.or(upper, i16x8.shl(i16x8.extend_high_i8x16_u(z), 12));

  const leads = i8x16.ge_u(two, i8x16.splat(<i8>0xf0));
  if (v128.any_true(v128.or(leads, fourth))) {
    low = withSurrogates(
      low,
      i16x8.extend_low_i8x16_u(x),
      i16x8.extend_low_i8x16_u(y),
      i16x8.extend_low_i8x16_u(z),
      i16x8.extend_low_i8x16_s(leads),
      i16x8.extend_low_i8x16_s(fourth),
    );
    upper = withSurrogates(
      upper,
      i16x8.extend_high_i8x16_u(x),
      i16x8.extend_high_i8x16_u(y),
      i16x8.extend_high_i8x16_u(z),
      i16x8.extend_high_i8x16_s(leads),
      i16x8.extend_high_i8x16_s(fourth),
    );
  }
  storeLanes(target, low, ends & 0xff);
  target += popcnt(ends & 0xff) << 1;
  storeLanes(target, upper, ends >> 8);
  return target + (popcnt(ends >> 8) << 1);
}

/** The units, with surrogates in the lanes of `leads` (high) and `fourth` (low). */
function withSurrogates(units: v128, x: v128, y: v128, z: v128, leads: v128, fourth: v128): v128 {
  const bits = v128.or(i16x8.shl(v128.and(z, i16x8.splat(7)), 8), v128.or(i16x8.shl(y, 2), i16x8.shr_u(x, 4)));
  const highs = i16x8.add(bits, i16x8.splat(<i16>0xd7c0));
  const lows = v128.or(v128.and(units, i16x8.splat(0x3ff)), i16x8.splat(<i16>0xdc00));
  return v128.bitselect(highs, v128.bitselect(lows, units, fourth), leads);
}

/**
 * Writes valid text as UTF-16, little-endian, from UTF16_PTR on.
 *
 * @param ptr     first octet, in the input or the scratch region; a character begins there
 * @param length  octets, at most half of UTF16_CAPACITY; a character ends there
 * @returns       code units; up to 32 octets after them are overwritten
 */
export function transcode(ptr: usize, length: u32): u32 {
  assertInRegion(ptr, length);
  assert(length <= UTF16_CAPACITY >> 1);
  const end = ptr + length;
  let previous = i32x4.splat(0);
  let target = UTF16_PTR;
  while (ptr + 16 <= end) {
    const input = v128.load(ptr);
    if (i8x16.bitmask(input)) {
      target = transcodeBlock(previous, input, 0xffff, target);
    } else {
      v128.store(target, i16x8.extend_low_i8x16_u(input));
      v128.store(target, i16x8.extend_high_i8x16_u(input), 16);
      target += 32;
    }
    previous = input;
    ptr += 16;
  }
  if (ptr < end) {
    const rest = <u32>(end - ptr);
    const input = v128.and(v128.load(ptr), firstLanes(rest));
    target = transcodeBlock(previous, input, (1 << rest) - 1, target);
  }
  return <u32>(target - UTF16_PTR) >> 1;
}
