// validateUtf8 where vectors of 16 octets meet, RFC 6455 §8.1: every sequence around the edges of Unicode's table 3-7, at
// every offset that a block edge can cut.

import { isUtf8 } from "node:buffer";
import { same } from "../support/assertions.ts";
import { kernelSuite, kernels } from "../support/kernels.ts";
import { filled, hex, POISON, toHex } from "../support/octets.ts";
import { boundaryOctets } from "../support/utf8.ts";

/** Rows of table 3-7: first and last lead, then the bounds of each continuation. */
const rows: readonly (readonly number[])[] = [
  [0xc2, 0xdf, 0x80, 0xbf],
  [0xe0, 0xe0, 0xa0, 0xbf, 0x80, 0xbf],
  [0xe1, 0xec, 0x80, 0xbf, 0x80, 0xbf],
  [0xed, 0xed, 0x80, 0x9f, 0x80, 0xbf],
  [0xee, 0xef, 0x80, 0xbf, 0x80, 0xbf],
  [0xf0, 0xf0, 0x90, 0xbf, 0x80, 0xbf, 0x80, 0xbf],
  [0xf1, 0xf3, 0x80, 0xbf, 0x80, 0xbf, 0x80, 0xbf],
  [0xf4, 0xf4, 0x80, 0x8f, 0x80, 0xbf, 0x80, 0xbf],
];

/** Each octet of each row at its lowest, its highest, and one beside either. */
const sequences: Uint8Array[] = [];
for (const [firstLead, lastLead, ...bounds] of rows) {
  let partial: number[][] = [...new Set([firstLead! - 1, firstLead!, lastLead!, lastLead! + 1])].map((lead) => [lead]);
  for (let at = 0; at < bounds.length; at += 2) {
    const choices = [bounds[at]! - 1, bounds[at]!, bounds[at + 1]!, bounds[at + 1]! + 1];
    partial = partial.flatMap((begun) => choices.map((octet) => [...begun, octet]));
  }
  for (const octets of partial) sequences.push(Uint8Array.from(octets));
}

const euro = hex("e2 82 ac");
const paddings: Record<string, (length: number) => Uint8Array> = {
  ASCII: (length) => filled(length, 0x2a),
  // As many euro signs as fit, and asterisks before them.
  "non-ASCII": (length) =>
    Uint8Array.from({ length }, (_, at) => (at < length % 3 ? 0x2a : euro[(at - (length % 3)) % 3]!)),
};

/** Offsets that put a sequence before, on and after each edge of 16 and 64 octets. */
const offsets = Array.from({ length: 133 }, (_, offset) => offset).filter(
  (offset) => offset < 34 || (offset + 5) % 16 < 10 || offset > 120,
);

for (const entry of kernels) {
  const { kernel } = entry;
  const test = kernelSuite("validateUtf8 blocks", entry);
  const ptr = kernel.scratchPtr + 64;

  for (const [name, padding] of Object.entries(paddings)) {
    for (const behind of [0, 7, 35]) {
      test(`judges every edge of table 3-7 at every offset after ${name}, ${behind} octets before the end (§8.1)`, () => {
        for (const offset of offsets) {
          kernel.octets.fill(POISON, ptr, ptr + 256);
          kernel.octets.set(padding(offset), ptr);
          for (const sequence of sequences) {
            const length = offset + sequence.length + behind;
            kernel.octets.set(sequence, ptr + offset);
            kernel.octets.set(padding(behind), ptr + offset + sequence.length);
            kernel.octets.fill(POISON, ptr + length, ptr + length + 32);
            const verdict = kernel.validateUtf8(ptr, length, 0) === 0;
            same(verdict, isUtf8(kernel.octets.subarray(ptr, ptr + length)), () => `${toHex(sequence)} at ${offset}`);
          }
        }
      });
    }
  }

  test("judges all pairs of boundary octets inside a character of four octets, across an edge (§8.1)", () => {
    for (const offset of [0, 13, 14, 15, 16, 61, 62, 63, 64]) {
      kernel.octets.fill(0x2a, ptr, ptr + 100);
      for (const first of boundaryOctets) {
        for (const second of boundaryOctets) {
          for (const [before, after] of [
            ["f1", "80"],
            ["f1 80", ""],
            ["", "80 80"],
            ["e1", ""],
            ["", "80"],
            ["", ""],
          ] as const) {
            const sequence = [...hex(before), first, second, ...hex(after)];
            kernel.octets.fill(0x2a, ptr + offset, ptr + offset + 8);
            kernel.octets.set(sequence, ptr + offset);
            const expected = isUtf8(kernel.octets.subarray(ptr, ptr + 100));
            same(
              kernel.validateUtf8(ptr, 100, 0) === 0,
              expected,
              () => `${toHex(Uint8Array.from(sequence))} at ${offset}`,
            );
          }
        }
      }
    }
  });

  test("finds one wrong octet anywhere in a long text (§8.1)", () => {
    const text = paddings["non-ASCII"]!(4095);
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
