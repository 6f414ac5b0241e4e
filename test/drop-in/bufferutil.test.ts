// wsimd/bufferutil beside the package: the native add-on and its JavaScript fallback get the same arguments, as far as they
// survive them. What is no view, or out of range, only ours is given: the add-on would end the process or leave its memory.

import { runInNewContext } from "node:vm";
import * as assert from "uvu/assert";
import { mask, unmask } from "../../bindings/drop-in/bufferutil.ts";
import { thrownBy } from "../connection/support.ts";
import { builtOnKernel, poison } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled, hex, POISON, Random } from "../support/octets.ts";
import { addon, type BufferUtil, detached, fallback, resizable } from "./support.ts";

const ours = { mask, unmask } as BufferUtil;
const key = hex("37 fa 21 3d");
const lengths = [0, 1, 2, 3, 4, 5, 7, 8, 31, 32, 33, 43, 44, 45, 55, 56, 57, 63, 64, 65, 125, 126, 1100, 1101];
const longLengths = [16_383, 16_384, 16_385, 65_535, 65_536, 65_537, 200_001];

/** The octets that `work` leaves in a copy of `octets`. */
function after(octets: Uint8Array, work: (octets: Uint8Array) => void): Uint8Array {
  const copy = Buffer.from(octets.slice().buffer);
  work(copy);
  return copy;
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

for (const tested of kernels) {
  const test = builtOnKernel("bufferutil", tested);

  test("unmask leaves what the add-on and its fallback leave, at any alignment, and changes nothing beside it (§5.3)", () => {
    for (const length of [...lengths, ...longLengths]) {
      const random = new Random(length);
      for (let at = 0; at < (length > 2000 ? 2 : 9); at++) {
        const memory = random.octets(at + length + 16);
        const by = (util: BufferUtil): Uint8Array =>
          after(memory, (octets) => util.unmask(octets.subarray(at, at + length), key));
        poison(tested.kernel);
        const result = by(ours);
        assert.ok(isSame(result, by(fallback)), `${length} octets at ${at}`);
        assert.ok(isSame(result, by(addon)), `${length} octets at ${at}, the add-on's`);
      }
    }
  });

  test("mask leaves what the add-on and its fallback leave: seeded lengths, alignments, offsets, keys within octets (§5.3)", () => {
    const random = new Random(6455);
    for (let round = 0; round < 3000; round++) {
      const length = round % 50 === 0 ? random.pick(longLengths) : random.below(round % 3 === 0 ? 1500 : 150);
      const source = random.octets(length + random.below(20)).subarray(random.below(9));
      const octets = Math.min(length, source.length);
      const offset = random.below(40);
      const output = random.octets(offset + octets + random.below(20));
      const keys = random.octets(4 + random.below(9));
      const at = random.below(keys.length - 3);
      const by = (util: BufferUtil): Uint8Array =>
        after(output, (copy) => util.mask(source, keys.subarray(at), copy, offset, octets));
      poison(tested.kernel);
      const before = source.slice();
      const result = by(ours);
      assert.ok(isSame(result, by(fallback)), `round ${round}: ${octets} octets to ${offset}`);
      assert.ok(isSame(result, by(addon)), `round ${round}: ${octets} octets to ${offset}, the add-on's`);
      assert.ok(isSame(source, before), "the source stays as it was");
    }
  });

  test("mask within one buffer, in either direction and onto itself, leaves what the fallback's loop leaves", () => {
    const random = new Random(1);
    for (let round = 0; round < 3000; round++) {
      const length = round % 50 === 0 ? random.pick(longLengths) : 1 + random.below(round % 3 === 0 ? 1500 : 150);
      const distance = random.below(round % 2 === 0 ? 40 : 2 * length + 20) - (round % 2 === 0 ? 20 : length);
      const start = random.below(9) + Math.max(0, -distance);
      const memory = random.octets(start + Math.abs(distance) + length + random.below(9));
      const base = random.below(Math.min(start, start + distance) + 1); // output begins there, its offset is what is left
      const by = (util: BufferUtil): Uint8Array =>
        after(memory, (octets) => {
          const target = octets.subarray(base);
          util.mask(octets.subarray(start), key, target, start + distance - base, length);
        });
      const result = by(ours);
      const label = `round ${round}: ${length} octets, ${distance} on`;
      assert.ok(isSame(result, by(fallback)), label);
      // The add-on goes in steps of up to 16 octets.
      if (distance <= 0 || distance >= 16) assert.ok(isSame(result, by(addon)), `${label}, the add-on's`);
    }
  });

  test("the key is read before anything is written, though it lies among the octets that are masked", () => {
    for (const length of [16, 100, 20_000]) {
      const octets = new Random(length).octets(length);
      const expected = after(octets, (copy) => fallback.unmask(copy, octets.slice(8, 12)));
      unmask(octets, octets.subarray(8, 12));
      assert.ok(isSame(octets, expected), `${length} octets`);
    }
  });

  test("views of other elements, shared and resizable memory count as their octets, as with the add-on", () => {
    for (const length of [16, 64, 1600]) {
      const memory = new Random(length).octets(length + 16);
      const expected = after(memory, (copy) => addon.unmask(copy.subarray(8, 8 + length), key));
      const shared = new Uint8Array(new SharedArrayBuffer(length + 16));
      const growing = new Uint8Array(resizable(length + 16));
      for (const octets of [memory.slice(), shared, growing]) {
        const { buffer } = octets;
        for (const View of [DataView, Uint16Array, Float64Array, Int8Array, Uint8ClampedArray, Buffer]) {
          octets.set(memory);
          const view = View === Buffer ? Buffer.from(buffer, 8, length) : null;
          const Typed = View as unknown as new (buffer: ArrayBufferLike, at: number, count: number) => DataView;
          const elements = length / ("BYTES_PER_ELEMENT" in View ? View.BYTES_PER_ELEMENT : 1);
          unmask(view ?? new Typed(buffer, 8, elements), new DataView(key.buffer));
          assert.ok(isSame(octets, expected), `${View.name} of ${buffer.constructor.name}, ${length} octets`);
        }
      }
    }
  });

  test("octets of another realm, as in a test runner's, are octets", () => {
    const foreign = runInNewContext("new Uint8Array(100)") as Uint8Array;
    assert.not.ok(foreign instanceof Uint8Array);
    unmask(foreign, key);
    assert.equal(
      Array.from(foreign),
      Array.from(foreign, (_, at) => key[at & 3]),
    );
    mask(foreign, foreign, foreign, 0, 100);
    assert.ok(foreign.every((octet) => octet === 0));
  });

  test("a range that the views do not have throws a RangeError, and nothing is written", () => {
    const random = new Random(2);
    const numbers = [
      -1,
      -8,
      -0.5,
      0.5,
      1.5,
      4,
      60,
      64,
      65,
      1e9,
      2 ** 31,
      2 ** 32,
      2 ** 53,
      1e300,
      -1e300,
      Infinity,
      -Infinity,
      NaN,
    ];
    const memory = filled(400, POISON);
    let thrownCount = 0;
    for (let round = 0; round < 4000; round++) {
      const source = memory.subarray(100, 100 + random.below(70));
      const output = memory.subarray(200, 200 + random.below(70));
      const offset = random.below(2) === 0 ? random.below(70) : random.pick(numbers);
      const length = random.below(2) === 0 ? random.below(70) : random.pick(numbers);
      const maskOctets = key.subarray(0, random.pick([4, 4, 4, 3, 1, 0]));
      const label = `${source.length} octets, mask of ${maskOctets.length}, into ${output.length}, ${offset}, ${length}`;
      const isDone =
        !(length > 0) ||
        (Number.isInteger(length) &&
          length <= source.length &&
          Number.isInteger(offset) &&
          offset >= 0 &&
          offset + length <= output.length &&
          maskOctets.length === 4);
      const thrown = thrownBy(() => mask(source, maskOctets, output, offset, length));
      assert.is(thrown, isDone ? "" : "RangeError", label);
      const expected = filled(400, POISON);
      if (isDone) fallback.mask(source, maskOctets, expected.subarray(200, 200 + output.length), offset, length);
      assert.ok(isSame(memory, expected), label);
      memory.fill(POISON);
      if (!isDone) thrownCount++;
    }
    assert.ok(thrownCount > 1000 && thrownCount < 3900, `${thrownCount} of 4000 threw`);
  });

  test("detached and shrunk buffers have no octets", () => {
    const octets = filled(64, POISON);
    const shrunk = resizable(64);
    const view = new Uint8Array(shrunk, 32, 32);
    shrunk.resize(40);
    for (const gone of [detached(64), view]) {
      // Optimised code of Node 20 and 22 may see the length that a detached view had: see views.ts.
      assert.ok(["", "TypeError"].includes(thrownBy(() => unmask(gone, key))));
      mask(gone, key, octets, 0, 0);
      for (const length of [1, 32, 64]) {
        assert.is(
          thrownBy(() => mask(gone, key, octets, 0, length)),
          "RangeError",
        );
        assert.is(
          thrownBy(() => mask(octets, key, gone, 0, length)),
          "RangeError",
        );
        assert.is(
          thrownBy(() => mask(octets, gone, octets, 0, length)),
          "RangeError",
        );
      }
      assert.is(
        thrownBy(() => unmask(octets, gone)),
        "RangeError",
      );
    }
    assert.equal(octets, filled(64, POISON));
  });

  test("what is no view, and an offset or a length that is no number, throws a TypeError", () => {
    const octets = filled(64, POISON);
    const strangers = [
      undefined,
      null,
      5,
      "octets",
      [1, 2, 3, 4],
      {},
      new ArrayBuffer(8),
      new Proxy(octets, {}),
      octets.values(),
    ];
    strangers.push(Object.setPrototypeOf({ length: 64 }, Uint8Array.prototype));
    for (const stranger of strangers as Uint8Array[]) {
      const calls: readonly (() => void)[] = [
        () => mask(stranger, key, octets, 0, 64),
        () => mask(octets, stranger, octets, 0, 64),
        () => mask(octets, key, stranger, 0, 64),
        () => mask(octets, stranger, octets, 0, 0),
        () => unmask(stranger, key),
        () => unmask(octets, stranger),
        () => unmask(new Uint8Array(0), stranger),
      ];
      for (const call of calls) assert.is(thrownBy(call), "TypeError", `${String(call)} ${typeof stranger}`);
    }
    for (const number of [undefined, null, "0", 0n, {}, [0], { valueOf: () => 0 }] as unknown as number[]) {
      assert.is(
        thrownBy(() => mask(octets, key, octets, number, 4)),
        "TypeError",
      );
      assert.is(
        thrownBy(() => mask(octets, key, octets, 0, number)),
        "TypeError",
      );
    }
    assert.equal(octets, filled(64, POISON));
  });

  test("a view that says another length than it has is refused: linear memory keeps its octets", () => {
    const { octets, scratchPtr, scratchCapacity } = tested.kernel;
    const memory = octets.slice(scratchPtr + scratchCapacity);
    for (const [length, said] of [
      [8, 64],
      [0, 64],
      [64, 8],
      [100_000, 100],
    ] as const) {
      const liar = Object.defineProperty(filled(length, POISON), "length", { value: said });
      class Short extends Uint8Array {
        override get length(): number {
          return said;
        }
      }
      for (const view of [liar, new Short(length)]) {
        assert.is(
          thrownBy(() => unmask(view, key)),
          "TypeError",
        );
        const thrown = length < said ? "RangeError" : "TypeError";
        assert.is(
          thrownBy(() => mask(view, key, filled(100, 0), 0, said)),
          thrown,
        );
        const output = length < said ? "RangeError" : "";
        assert.is(
          thrownBy(() => mask(filled(100, 0), key, view, 0, said)),
          output,
        );
      }
    }
    assert.ok(isSame(octets.subarray(scratchPtr + scratchCapacity), memory), "what lies behind the scratch region");
  });

  test("frames of ws's own layout: a header before the payload in one buffer", () => {
    for (const length of [48, 125, 70_000]) {
      const payload = new Random(length).octets(length);
      const frame = Buffer.alloc(length + 14);
      mask(payload, key, frame, 14, length);
      const plain = concat(
        filled(14, 0),
        after(payload, (copy) => fallback.unmask(copy, key)),
      );
      assert.ok(isSame(frame, plain), `${length} octets`);
    }
  });

  test.run();
}
