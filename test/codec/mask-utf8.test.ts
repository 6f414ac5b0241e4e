// mask and isValidUtf8, as programs call them: any kind of octets, any length, and the errors for anything else.

import * as assert from "uvu/assert";
import { mask } from "../../bindings/codec/masking.ts";
import { isUtf8By, isValidUtf8 } from "../../bindings/codec/utf8.ts";
import { thrownBy } from "../connection/support.ts";
import { builtOnKernel, poison } from "../support/current-kernel.ts";
import { masked } from "../support/frames.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled, hex, POISON, Random, utf8 } from "../support/octets.ts";
import { isUtf8 } from "../support/utf8.ts";

const maskingKey = hex("37 fa 21 3d");
const keyWord = 0x3d21fa37;
const lengths = [0, 1, 3, 15, 16, 17, 47, 48, 49, 63, 64, 65, 125, 126, 1000, 65_535, 65_536, 65_537, 200_001];

for (const tested of kernels) {
  const test = builtOnKernel("mask and isValidUtf8", tested);

  test("mask changes its octets as §5.3 says, none beside them, and twice restores them", () => {
    for (const length of lengths) {
      const payload = new Random(length).octets(length);
      const padded = concat(filled(21, POISON), payload, filled(21, POISON));
      const view = padded.subarray(21, 21 + length);
      assert.is(mask(view, keyWord), length & 3, "the phase that continues");
      assert.is(Buffer.compare(view, masked(payload, maskingKey)), 0, `${length} octets`);
      assert.is(mask(view, keyWord), length & 3);
      assert.is(Buffer.compare(padded, concat(filled(21, POISON), payload, filled(21, POISON))), 0);
    }
  });

  test("mask goes on across a cut anywhere by the phase it returns (§5.3)", () => {
    const payload = new Random(5).octets(150);
    const whole = masked(payload, maskingKey);
    for (let cut = 0; cut <= payload.length; cut++) {
      const octets = payload.slice();
      const phase = mask(octets.subarray(0, cut), keyWord);
      poison(tested.kernel);
      mask(octets.subarray(cut), keyWord, phase);
      assert.equal(octets, whole, `cut at ${cut}`);
    }
  });

  test("mask takes buffers, shared buffers and views of any element, at any offset", () => {
    for (const length of [8, 64]) {
      const payload = new Random(length).octets(length);
      const whole = masked(payload, maskingKey);
      const own = payload.slice();
      mask(own.buffer, keyWord);
      assert.equal(own, whole);
      const shared = new Uint8Array(new SharedArrayBuffer(length));
      shared.set(payload);
      mask(shared.buffer, keyWord);
      assert.equal(Uint8Array.from(shared), whole);
      const padded = concat(filled(8, POISON), payload, filled(8, POISON));
      mask(new Float64Array(padded.buffer, 8, length / 8), keyWord);
      assert.equal(padded, concat(filled(8, POISON), whole, filled(8, POISON)));
    }
  });

  test("mask takes a key as a signed or an unsigned word", () => {
    const octets = hex("00 00 00 00 00");
    mask(octets, 0xfffefdfc);
    assert.equal(octets, hex("fc fd fe ff fc"));
    mask(octets, 0xfffefdfc | 0);
    assert.equal(octets, hex("00 00 00 00 00"));
  });

  test("isValidUtf8 agrees with the platform on random octets and on text, cut anywhere (RFC 3629)", () => {
    const random = new Random(3629);
    const text = utf8("naïve Ελληνικά русский 日本語 עברית 😀🏳️‍🌈 \u{10ffff}");
    for (let cut = 0; cut <= text.length; cut++) {
      for (const part of [text.subarray(0, cut), text.subarray(cut)]) {
        assert.is(isValidUtf8(part), isUtf8(part));
        assert.is(isUtf8By(tested.kernel, part), isUtf8(part));
      }
    }
    for (let round = 0; round < 2000; round++) {
      const octets = text.slice();
      octets[random.below(octets.length)] = random.below(256);
      assert.is(isValidUtf8(octets), isUtf8(octets));
      assert.is(isUtf8By(tested.kernel, octets), isUtf8(octets));
    }
  });

  test("isValidUtf8 finds what is wrong at either edge of its scratch region and far behind it", () => {
    for (const length of lengths.filter((length) => length > 4)) {
      const ascii = filled(length, 0x61);
      assert.is(isValidUtf8(ascii), true);
      assert.is(isUtf8By(tested.kernel, ascii), true);
      for (const at of [0, 1, 65_533, 65_535, 65_536, 131_071, length - 1].filter((at) => at < length)) {
        const wrong = ascii.slice();
        wrong[at] = 0xff;
        assert.is(isValidUtf8(wrong), false, `ff at ${at} of ${length}`);
        assert.is(isUtf8By(tested.kernel, wrong), false, `ff at ${at} of ${length}, by the kernel`);
        const cutShort = ascii.slice();
        cutShort.set(hex("f0 9f 98 80").subarray(0, length - at), at);
        assert.is(isValidUtf8(cutShort), isUtf8(cutShort), `a character from ${at} of ${length}`);
        assert.is(isUtf8By(tested.kernel, cutShort), isUtf8(cutShort), `the same, by the kernel`);
      }
    }
  });

  test("isValidUtf8 takes any kind of octets and changes none", () => {
    const padded = concat(filled(3, 0xff), utf8("κόσμε"), filled(3, 0xff));
    const before = padded.slice();
    assert.is(isValidUtf8(padded.subarray(3, 13)), true);
    assert.is(isValidUtf8(new DataView(padded.buffer, 3, 10)), true);
    assert.is(isValidUtf8(padded.buffer), false);
    assert.is(isValidUtf8(new ArrayBuffer(0)), true);
    assert.equal(padded, before);
  });

  test("anything but octets, a word and a phase throws a UsageError", () => {
    const octets = new Uint8Array(4);
    const calls: readonly (() => unknown)[] = [
      ...["text", null, undefined, 5, [1], {}].flatMap((value) => [
        () => mask(value as Uint8Array, 0),
        () => isValidUtf8(value as Uint8Array),
      ]),
      ...[1.5, NaN, Infinity, "1", null, undefined, 2 ** 32, -(2 ** 31) - 1].map(
        (key) => () => mask(octets, key as number),
      ),
      ...[-1, 4, 0.5, NaN, "1", null].map((phase) => () => mask(octets, 0, phase as number)),
    ];
    for (const call of calls) assert.is(thrownBy(call), "UsageError WS_ARGUMENT", String(call));
    assert.equal(octets, new Uint8Array(4));
  });

  test.run();
}
