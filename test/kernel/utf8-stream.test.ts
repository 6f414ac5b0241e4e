// validateUtf8 as a stream, RFC 6455 §8.1: the state that is carried between pieces, and how soon a fault is seen.

import * as assert from "uvu/assert";
import { same } from "../support/assertions.ts";
import { kernelSuite, kernels } from "../support/kernels.ts";
import { concat, filled, hex, POISON, Random, toHex, utf8 } from "../support/octets.ts";
import { boundaryOctets, firstInvalidOctet, isAlive } from "../support/utf8.ts";

/** Needed continuations, and the bounds of the next octet, as assembly/utf8.ts draws the state. */
function stateOf(needed: number, lowest: number, highest: number): number {
  return needed | (lowest << 8) | (highest << 16);
}

const unfinished: readonly (readonly [string, number])[] = [
  ["c2", stateOf(1, 0x80, 0xbf)],
  ["df", stateOf(1, 0x80, 0xbf)],
  ["e0", stateOf(2, 0xa0, 0xbf)],
  ["e1", stateOf(2, 0x80, 0xbf)],
  ["ec", stateOf(2, 0x80, 0xbf)],
  ["ed", stateOf(2, 0x80, 0x9f)],
  ["ee", stateOf(2, 0x80, 0xbf)],
  ["ef", stateOf(2, 0x80, 0xbf)],
  ["f0", stateOf(3, 0x90, 0xbf)],
  ["f1", stateOf(3, 0x80, 0xbf)],
  ["f3", stateOf(3, 0x80, 0xbf)],
  ["f4", stateOf(3, 0x80, 0x8f)],
  ["e0 a0", stateOf(1, 0x80, 0xbf)],
  ["ed 9f", stateOf(1, 0x80, 0xbf)],
  ["f0 90", stateOf(2, 0x80, 0xbf)],
  ["f4 8f", stateOf(2, 0x80, 0xbf)],
  ["f4 8f bf", stateOf(1, 0x80, 0xbf)],
];

/** Invalid sequences of boundary octets of which all but the last octet could still become valid. */
const faulty: Uint8Array[] = [];
function collect(begun: readonly number[]): void {
  for (const octet of boundaryOctets) {
    const octets = Uint8Array.from([...begun, octet]);
    if (!isAlive(octets)) faulty.push(octets);
    else if (octets.length < 4) collect([...octets]);
  }
}
collect([]);

const mixed = utf8(
  "κόσμε €𤭢 ASCII for a while, longer than any one vector; då ÿ \u{10ffff}\ud7ff\ue000 and 日本語のテキスト, twice: 日本語 🎉🎉 end",
);

for (const entry of kernels) {
  const { kernel } = entry;
  const test = kernelSuite("validateUtf8 stream", entry);
  const ptr = kernel.scratchPtr + 64;

  /** The state after each piece, with nothing but that piece in memory. */
  const states = (...pieces: readonly Uint8Array[]): number[] => {
    let state = 0;
    return pieces.map((piece) => {
      kernel.octets.fill(POISON, ptr - 16, ptr + piece.length + 32);
      kernel.octets.set(piece, ptr);
      state = kernel.validateUtf8(ptr, piece.length, state);
      return state;
    });
  };

  test("leaves the state of an unfinished character, after any text (§8.1)", () => {
    for (const [octets, state] of unfinished) {
      for (let padding = 0; padding <= 70; padding++) {
        const found = states(concat(filled(padding, 0x2a), hex(octets)))[0]!;
        same(
          found,
          state,
          () => `${padding} asterisks, then ${octets}: ${found.toString(16)}, not ${state.toString(16)}`,
        );
      }
    }
  });

  test("keeps the state over an empty piece", () => {
    for (const [octets, state] of unfinished) assert.equal(states(hex(octets), hex("")), [state, state], octets);
    assert.equal(states(hex("")), [0]);
  });

  test("stays invalid whatever follows", () => {
    for (let octet = 0; octet < 256; octet++)
      assert.equal(states(hex("80"), Uint8Array.of(octet)), [-1, -1], `80, then ${octet}`);
    assert.equal(states(hex("80"), hex(""), filled(40, 0x2a)), [-1, -1, -1]);
  });

  test("gives the verdict of the whole at every cut (§8.1)", () => {
    for (const damaged of [-1, 0, 3, 15, 16, 17, 63, 64, 65, 100, mixed.length - 1]) {
      const text = mixed.slice();
      if (damaged >= 0) text[damaged] = 0xff;
      const whole = states(text)[0]!;
      assert.is(whole, damaged < 0 ? 0 : -1);
      for (let cut = 0; cut <= text.length; cut++) {
        const [first, last] = states(text.subarray(0, cut), text.subarray(cut));
        same(last, whole, () => `cut ${cut}, ff at ${damaged}`);
        same(
          first === -1,
          firstInvalidOctet(text.subarray(0, cut), false) >= 0,
          () => `first piece, cut ${cut}, ff at ${damaged}`,
        );
      }
    }
  });

  test("gives the verdict of the whole in pieces of every length (§8.1)", () => {
    for (let length = 1; length <= 40; length++) {
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < mixed.length; at += length) pieces.push(mixed.subarray(at, at + length));
      same(states(...pieces).at(-1), 0, () => `pieces of ${length} octets`);
      same(
        states(...pieces.slice(0, -1), hex("")).includes(-1),
        false,
        () => `pieces of ${length} octets, the last one missing`,
      );
    }
  });

  test("reports a fault in the piece that holds the faulty octet, at every cut (§8.1)", () => {
    for (const sequence of faulty) {
      for (const padding of [0, 1, 14, 15, 16, 40]) {
        const text = concat(filled(padding, 0x2a), sequence);
        same(states(text)[0], -1, () => `whole: ${padding} asterisks, then ${toHex(sequence)}`);
        for (let cut = padding; cut < text.length; cut++) {
          const [first, last] = states(text.subarray(0, cut), text.subarray(cut));
          same(first === -1, false, () => `${toHex(text)}: too early, cut ${cut}`);
          same(last, -1, () => `${toHex(text)}: too late, cut ${cut}`);
        }
        same(states(concat(text, filled(30, 0x2a)))[0], -1, () => `${toHex(text)}, then 30 asterisks`);
      }
    }
  });

  test("sees no fault in what can still become valid, and one where the platform does, in random pieces (§8.1)", () => {
    const random = new Random(4);
    for (let turn = 0; turn < 400; turn++) {
      const octets = Uint8Array.from({ length: 12 }, () => random.pick(boundaryOctets.slice(0, turn % 2 ? 27 : 26)));
      const text = concat(utf8("€".repeat(turn % 11)), octets);
      const invalid = firstInvalidOctet(text, false);
      const cuts = [random.below(text.length + 1), random.below(text.length + 1)].sort((a, b) => a - b);
      const edges = [0, ...cuts, text.length];
      const found = states(...edges.slice(1).map((edge, index) => text.subarray(edges[index], edge)));
      const expected = edges.slice(1).map((edge) => invalid !== -1 && invalid < edge);
      assert.equal(
        found.map((state) => state === -1),
        expected,
        `${toHex(text)} cut at ${cuts}`,
      );
    }
  });

  test.run();
}
