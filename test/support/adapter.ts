// The server that suites about servers are run on: the adapter of the runtime that runs them. The one place that says which.
// What is Node's own has its tests on wsimd/node itself: attach, handleUpgrade, the clients, reading into memory.

import type { createServer as createNodeServer } from "../../bindings/node/index.ts";
import { runtime } from "./runtime.ts";

type Create = typeof createNodeServer;

const names: Readonly<Record<typeof runtime, string>> = { node: "node", deno: "deno", bun: "bun", browser: "web" };

/** Where it is: for programs in processes of their own. */
export const adapterUrl: string = new URL(`../../bindings/${names[runtime]}/index.js`, import.meta.url).href;

const { createServer: create } = (await import(adapterUrl)) as { readonly createServer: Create };

export const createServer: Create = create;
