// mask, RFC 6455 §5.3, against a loop that is the section's own formula.

import * as assert from "uvu/assert";
import { same, sameOctets } from "../support/assertions.ts";
import { kernelSuite, kernels } from "../support/kernels.ts";
import { hex, placeGuarded, Random, toHex } from "../support/octets.ts";

const maskingKey = hex("37 fa 21 3d");
const keyWord = 0x3d21fa37;

/** §5.3: transformed-octet-i = original-octet-i XOR masking-key-octet-(i MOD 4), from octet `phase` of the key. */
function expectedOf(octets: Uint8Array, phase: number): Uint8Array {
  return Uint8Array.from(octets, (octet, index) => octet ^ maskingKey[(index + phase) % 4]!);
}

for (const entry of kernels) {
  const { kernel } = entry;
  const test = kernelSuite("mask", entry);
  const all = new Random(1).octets(300);
  const base = kernel.scratchPtr + 64;

  const maskAt = (ptr: number, octets: Uint8Array, phase: number): Uint8Array => {
    const where = () => `${octets.length} octets at address ${ptr} (mod 16: ${ptr % 16}), phase ${phase}`;
    const guardsStand = placeGuarded(kernel.octets, ptr, octets);
    const after = kernel.mask(ptr, octets.length, keyWord, phase);
    same(after, (phase + octets.length) % 4, () => `phase after ${where()}`);
    same(guardsStand(), true, () => `guards around ${where()}`);
    return kernel.octets.subarray(ptr, ptr + octets.length);
  };

  test('masks "Hello" as the example does (§5.7)', () => {
    assert.is(toHex(maskAt(base, hex("48 65 6c 6c 6f"), 0)), "7f 9f 4d 51 58");
  });

  test("masks every length at every phase and alignment, and nothing around it (§5.3)", () => {
    for (let phase = 0; phase < 4; phase++) {
      const expected = expectedOf(all, phase);
      for (let alignment = 0; alignment < 16; alignment++) {
        for (let length = 0; length <= all.length; length++) {
          const found = maskAt(base + alignment, all.subarray(0, length), phase);
          sameOctets(
            found,
            expected.subarray(0, length),
            () => `length ${length}, phase ${phase}, alignment ${alignment}`,
          );
        }
      }
    }
  });

  test("continues across a cut at every position (§5.3)", () => {
    for (let phase = 0; phase < 4; phase++) {
      const expected = expectedOf(all, phase);
      for (let cut = 0; cut <= all.length; cut++) {
        kernel.octets.set(all, base);
        const middle = kernel.mask(base, cut, keyWord, phase);
        const last = kernel.mask(base + cut, all.length - cut, keyWord, middle);
        sameOctets(kernel.octets.subarray(base, base + all.length), expected, () => `cut ${cut}, phase ${phase}`);
        same(last, phase, () => `phase after 300 octets cut at ${cut}`);
      }
    }
  });

  test("restores octets that are masked twice (§5.3)", () => {
    for (let length = 0; length <= 140; length++) {
      kernel.octets.set(all.subarray(0, length), base);
      kernel.mask(base, length, keyWord, 3);
      kernel.mask(base, length, keyWord, 3);
      sameOctets(kernel.octets.subarray(base, base + length), all.subarray(0, length), () => `length ${length}`);
    }
  });

  test("uses all 32 bits of a key whose top bit is set (§5.3)", () => {
    for (const key of [0x80000000, 0xffffffff, 0xff000000, 0xdeadbeef]) {
      for (let phase = 0; phase < 4; phase++) {
        kernel.octets.fill(0, base, base + 21);
        kernel.mask(base, 21, key, phase);
        const expected = Uint8Array.from({ length: 21 }, (_, index) => key >>> (((index + phase) % 4) * 8));
        sameOctets(kernel.octets.subarray(base, base + 21), expected, () => `key ${key.toString(16)}, phase ${phase}`);
      }
    }
  });

  test("reaches the very end of the input and of the scratch region", () => {
    for (const end of [kernel.inputPtr + kernel.inputCapacity, kernel.scratchPtr + kernel.scratchCapacity]) {
      for (let length = 0; length <= 80; length++) {
        sameOctets(
          maskAt(end - length, all.subarray(0, length), 1),
          expectedOf(all.subarray(0, length), 1),
          () => `${length} octets`,
        );
      }
    }
  });

  test("masks a whole region at once", () => {
    for (const ptr of [kernel.inputPtr, kernel.scratchPtr]) {
      const octets = new Random(2).octets(65536);
      sameOctets(maskAt(ptr, octets, 2), expectedOf(octets, 2), () => `from ${ptr}`);
    }
  });

  test.run();
}
