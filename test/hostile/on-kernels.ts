// Suites of the corpus that run once on each kernel: the release build of the module, and the scalar twin. Those of servers run
// once for each way of reading besides.

import type { Test } from "uvu";
import * as assert from "uvu/assert";
import type { Kernel, KernelName } from "../../bindings/kernel/kernel.ts";
import { currentKernel } from "../../bindings/kernel/select.ts";
import { onTransports, type SuiteOfServers } from "../node/server-suite.ts";
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
export function kernelSuite(section: string, { name, kernel }: HostileKernel, variant: string = name): Test {
  const test = hostileSuite(section, variant);
  test.before.each(() => {
    useKernel(kernel);
    assert.is(currentKernel().name, name);
  });
  return test;
}

/** The same about servers; see onTransports. */
export function kernelServerSuite(section: string, tested: HostileKernel): SuiteOfServers {
  return onTransports(tested.name, (transport) => kernelSuite(section, tested, `${tested.name} / ${transport}`));
}

/** A suite about servers on a kernel that they are given by name. */
export function hostileServerSuite(section: string, kernel: KernelName = "wasm"): SuiteOfServers {
  return onTransports(kernel, (transport) => hostileSuite(section, `${kernel} / ${transport}`));
}
