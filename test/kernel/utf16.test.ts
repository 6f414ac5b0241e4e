// transcode gives what the platform's decoder gives, UTF-16 as RFC 2781 §2.1 has it: every character, at every place in a
// vector and on both sides of its edges, next to characters of every length; and it touches nothing but its region.

import * as assert from "uvu/assert";
import { same } from "../support/assertions.ts";
import { kernelSuite, kernels } from "../support/kernels.ts";
import { filled, POISON, placeGuarded, Random, toHex, utf8 } from "../support/octets.ts";

/** Octets of UTF-16LE that may change after those that are the result. */
const MARGIN = 32;

const LAST_POINT = 0x10ffff;

/** The first and the last characters of each length in UTF-8, those next to the surrogates, and one with every bit mixed. */
const characters = [0x00, 0x7f, 0x80, 0x416, 0x7ff, 0x800, 0x4e2d, 0xd7ff, 0xe000, 0xfeff, 0xffff, 0x10000, 0x1f389]
  .concat(0xffff0, 0x100000, LAST_POINT)
  .map((point) => String.fromCodePoint(point));

/** What stands around a character: one of each length. */
const neighbours = ["*", "é", "€", "😀"];

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** What the platform makes of octets, as UTF-16LE. */
function expectedOf(octets: Uint8Array): Buffer {
  return Buffer.from(decoder.decode(octets), "utf16le");
}

/** `neighbour` as often as it fits in `length` octets, with asterisks before it. */
function filler(neighbour: string, length: number): Uint8Array {
  const one = utf8(neighbour);
  const rest = length % one.length;
  return Uint8Array.from({ length }, (_, at) => (at < rest ? 0x2a : one[(at - rest) % one.length]!));
}

/** Calls `use` with texts of at most `capacity` octets that hold every Unicode scalar value, and says how many those were. */
function everyCharacter(capacity: number, around: (point: number) => string, use: (text: string) => void): number {
  let text = "";
  let count = 0;
  for (let point = 0; point <= LAST_POINT; point++) {
    if (point === 0xd800) point = 0xe000;
    text += String.fromCodePoint(point) + around(point);
    count++;
    if (text.length * 3 + 64 < capacity) continue;
    use(text);
    text = "";
  }
  use(text);
  return count;
}

for (const entry of kernels) {
  const { kernel } = entry;
  const { octets, utf16Ptr, utf16Capacity, scratchPtr, scratchCapacity, inputPtr, inputCapacity } = kernel;
  const test = kernelSuite("transcode", entry);
  const longest = utf16Capacity / 2;

  /** Fails unless `text`, valid UTF-8, at `ptr` gives what the platform gives. */
  function check(ptr: number, text: Uint8Array, what: () => string): void {
    octets.set(text, ptr);
    const expected = expectedOf(text);
    const unitCount = kernel.transcode(ptr, text.length);
    same(unitCount, expected.length / 2, () => `code units of ${what()}`);
    const found = octets.subarray(utf16Ptr, utf16Ptr + expected.length);
    same(Buffer.compare(found, expected), 0, () => `${what()}: ${toHex(text).slice(0, 400)}`);
  }

  for (const [name, around] of Object.entries<(point: number) => string>({
    "on its own": () => "",
    "between ASCII, at shifting places": (point) => "*".repeat(point % 5),
    "between characters of other lengths": (point) => neighbours[point % 4]! + neighbours[(point >> 4) % 4]!,
  })) {
    test(`transcodes each of the 1,112,064 characters, ${name} (RFC 3629 §3)`, () => {
      let texts = 0;
      const count = everyCharacter(longest, around, (text) => {
        check(scratchPtr + (texts++ % 17), utf8(text), () => `text ${texts}`);
      });
      assert.is(count, 1_112_064);
    });
  }

  test("transcodes characters of every length at every place up to 130, before and after those of every length", () => {
    for (const before of neighbours) {
      for (const after of neighbours) {
        for (const character of characters) {
          const encoded = utf8(character);
          for (let at = 0; at <= 130; at++) {
            const behind = (at * 7) % 40;
            const text = new Uint8Array(at + encoded.length + behind);
            text.set(filler(before, at));
            text.set(encoded, at);
            // Asterisks come first, where what follows has no room for a whole character.
            text.set(filler(after, behind), at + encoded.length);
            check(scratchPtr + 3, text, () => `${toHex(encoded)} at ${at} of ${text.length}`);
          }
        }
      }
    }
  });

  test("transcodes every length of every script, whatever follows in memory", () => {
    for (const character of characters) {
      const encoded = utf8(character);
      for (let length = 0; length <= 130; length += encoded.length) {
        for (const stale of [0x00, 0x2a, POISON, 0xd0, 0xe2, 0xf0, 0xff]) {
          octets.fill(stale, inputPtr - 16, inputPtr + length + 32);
          check(inputPtr, filler(character, length), () => `${length} octets before ${stale.toString(16)}`);
        }
      }
    }
  });

  test("transcodes random mixtures, and touches neither the text nor what lies around it and the result", () => {
    const random = new Random(2781);
    for (let round = 0; round < 3000; round++) {
      const choices = Array.from({ length: 1 + random.below(4) }, () => random.pick([...characters, ...neighbours]));
      let text = "";
      for (let left = random.below(random.pick([8, 80, 400])); left > 0; left--) text += random.pick(choices);
      const encoded = utf8(text);
      const ptr = random.pick([inputPtr, scratchPtr]) + random.below(500);
      const what = (): string => `round ${round}`;
      const isUntouched = placeGuarded(octets, ptr, encoded);
      const end = utf16Ptr + 2 * encoded.length + MARGIN;
      const before = octets.slice(utf16Ptr - 64, utf16Ptr);
      octets.fill(POISON, utf16Ptr, end + 64);
      check(ptr, encoded, what);
      assert.ok(isUntouched(), `${what()}: around the text`);
      same(Buffer.compare(octets.subarray(ptr, ptr + encoded.length), encoded), 0, () => `${what()}: the text`);
      same(Buffer.compare(octets.subarray(utf16Ptr - 64, utf16Ptr), before), 0, () => `${what()}: before the result`);
      assert.ok(
        octets.subarray(end, end + 64).every((octet) => octet === POISON),
        `${what()}: after the result`,
      );
    }
  });

  test("transcodes a text of the greatest length, at the end of either region, inside the memory", () => {
    for (const end of [inputPtr + inputCapacity, scratchPtr + scratchCapacity]) {
      for (const neighbour of neighbours) {
        check(end - longest, filler(neighbour, longest), () => `${longest} octets of ${neighbour}`);
      }
    }
    assert.ok(utf16Ptr + utf16Capacity + MARGIN <= octets.length);
  });

  test("keeps a byte order mark, and makes nothing of nothing", () => {
    check(scratchPtr, utf8("\ufeffa\ufeff"), () => "byte order marks");
    check(scratchPtr, filled(0, 0), () => "an empty text");
  });

  if (entry.traps) {
    test("traps where the text is longer than the result may be", () => {
      octets.fill(0x2a, scratchPtr, scratchPtr + longest + 1);
      assert.is(kernel.transcode(scratchPtr, longest), longest);
      assert.throws(
        () => kernel.transcode(scratchPtr, longest + 1),
        (error: unknown) => error instanceof WebAssembly.RuntimeError,
      );
    });
  }

  test.run();
}
