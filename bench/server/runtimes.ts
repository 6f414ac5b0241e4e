// What contestants run on: the Nodes that were asked for, and Bun and Deno, which scripts/peers.mjs installs into .peers/.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { refuse } from "./arguments.ts";

export interface Runtime {
  readonly kind: "node" | "bun" | "deno";
  /** Name and version. */
  readonly label: string;
  readonly path: string;
}

const root: URL = new URL("../../../", import.meta.url);
const peer = (name: string): string => fileURLToPath(new URL(`.peers/${name}`, root));

function runtime(kind: Runtime["kind"], name: string, path: string): Runtime {
  let said: string;
  try {
    said = execFileSync(path, ["--version"], { encoding: "utf8" });
  } catch {
    return refuse(`${path} does not run`);
  }
  const version = /\d+\.\d+\.\d+/.exec(said)?.[0];
  if (version === undefined || (kind === "node" && !said.startsWith("v"))) refuse(`${path} is not ${name}`);
  return { kind, label: `${name} ${version}`, path };
}

/** The Nodes first, the one that runs the bench among them where none is named. */
export function findRuntimes(nodes: readonly string[], withNewest: boolean): Runtime[] {
  const paths = nodes.length === 0 ? [process.execPath] : [...nodes];
  const found = paths.map((path) => runtime("node", "Node", path));
  const script = fileURLToPath(new URL("scripts/peers.mjs", root));
  execFileSync(process.execPath, [script, "bun", "deno", ...(withNewest ? ["node26"] : [])], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (withNewest) found.push(runtime("node", "Node", peer("node26")));
  return [...found, runtime("bun", "Bun", peer("bun")), runtime("deno", "Deno", peer("deno"))];
}
