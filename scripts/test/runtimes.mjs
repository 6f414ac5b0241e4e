// The runtimes that tests run on. What is not run on one of them, or known to fail there, is in differences.mjs.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openChromium } from "./chromium.mjs";
import { openProcesses } from "./processes.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const peer = (name) => `${root}.peers/${name}`;

/** Deno looks for nothing newer, and takes the packages that are there. */
const denoOptions = ["run", "--quiet", "--allow-all", "--no-lock", "--node-modules-dir=manual"];

/** The command that runs a program, by name; Chromium has none. */
const commands = {
  node: { command: [process.execPath, ...process.execArgv] },
  node22: { command: [peer("node22")] },
  node24: { command: [peer("node24")] },
  node26: { command: [peer("node26")] },
  deno: { command: [peer("deno"), ...denoOptions], env: { DENO_NO_UPDATE_CHECK: "1" } },
  bun: { command: [peer("bun")] },
};

export const runtimeNames = [...Object.keys(commands), "chromium"];

/**
 * Makes a runtime ready: it has `run(file, timeoutMs)`, and `close()`.
 *
 * @throws Error  with what to do, where there is none of the name
 */
export async function openRuntime(name) {
  if (!runtimeNames.includes(name)) throw new Error(`${name}: not one of ${runtimeNames.join(", ")}`);
  if (name === "chromium") return openChromium();
  const runtime = commands[name];
  const [program] = runtime.command;
  if (!existsSync(program)) throw new Error(`${name} is not there: node scripts/peers.mjs ${name}`);
  return openProcesses(runtime);
}
