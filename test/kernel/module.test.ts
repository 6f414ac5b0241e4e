// What a host may rely on of the module: no imports, memory that never moves, a place for everything, a small file.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import * as K from "../../assembly/constants.ts";
import { moduleBase64 } from "../../bindings/kernel/module.ts";
import { callDecode } from "../support/driver.ts";
import { frame } from "../support/frames.ts";
import { debugModule, kernelSuite, kernels } from "../support/kernels.ts";
import { filled, hex, POISON } from "../support/octets.ts";

const PAGE_LENGTH = 65536;

const release = Uint8Array.from(atob(moduleBase64), (character) => character.charCodeAt(0));
const builds = { release, debug: debugModule };
const files = suite("module files");

for (const [name, octets] of Object.entries(builds)) {
  const module = new WebAssembly.Module(new Uint8Array(octets));

  files(`the ${name} build imports nothing`, () => {
    assert.equal(WebAssembly.Module.imports(module), []);
  });

  files(`the ${name} build exports its functions, its memory and its addresses`, () => {
    const exported = WebAssembly.Module.exports(module).filter(({ kind }) => kind !== "global");
    const names = exported.map((one) => one.name).sort();
    assert.equal(names, ["decode", "encode", "highBits", "mask", "memory", "transcode", "validateUtf8"]);
  });

  files(`the ${name} build has a memory that cannot grow, so that views never detach`, () => {
    const memory = new WebAssembly.Instance(module, {}).exports.memory as WebAssembly.Memory;
    const { buffer } = memory;
    assert.is(buffer.byteLength, 6 * PAGE_LENGTH);
    assert.throws(
      () => memory.grow(1),
      (error: unknown) => error instanceof RangeError,
    );
    assert.is(memory.buffer, buffer);
  });
}

files("the release build is at most 8192 octets and holds no assertions", () => {
  assert.ok(release.length <= 8192, `${release.length} octets`);
  assert.not.equal(release, builds.debug);
});

files.run();

for (const entry of kernels) {
  const { kernel } = entry;
  const test = kernelSuite("memory map", entry);
  const regions = [
    ["control block", kernel.controlPtr, K.CONTROL_LENGTH],
    ["records", kernel.recordsPtr, K.RECORD_CAPACITY * K.RECORD_WORDS * 4],
    ["input and its headroom", kernel.inputPtr - kernel.inputHeadroom, kernel.inputHeadroom + kernel.inputCapacity],
    [
      "scratch and room for a header",
      kernel.scratchPtr - K.MAX_HEADER_LENGTH,
      K.MAX_HEADER_LENGTH + kernel.scratchCapacity,
    ],
    ["UTF-16 and its margin", kernel.utf16Ptr, kernel.utf16Capacity + 32],
  ] as const;

  test("keeps the regions apart, with room for a vector after those that vectors read", () => {
    let free = 0;
    for (const [name, ptr, length] of regions) {
      assert.ok(ptr >= free, `${name} begins at ${ptr}, ${free - ptr} octets too early`);
      free = ptr + length;
      if (name.startsWith("input") || name.startsWith("scratch")) free += 16;
    }
    assert.ok(free <= kernel.octets.length, "all of it lies in memory");
  });

  test("aligns what is read as words of 4 and of 8 octets", () => {
    assert.is(kernel.controlPtr % 8, 0);
    assert.is(kernel.recordsPtr % 4, 0);
    assert.is(kernel.utf16Ptr % 2, 0);
    assert.is(kernel.control.byteOffset, kernel.controlPtr);
    assert.is(kernel.controlFloats.byteOffset, kernel.controlPtr);
    assert.is(kernel.records.byteOffset, kernel.recordsPtr);
    assert.is(kernel.octets.byteLength, kernel.octets.buffer.byteLength);
  });

  test("can carry the longest header and the longest control frame, less an octet", () => {
    assert.ok(kernel.inputHeadroom >= 2 + 4 + K.MAX_CONTROL_LENGTH - 1);
  });

  test("writes nowhere but in its regions", () => {
    // What transcode looks up stands before its region, and is written when the module starts.
    kernel.octets.fill(POISON, 0, kernel.scratchPtr + kernel.scratchCapacity);
    kernel.octets.fill(POISON, kernel.utf16Ptr);
    const before = kernel.octets.slice();
    const outside = (): string => {
      const wrong: number[] = [];
      const inside = regions.map(([, ptr, length]) => [ptr, ptr + length] as const);
      for (let at = 0; at < kernel.octets.length; at++) {
        if (kernel.octets[at] === before[at] || inside.some(([start, end]) => at >= start && at < end)) continue;
        wrong.push(at);
      }
      return wrong.join(" ");
    };
    const payload = filled(kernel.scratchCapacity, 0x2a);
    kernel.octets.set(payload, kernel.scratchPtr);
    kernel.encode(kernel.scratchPtr, payload.length, 0x82, 1, 0x3d21fa37);
    kernel.mask(kernel.inputPtr + 7, kernel.inputCapacity - 7, 0x3d21fa37, 1);
    kernel.highBits(kernel.inputPtr, kernel.inputCapacity);
    kernel.validateUtf8(kernel.scratchPtr + 5, kernel.scratchCapacity - 5, 0);
    kernel.transcode(kernel.scratchPtr + 5, kernel.utf16Capacity / 2);
    const text = frame({ opcode: 1, payload: filled(kernel.inputCapacity - 14, 0x2a), maskingKey: hex("37 fa 21 3d") });
    assert.is(callDecode(kernel, text, { role: "server" }).records.length, 1);
    assert.is(outside(), "");
  });

  if (entry.name === "wasm") {
    test("keeps the first 1024 octets free, which the optimiser takes as unused", () => {
      assert.ok(kernel.controlPtr >= 1024, `the control block begins at ${kernel.controlPtr}`);
    });
  }

  if (entry.traps) {
    test("traps where a call would leave the regions", () => {
      const { inputPtr, inputCapacity, inputHeadroom, scratchPtr, scratchCapacity } = kernel;
      const outside = [
        [0, 1],
        [inputPtr - inputHeadroom - 1, 1],
        [inputPtr, inputCapacity + 1],
        [inputPtr + inputCapacity, 1],
        [inputPtr, 0xffffffff],
        [scratchPtr, scratchCapacity + 1],
        [scratchPtr + scratchCapacity, 1],
        [kernel.controlPtr, 64],
      ] as const;
      const isTrap = (error: unknown): boolean => error instanceof WebAssembly.RuntimeError;
      for (const [ptr, length] of outside) {
        const where = `${length} octets at ${ptr}`;
        assert.throws(() => kernel.mask(ptr, length, 1, 0), isTrap, `mask of ${where}`);
        assert.throws(() => kernel.highBits(ptr, length), isTrap, `highBits of ${where}`);
        assert.throws(() => kernel.validateUtf8(ptr, length, 0), isTrap, `validateUtf8 of ${where}`);
        assert.throws(() => kernel.transcode(ptr, length), isTrap, `transcode of ${where}`);
        assert.throws(() => kernel.decode(ptr, length, 0, Infinity, Infinity), isTrap, `decode of ${where}`);
        if (ptr >= scratchPtr)
          assert.throws(() => kernel.encode(ptr, length, 0x82, 0, 0), isTrap, `encode of ${where}`);
      }
    });
  }

  test.run();
}
