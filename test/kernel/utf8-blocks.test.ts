// validateUtf8 where vectors of 16 octets meet and where pieces of text do, RFC 6455 §8.1: every sequence of one to four of the
// octets around the edges of Unicode's table 3-7, at every offset that an edge can cut, and cut in two at every octet.

import * as assert from "uvu/assert";
import { same } from "../support/assertions.ts";
import { kernelSuite, kernels } from "../support/kernels.ts";
import { filled, POISON, toHex } from "../support/octets.ts";
import { automaton, COMPLETE, stateAfter } from "../support/table-3-7.ts";
import { edgeOctets, nonAsciiAfter, nonAsciiBefore } from "../support/utf8.ts";

const { next, words } = automaton;

/** What stands around a sequence. */
interface Surroundings {
  readonly before: (length: number) => Uint8Array;
  readonly after: (length: number) => Uint8Array;
}

const ascii = (length: number): Uint8Array => filled(length, 0x2a);
const surroundings: Record<string, Surroundings> = {
  ASCII: { before: ascii, after: ascii },
  "non-ASCII": { before: nonAsciiBefore, after: nonAsciiAfter },
};

const lengths = [1, 2, 3, 4];
const countOf = (length: number): number => edgeOctets.length ** length;

/** Offsets of a sequence at the text's beginning, and from right before to right after an edge of 16 and of 64 octets. */
function offsetsOf(length: number): number[] {
  return [0, ...[16, 64].flatMap((edge) => Array.from({ length: length + 1 }, (_, at) => edge - length + at))];
}

/** What validateUtf8 returns of a text by the state that it is in before its last octets. */
function wordsBefore(last: Uint8Array): Int32Array {
  return words.map((_, state) => words[stateAfter(last, state)]!);
}

for (const entry of kernels) {
  const { kernel } = entry;
  const { octets } = kernel;
  const test = kernelSuite("validateUtf8 blocks", entry);
  const ptr = kernel.scratchPtr + 64;
  const secondPtr = ptr + 512;

  for (const [name, { before, after }] of Object.entries(surroundings)) {
    for (const behind of [0, 7, 35]) {
      test(`judges every sequence of boundary octets around every edge in ${name}, ${behind} octets before the end (§8.1)`, () => {
        const expected = wordsBefore(after(behind));
        let judged = 0;
        for (const length of lengths) {
          for (const offset of offsetsOf(length)) {
            const place = ptr + offset;
            const whole = offset + length + behind;
            octets.fill(POISON, ptr - 64, ptr + 256);
            octets.set(before(offset), ptr);
            octets.set(after(behind), place + length);
            const judge = (at: number, state: number): void => {
              for (const octet of edgeOctets) {
                octets[at] = octet;
                const now = next[state * 256 + octet]!;
                if (at - place < length - 1) {
                  judge(at + 1, now);
                  continue;
                }
                same(kernel.validateUtf8(ptr, whole, 0), expected[now]!, () => {
                  return `${toHex(octets.subarray(place, place + length))} at ${offset} of ${whole}`;
                });
                judged++;
              }
            };
            judge(place, COMPLETE);
          }
        }
        // Around an edge there is an offset more than the sequence has octets.
        assert.is(
          judged,
          lengths.reduce((sum, length) => sum + countOf(length) * (1 + 2 * (length + 1)), 0),
        );
      });
    }

    for (const behind of [0, 35]) {
      test(`goes on inside every sequence of boundary octets, cut anywhere, in ${name}, ${behind} octets before the end (§8.1)`, () => {
        const expected = wordsBefore(after(behind));
        let judged = 0;
        for (const length of lengths) {
          for (const offset of offsetsOf(length)) {
            for (let cut = 1; cut < length; cut++) {
              octets.fill(POISON, ptr - 64, secondPtr + 256);
              octets.set(before(offset), ptr);
              octets.set(after(behind), secondPtr + length - cut);
              const where = (): string => {
                const first = toHex(octets.subarray(ptr + offset, ptr + offset + cut));
                return `${first} | ${toHex(octets.subarray(secondPtr, secondPtr + length - cut))} after ${offset}`;
              };
              const judge = (index: number, state: number, carried: number): void => {
                const at = index < cut ? ptr + offset + index : secondPtr + index - cut;
                for (const octet of edgeOctets) {
                  octets[at] = octet;
                  const now = next[state * 256 + octet]!;
                  if (index === length - 1) {
                    const found = kernel.validateUtf8(secondPtr, length - cut + behind, carried);
                    same(found, expected[now]!, () => `second piece of ${where()}`);
                    judged++;
                  } else if (index === cut - 1) {
                    const found = kernel.validateUtf8(ptr, offset + cut, 0);
                    same(found, words[now]!, () => `first piece of ${where()}`);
                    judge(index + 1, now, found);
                  } else {
                    judge(index + 1, now, carried);
                  }
                }
              };
              judge(0, COMPLETE, 0);
            }
          }
        }
        assert.is(
          judged,
          lengths.reduce((sum, length) => sum + countOf(length) * (1 + 2 * (length + 1)) * (length - 1), 0),
        );
      });
    }
  }

  test("finds one wrong octet anywhere in a long text (§8.1)", () => {
    const text = nonAsciiBefore(4095);
    kernel.octets.set(text, ptr);
    same(kernel.validateUtf8(ptr, text.length, 0), 0, () => "the text before any octet is wrong");
    for (let at = 0; at < text.length; at++) {
      kernel.octets[ptr + at] = 0xff;
      same(kernel.validateUtf8(ptr, text.length, 0), -1, () => `ff at ${at}`);
      kernel.octets[ptr + at] = text[at]!;
    }
  });

  test.run();
}
