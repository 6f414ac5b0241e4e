// The server that suites about servers are run on: the adapter of the runtime that runs them. The one place that says which.
// What is Node's own has its tests on wsimd/node itself: attach, handleUpgrade, the clients, reading into memory.

import { createServer as createNodeServer } from "../../bindings/node/index.ts";
import { runtime } from "./runtime.ts";

const adapters: Readonly<Record<typeof runtime, typeof createNodeServer>> = {
  node: createNodeServer,
  deno: createNodeServer,
  bun: createNodeServer,
  browser: createNodeServer,
};

export const createServer: typeof createNodeServer = adapters[runtime];
