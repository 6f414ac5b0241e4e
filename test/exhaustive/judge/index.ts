// The loop of the exhaustive run, in AssemblyScript: every sequence of four octets in a range is put into a text that lies
// in the memory of the module under test, which judges the text; an automaton that lies there too says what is right. Knows
// nothing of UTF-8: ../judges.ts brings the automaton (see ../../support/table-3-7.ts) and the text.

import { validateUtf8 } from "./wsimd.ts";

/** The state after the octets from `ptr` to `end`. `next` + 256 * state + octet holds the state after an octet. */
function stateAfter(next: usize, state: u32, ptr: usize, end: usize): u32 {
  for (; ptr < end; ptr++) state = load<u8>(next + (state << 8) + load<u8>(ptr));
  return state;
}

/**
 * Judges a text with each of some sequences in it.
 *
 * @param ptr           first octet of the text
 * @param length        octets in the text, the sequence included
 * @param at            octets before the sequence
 * @param from          the first sequence, its first octet in the high 8 bits
 * @param last          the last sequence, itself judged
 * @param next          the automaton's steps
 * @param words         what validateUtf8 is to return in each state, a word each; room for as many words follows
 * @param stateCount    states of the automaton
 * @param examples      room for `exampleCount` pairs of words: a sequence, and what validateUtf8 returned
 * @returns             disagreements; the first of them are in `examples`
 */
export function judge(
  ptr: usize,
  length: u32,
  at: u32,
  from: u32,
  last: u32,
  next: usize,
  words: usize,
  stateCount: u32,
  examples: usize,
  exampleCount: u32,
): u32 {
  const place = ptr + at;
  const start = stateAfter(next, 0, ptr, place);
  const whole = words + (stateCount << 2);
  for (let state: u32 = 0; state < stateCount; state++) {
    const end = stateAfter(next, state, place + 4, ptr + length);
    store<u32>(whole + (state << 2), load<u32>(words + (end << 2)));
  }
  let disagreements: u32 = 0;
  let afterThree: usize = 0; // the steps from the state after the first three octets
  let sequence = from;
  do {
    store<u32>(place, bswap<u32>(sequence));
    if (sequence === from || (sequence & 0xff) === 0) {
      afterThree = next + (stateAfter(next, start, place, place + 3) << 8);
    }
    const expected = load<u32>(whole + ((<usize>load<u8>(afterThree + (sequence & 0xff))) << 2));
    const found = validateUtf8(ptr, length, 0);
    if (found !== expected) {
      if (disagreements < exampleCount) {
        store<u32>(examples + (disagreements << 3), sequence);
        store<u32>(examples + (disagreements << 3), found, 4);
      }
      disagreements++;
    }
  } while (sequence++ !== last);
  return disagreements;
}
