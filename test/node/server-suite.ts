// Suites about servers that run once for each way of reading sockets: into linear memory, and by `data` events.

import { suite, type Test } from "uvu";
import type { KernelName } from "../../bindings/kernel/kernel.ts";
import { type Transport, transportsOf } from "./support.ts";

/** Suites as one: what it is given is registered with each. */
export interface SuiteOfServers {
  (...test: Parameters<Test>): void;
  run(): void;
}

/** Makes a suite for each way of reading. While one of its tests runs, servers that are told no way read in that one. */
export function onTransports(kernel: KernelName, make: (transport: Transport) => Test): SuiteOfServers {
  const before = process.env.WSIMD_TRANSPORT;
  const suites = transportsOf(kernel).map((transport) => {
    const test = make(transport);
    test.before(() => {
      process.env.WSIMD_TRANSPORT = transport;
    });
    test.after(() => {
      if (before === undefined) delete process.env.WSIMD_TRANSPORT;
      else process.env.WSIMD_TRANSPORT = before;
    });
    return test;
  });
  const each = (...parts: Parameters<Test>): void => {
    for (const test of suites) test(...parts);
  };
  return Object.assign(each, { run: () => suites.forEach((test) => void test.run()) });
}

/** A suite about servers: `withServer` fails where another way of reading is in use than the suite is for. */
export function serverSuite(topic: string, kernel: KernelName = "wasm"): SuiteOfServers {
  return onTransports(kernel, (transport) => suite(`${topic} / ${transport}`));
}
