// The server that suites about servers are run on: the adapter of the runtime that runs them. The one place that says which.
// What is Node's own has its tests on wsimd/node itself: attach, handleUpgrade, the clients, reading into memory.

import type { createServer as createNodeServer } from "../../bindings/node/index.ts";
import { runtime } from "./runtime.ts";

type Create = typeof createNodeServer;

const adapters: Readonly<Record<typeof runtime, () => Promise<Create>>> = {
  node: async () => (await import("../../bindings/node/index.ts")).createServer,
  deno: async () => (await import("../../bindings/deno/index.ts")).createServer as unknown as Create,
  bun: async () => (await import("../../bindings/bun/index.ts")).createServer as unknown as Create,
  browser: () => Promise.reject(new Error("a browser has no server")),
};

export const createServer: Create = await adapters[runtime]();
