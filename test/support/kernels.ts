// The kernels under test. Every suite runs once on each, and its first test asserts which one that is.

import { suite, type Test } from "uvu";
import * as assert from "uvu/assert";
import type { Kernel, KernelName } from "../../bindings/kernel/kernel.ts";
import { createScalarKernel } from "../../bindings/kernel/scalar.ts";
import { createWasmKernel } from "../../bindings/kernel/wasm.ts";
import { octetsOf } from "./files.ts";

/** A kernel and what tells it from the others. */
export interface KernelUnderTest {
  readonly label: "wasm release" | "wasm debug" | "scalar";
  readonly name: KernelName;
  /** Whether a call outside the regions traps: only the debug build keeps its assertions. */
  readonly traps: boolean;
  readonly kernel: Kernel;
}

/** The debug build, which no package holds; WSIMD_DEBUG_MODULE names another place. */
export const debugModule: Uint8Array<ArrayBuffer> = await octetsOf(
  new URL(globalThis.process?.env.WSIMD_DEBUG_MODULE ?? "../../module/debug.wasm", import.meta.url),
);

/** The inlined release build, the debug build with its assertions, the scalar twin. */
export const kernels: readonly KernelUnderTest[] = [
  { label: "wasm release", name: "wasm", traps: false, kernel: createWasmKernel() },
  {
    label: "wasm debug",
    name: "wasm",
    traps: true,
    kernel: createWasmKernel(debugModule),
  },
  { label: "scalar", name: "scalar", traps: false, kernel: createScalarKernel() },
];

/** A suite about `topic` on one kernel. Its first test asserts which kernel runs. */
export function kernelSuite(topic: string, { label, name, traps, kernel }: KernelUnderTest): Test {
  const test = suite(`${topic} / ${label}`);
  test(`runs the ${label} kernel`, () => {
    assert.is(kernel.name, name);
    let trapped = false;
    try {
      kernel.highBits(0, 1);
    } catch (error) {
      trapped = error instanceof WebAssembly.RuntimeError;
    }
    assert.is(trapped, traps, "an out-of-region call traps in the debug build alone");
  });
  return test;
}
