// The runtimes that tests run on.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const peer = (name) => `${root}.peers/${name}`;

/** Deno looks for nothing newer, and takes the packages that are there. */
const denoOptions = ["run", "--quiet", "--allow-all", "--no-lock", "--node-modules-dir=manual"];

/** By name: the command that runs a program. */
export const runtimes = {
  node: { command: [process.execPath, ...process.execArgv] },
  node22: { command: [peer("node22")] },
  node24: { command: [peer("node24")] },
  node26: { command: [peer("node26")] },
  deno: { command: [peer("deno"), ...denoOptions], env: { DENO_NO_UPDATE_CHECK: "1" } },
  bun: { command: [peer("bun")] },
};

/** The runtime of a name. @throws Error with what to do, if there is none */
export function runtimeOf(name) {
  const runtime = runtimes[name];
  if (runtime === undefined) throw new Error(`${name}: not one of ${Object.keys(runtimes).join(", ")}`);
  const [program] = runtime.command;
  if (!existsSync(program)) throw new Error(`${name} is not there: node scripts/peers.mjs ${name}`);
  return { name, ...runtime };
}
