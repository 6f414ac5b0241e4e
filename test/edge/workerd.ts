// workerd, the runtime of Cloudflare's Workers, which scripts/peers.mjs installs: runs a worker on loopback.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, type Test } from "uvu";
import { Program, packageRoot } from "../support/programs.ts";

const executable = join(packageRoot, ".peers/workerd");

/** A module of a worker, by the name that its imports resolve to. */
export interface WorkerModule {
  readonly name: string;
  readonly kind: "esModule" | "wasm" | "text" | "data";
  readonly content: string | Uint8Array;
}

export interface WorkerOptions {
  /** The first is the entry. */
  readonly modules: readonly WorkerModule[];
  readonly compatibilityDate?: string;
  readonly compatibilityFlags?: readonly string[];
}

/** Registers the tests of a suite. */
type Register = (test: Test) => void;

/** A suite that needs workerd; where it is not installed, it fails. The caller runs it. */
export function workerdSuite(title: string, register: Register): Test {
  const test = suite(`edge / ${title}`);
  if (existsSync(executable)) register(test);
  else
    test("workerd is there", () => {
      throw new Error("workerd is not there: node scripts/peers.mjs workerd");
    });
  return test;
}

/** A worker's service that listens on a free port; sockets that the worker opens reach this machine alone. */
function configOf({ modules, compatibilityDate = "2026-01-01", compatibilityFlags = [] }: WorkerOptions): string {
  const embedded = modules.map(
    ({ name, kind }, index) => `(name = ${JSON.stringify(name)}, ${kind} = embed "${index}")`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
    const config :Workerd.Config = (
      services = [(name = "main", worker = .worker), (name = "internet", network = (allow = ["local"]))],
      sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
    );
    const worker :Workerd.Worker = (
      modules = [${embedded.join(", ")}],
      compatibilityDate = ${JSON.stringify(compatibilityDate)},
      compatibilityFlags = ${JSON.stringify(compatibilityFlags)},
    );`;
}

/**
 * Runs what a config says for as long as `use` takes, and gives that the URL of its socket `http`. Whatever happens, it ends.
 *
 * @param folder  where the files are that the config embeds; the config is written there
 * @throws        Error with what workerd wrote, where it refuses the config
 */
export async function withConfig<T>(folder: string, config: string, use: (url: string) => Promise<T>): Promise<T> {
  writeFileSync(join(folder, "config.capnp"), config);
  // Its control messages, one of which tells the port, go to standard output.
  const workerd = new Program(executable, ["serve", "--control-fd=1", join(folder, "config.capnp")], folder);
  const kill = (): void => void workerd.child.kill("SIGKILL");
  process.once("exit", kill);
  try {
    const [, port] = await workerd.line(/"event":"listen","socket":"http","port":(\d+)/);
    return await use(`http://127.0.0.1:${port}/`);
  } finally {
    await workerd.stop("SIGKILL");
    process.off("exit", kill);
  }
}

/** Runs a worker, as `withConfig` does. */
export async function withWorker<T>(options: WorkerOptions, use: (url: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "wsimd-workerd-"));
  try {
    options.modules.forEach(({ content }, index) => void writeFileSync(join(folder, String(index)), content));
    return await withConfig(folder, configOf(options), use);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
