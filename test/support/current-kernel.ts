// Makes a kernel under test the one that connections and decoders made from now on use. initSync chooses between two; the
// debug build is a third, so the choice is put where initSync keeps its own.

import type { Test } from "uvu";
import * as assert from "uvu/assert";
import type { Kernel } from "../../bindings/kernel/kernel.ts";
import { currentKernel } from "../../bindings/kernel/select.ts";
import { share } from "../../bindings/share.ts";
import { type KernelUnderTest, kernelSuite } from "./kernels.ts";
import { POISON } from "./octets.ts";

/** Makes `kernel` the one in use. */
export function useKernel(kernel: Kernel): void {
  share<{ current?: Kernel }>("kernels", {}).current = kernel;
}

/** A suite about what is built on a kernel; every test runs with that kernel in use. */
export function builtOnKernel(topic: string, tested: KernelUnderTest): Test {
  const test = kernelSuite(topic, tested);
  test.before.each(() => {
    useKernel(tested.kernel);
  });
  test(`is built on the ${tested.label} kernel`, () => {
    assert.is(currentKernel(), tested.kernel);
  });
  return test;
}

/** Overwrites all of linear memory that a kernel may use: between two calls nothing there means anything. */
export function poison(kernel: Kernel): void {
  const { octets, controlPtr, scratchPtr, scratchCapacity, utf16Ptr, utf16Capacity } = kernel;
  octets.fill(POISON, controlPtr, scratchPtr + scratchCapacity);
  octets.fill(POISON, utf16Ptr, utf16Ptr + utf16Capacity);
}
