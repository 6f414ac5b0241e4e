// wsimd/utf-8-validate beside the package: the native add-on and its JavaScript fallback are given the same octets.

import * as assert from "uvu/assert";
import isValidUTF8 from "../../bindings/drop-in/utf-8-validate.ts";
import { thrownBy } from "../connection/support.ts";
import { builtOnKernel, poison } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled, hex, Random, utf8 } from "../support/octets.ts";
import { detached, resizable, validatingAddon, validatingFallback } from "./support.ts";

for (const tested of kernels) {
  const test = builtOnKernel("utf-8-validate", tested);

  const agree = (octets: Uint8Array, label: string): void => {
    poison(tested.kernel);
    const found = isValidUTF8(octets);
    assert.is(found, validatingFallback(octets), label);
    assert.is(found, validatingAddon(octets), `${label}, the add-on's`);
  };

  test("every character length, cut anywhere, at any alignment (RFC 3629)", () => {
    const text = utf8("naïve Ελληνικά русский 日本語 עברית 😀🏳️‍🌈 \u{10ffff}");
    for (let cut = 0; cut <= text.length; cut++) {
      agree(text.subarray(0, cut), `up to ${cut}`);
      agree(text.subarray(cut), `from ${cut}`);
    }
  });

  test("seeded text with a wrong octet, short and long, judged alike", () => {
    const random = new Random(3629);
    const alphabet = [..."aé語😀"].map(utf8);
    let invalidCount = 0;
    for (let round = 0; round < 2500; round++) {
      const count = round % 40 === 0 ? random.below(60_000) : random.below(round % 2 === 0 ? 12 : 400);
      const parts =
        round % 40 === 0 ? filled(count, 0x61) : concat(...Array.from({ length: count }, () => random.pick(alphabet)));
      if (parts.length > 0 && random.below(3) > 0) parts[random.below(parts.length)] = random.below(256);
      agree(parts.subarray(random.below(2)), `round ${round}`);
      if (!isValidUTF8(parts)) invalidCount++;
    }
    assert.ok(invalidCount > 500 && invalidCount < 2000, `${invalidCount} of 2500 are invalid`);
  });

  test("what is not UTF-8: overlong forms, surrogates, past U+10FFFF, lone and missing continuations", () => {
    for (const wrong of [
      "c0 80",
      "c1 bf",
      "e0 80 80",
      "e0 9f bf",
      "ed a0 80",
      "ed bf bf",
      "f0 80 80 80",
      "f4 90 80 80",
      "f5 80 80 80",
      "80",
      "c2",
      "e2 82",
      "f0 9f 98",
      "ff",
    ]) {
      for (const before of [0, 1, 30, 2000]) {
        const octets = concat(filled(before, 0x61), hex(wrong));
        assert.is(isValidUTF8(octets), false, `${before} octets, then ${wrong}`);
        agree(octets, wrong);
      }
    }
  });

  test("views of other elements, shared and resizable memory count as their octets; gone ones are empty", () => {
    for (const length of [8, 64, 4096]) {
      for (const buffer of [new ArrayBuffer(length), new SharedArrayBuffer(length), resizable(length)]) {
        const octets = new Uint8Array(buffer).fill(0x61);
        const views = [octets, new DataView(buffer), new Uint16Array(buffer), Buffer.from(buffer)];
        for (const view of views) assert.is(isValidUTF8(view), true, `${buffer.constructor.name}, ${length} octets`);
        octets[length - 1] = 0xff;
        for (const view of views) assert.is(isValidUTF8(view), false, `${buffer.constructor.name}, ${length} octets`);
      }
    }
    const shrunk = resizable(64);
    const view = new Uint8Array(shrunk, 32, 32).fill(0xff);
    shrunk.resize(40);
    for (const gone of [detached(64), detached(2000), view, new Uint8Array(0)]) {
      try {
        assert.is(isValidUTF8(gone), true);
      } catch (error) {
        // Optimised code of Node 20 and 22 may see the length that a detached view had: see views.ts.
        assert.match((error as Error).message, /is detached/);
      }
    }
  });

  test("what is no view throws a TypeError", () => {
    const strangers = [undefined, null, 5, "text", [0x61], {}, new ArrayBuffer(8), new Proxy(new Uint8Array(8), {})];
    for (const stranger of strangers as Uint8Array[])
      assert.is(
        thrownBy(() => isValidUTF8(stranger)),
        "TypeError",
      );
    const liar = Object.defineProperty(filled(8, 0x61), "length", { value: 64 });
    assert.is(
      thrownBy(() => isValidUTF8(liar)),
      "TypeError",
    );
  });

  test.run();
}
