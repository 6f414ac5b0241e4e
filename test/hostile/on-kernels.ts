// Suites of the corpus that run once on each kernel: the release build of the module, and the scalar twin.

import type { Test } from "uvu";
import * as assert from "uvu/assert";
import type { Kernel, KernelName } from "../../bindings/kernel/kernel.ts";
import { currentKernel } from "../../bindings/kernel/select.ts";
import { useKernel } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { hostileSuite } from "./support.ts";

/** A kernel that endpoints under the corpus run on. */
export interface HostileKernel {
  readonly name: KernelName;
  readonly kernel: Kernel;
}

export const hostileKernels: readonly HostileKernel[] = kernels.filter(({ label }) => label !== "wasm debug");

/** A suite whose tests run with a kernel in use, and fail where another is. */
export function kernelSuite(section: string, { name, kernel }: HostileKernel): Test {
  const test = hostileSuite(section, name);
  test.before.each(() => {
    useKernel(kernel);
    assert.is(currentKernel().name, name);
  });
  return test;
}
