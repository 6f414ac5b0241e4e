// highBits: whether octets are all ASCII, asked without changing them.

import { same, sameOctets } from "../support/assertions.ts";
import { kernelSuite, kernels } from "../support/kernels.ts";
import { filled, POISON, placeGuarded } from "../support/octets.ts";

for (const entry of kernels) {
  const { kernel } = entry;
  const test = kernelSuite("highBits", entry);

  /** Whether `octets` have a high bit, placed where every octet around them has one. */
  const isHigh = (octets: Uint8Array, ptr: number): boolean => {
    const guardsStand = placeGuarded(kernel.octets, ptr, octets);
    const found = kernel.highBits(ptr, octets.length) !== 0;
    same(guardsStand(), true, () => `guards around ${octets.length} octets at ${ptr}`);
    sameOctets(kernel.octets.subarray(ptr, ptr + octets.length), octets, () => "the octets themselves");
    return found;
  };

  test("says no of ASCII among octets that are not", () => {
    for (let alignment = 0; alignment < 16; alignment++) {
      for (let length = 0; length <= 130; length++) {
        same(
          isHigh(filled(length, 0x7f), kernel.scratchPtr + 64 + alignment),
          false,
          () => `${length} octets, alignment ${alignment}`,
        );
      }
    }
  });

  test("sees one high bit at every position of every length", () => {
    const octets = filled(130, 0x7f);
    for (let length = 1; length <= 130; length++) {
      for (let position = 0; position < length; position++) {
        octets[position] = 0x80;
        same(isHigh(octets.subarray(0, length), kernel.scratchPtr + 64), true, () => `octet ${position} of ${length}`);
        octets[position] = 0x7f;
      }
    }
  });

  test("stops at the end of either region", () => {
    for (const end of [kernel.inputPtr + kernel.inputCapacity, kernel.scratchPtr + kernel.scratchCapacity]) {
      for (let length = 0; length <= 80; length++) {
        same(isHigh(filled(length, 0x7f), end - length), false, () => `${length} ASCII octets before ${end}`);
        if (length > 0)
          same(isHigh(filled(length, POISON), end - length), true, () => `${length} high octets before ${end}`);
      }
    }
  });

  test.run();
}
