// UTF-8 validation as a stream, RFC 3629 and RFC 6455 §8.1. Vectors say yes or no (utf8-blocks.ts), the scalar machine
// here begins and ends a piece, and finds the octet at fault. The state between pieces is one integer:
//
//   bits  0-7    continuation octets still needed, 0 at a character's end
//   bits  8-15   lowest value the next octet may have
//   bits 16-23   highest value the next octet may have
//
// Unicode's table 3-7: only the octet after the first is bounded more tightly than 80..BF, and only after E0, ED, F0, F4.

import { UTF8_COMPLETE, UTF8_INVALID } from "./constants.ts";
import { assertInRegion } from "./memory.ts";
import { isValidBlocks } from "./utf8-blocks.ts";

const ANY_CONTINUATION: u32 = 0xbf8000;

/** The state after one octet, or UTF8_INVALID. */
function step(state: u32, octet: u32): u32 {
  if (state !== UTF8_COMPLETE) {
    if (octet < ((state >> 8) & 0xff) || octet > state >> 16) return UTF8_INVALID;
    const needed = (state & 0xff) - 1;
    return needed === 0 ? UTF8_COMPLETE : needed | ANY_CONTINUATION;
  }
  if (octet < 0x80) return UTF8_COMPLETE;
  if (octet < 0xc2) return UTF8_INVALID; // a continuation, or an overlong form
  if (octet < 0xe0) return 1 | ANY_CONTINUATION;
  if (octet < 0xf0) {
    if (octet === 0xe0) return 2 | 0xbfa000; // below A0 it is overlong
    if (octet === 0xed) return 2 | 0x9f8000; // above 9F it is a surrogate
    return 2 | ANY_CONTINUATION;
  }
  if (octet === 0xf0) return 3 | 0xbf9000; // below 90 it is overlong
  if (octet < 0xf4) return 3 | ANY_CONTINUATION;
  if (octet === 0xf4) return 3 | 0x8f8000; // above 8F it is past U+10FFFF
  return UTF8_INVALID;
}

/** The octets at the end of a piece that begin a character which the piece does not end: 0-3. */
function unfinished(ptr: usize, end: usize): u32 {
  for (let back: u32 = 1; back <= 3 && ptr + back <= end; back++) {
    const octet = <u32>load<u8>(end - back);
    if (octet < 0x80) return 0;
    if (octet >= 0xc0) return back < (octet >= 0xf0 ? 4 : octet >= 0xe0 ? 3 : 2) ? back : 0;
  }
  return 0;
}

/**
 * Validates a piece of text.
 *
 * @param state  UTF8_COMPLETE, or what an earlier piece left
 * @returns      the state after the piece, UTF8_COMPLETE if a character ends there, or UTF8_INVALID
 */
export function validateUtf8(ptr: usize, length: u32, state: u32): u32 {
  assertInRegion(ptr, length);
  if (state === UTF8_INVALID) return UTF8_INVALID;
  const end = ptr + length;
  while (state !== UTF8_COMPLETE && ptr < end) {
    state = step(state, load<u8>(ptr++));
    if (state === UTF8_INVALID) return UTF8_INVALID;
  }
  const whole = end - unfinished(ptr, end);
  if (!isValidBlocks(ptr, whole)) return UTF8_INVALID;
  for (ptr = whole; ptr < end; ptr++) {
    state = step(state, load<u8>(ptr));
    if (state === UTF8_INVALID) return UTF8_INVALID;
  }
  return state;
}

/** Finds the octet that makes a piece invalid: octets before it, or `length` where the piece is not at fault. */
export function locateInvalidUtf8(ptr: usize, length: u32, state: u32): u32 {
  for (let offset: u32 = 0; offset < length; offset++) {
    state = step(state, load<u8>(ptr + offset));
    if (state === UTF8_INVALID) return offset;
  }
  return length;
}
