// Masking, RFC 6455 §5.3, 64 octets a turn; and the pass that only asks whether octets are ASCII.
// Knows nothing of frames. A vector may reach up to 15 octets past the range: what it finds there it writes back.

import { assertInRegion } from "./memory.ts";

/** The vector whose octets are 0xff in its first `count` lanes and 0 in the others; `count` is 0-16. */
export function firstLanes(count: u32): v128 {
  return i8x16.lt_u(i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), i8x16.splat(<i8>count));
}

/**
 * Masks octets in place and tells whether the result is ASCII.
 *
 * @param maskingKey  its low 8 bits meet the first octet
 * @returns           0 if no resulting octet has its high bit set
 */
export function maskOctets(ptr: usize, length: u32, maskingKey: u32): u32 {
  assertInRegion(ptr, length);
  const end = ptr + length;
  const key = i32x4.splat(maskingKey);
  let seen = i32x4.splat(0);
  while (ptr + 64 <= end) {
    const a = v128.xor(v128.load(ptr), key);
    const b = v128.xor(v128.load(ptr, 16), key);
    const c = v128.xor(v128.load(ptr, 32), key);
    const d = v128.xor(v128.load(ptr, 48), key);
    v128.store(ptr, a);
    v128.store(ptr, b, 16);
    v128.store(ptr, c, 32);
    v128.store(ptr, d, 48);
    seen = v128.or(v128.or(seen, v128.or(a, b)), v128.or(c, d));
    ptr += 64;
  }
  while (ptr + 16 <= end) {
    const a = v128.xor(v128.load(ptr), key);
    v128.store(ptr, a);
    seen = v128.or(seen, a);
    ptr += 16;
  }
  if (ptr < end) {
    const lanes = firstLanes(<u32>(end - ptr));
    const a = v128.xor(v128.load(ptr), v128.and(key, lanes));
    v128.store(ptr, a);
    seen = v128.or(seen, v128.and(a, lanes));
  }
  return i8x16.bitmask(seen);
}

/** Tells whether octets are ASCII: 0 if none has its high bit set. */
export function highBits(ptr: usize, length: u32): u32 {
  assertInRegion(ptr, length);
  const end = ptr + length;
  let seen = i32x4.splat(0);
  while (ptr + 64 <= end) {
    const ab = v128.or(v128.load(ptr), v128.load(ptr, 16));
    seen = v128.or(seen, v128.or(ab, v128.or(v128.load(ptr, 32), v128.load(ptr, 48))));
    ptr += 64;
  }
  while (ptr + 16 <= end) {
    seen = v128.or(seen, v128.load(ptr));
    ptr += 16;
  }
  if (ptr < end) seen = v128.or(seen, v128.and(v128.load(ptr), firstLanes(<u32>(end - ptr))));
  return i8x16.bitmask(seen);
}

/** The masking key whose low 8 bits meet the octet `count` octets later. */
export function rotateKey(maskingKey: u32, count: u32): u32 {
  return rotr(maskingKey, (count & 3) << 3);
}

/**
 * Masks octets in place; masking twice restores them. RFC 6455 §5.3.
 *
 * @param ptr         first octet; any alignment
 * @param length      octets; 0 allowed; the caller guarantees that ptr + length stays inside the region
 * @param maskingKey  octet 0 in the low 8 bits
 * @param phase       0-3, the key octet that meets the first payload octet
 * @returns           the phase that continues after the last octet
 */
export function mask(ptr: usize, length: u32, maskingKey: u32, phase: u32): u32 {
  maskOctets(ptr, length, rotateKey(maskingKey, phase));
  return (phase + length) & 3;
}
