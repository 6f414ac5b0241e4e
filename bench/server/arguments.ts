// The command line of `npm run bench:server`. What cannot be meant exits with 2 before anything is measured.

import { accessSync, constants, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { choiceOf, MistakeError, optionsOf } from "../../test/support/command-line.ts";

export interface Arguments {
  /** Words; a job is meant if its topic and name hold all of them, in any case. */
  readonly only: readonly string[];
  readonly short: boolean;
  readonly curves: boolean;
  readonly list: boolean;
  readonly help: boolean;
  /** Paths of Nodes; none: the one that runs the bench. */
  readonly nodes: readonly string[];
  readonly newest: boolean;
  /** Whether a server of ws is measured as it is and with wsimd/register, and nothing else. */
  readonly registered: boolean;
  /** The runtime whose contestants take part; null for all. */
  readonly on: "bun" | "deno" | null;
  readonly transport: string | null;
  /** Where the figures and the chart go. */
  readonly json: string;
  readonly svg: string;
}

export const help = `Usage: npm run bench:server -- [options]

Measures wsimd's server over loopback against ws, Bun's and Deno's own servers, and a bare TCP echo;
compression against ws alone. Linux, two processors.

  --short              everything once over, in three minutes; without it, in forty
  --only <words>       jobs whose topic and name hold these words, such as "echo 16 KiB" or "deflate"; repeatable
  --curves             also cost against size, connections, depth and fragments (--only curves: those alone)
  --node <path>        a Node to measure; repeatable; without it, the one that runs this
  --newest             also the newest Node, installed with the peers into .peers/
  --registered         a server of ws, as it is and with wsimd/register, in place of the rest
  --on <runtime>       bun or deno: wsimd, ws and its own server there, and nothing else
  --transport <name>   wsimd's transport: auto, memory or data
  --json <file>        where every round's figures go; default build/bench-server.json
  --svg <file>         where the chart goes; default build/bench-server.svg
  --list               print what would be measured, and measure nothing
  --help               print this

Peers are installed into .peers/ when they are missing. docs/bench.md tells what each row does.`;

/** Ends the process for arguments that cannot be meant. */
export function refuse(reason: string): never {
  console.error(`bench:server: ${reason}\nTry: npm run bench:server -- --help`);
  process.exit(2);
}

const options = {
  short: { type: "boolean", default: false },
  only: { type: "string", multiple: true },
  curves: { type: "boolean", default: false },
  node: { type: "string", multiple: true },
  newest: { type: "boolean", default: false },
  registered: { type: "boolean", default: false },
  on: { type: "string" },
  transport: { type: "string" },
  json: { type: "string", default: "build/bench-server.json" },
  svg: { type: "string", default: "build/bench-server.svg" },
  list: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

function checkFolder(name: string, file: string): void {
  const folder = dirname(resolve(file));
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    throw new MistakeError(`--${name} ${file}: ${folder} cannot be written to`);
  }
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) throw new MistakeError(`--${name} ${file} is a folder`);
}

/** @throws MistakeError */
export function readArguments(words: readonly string[]): Arguments {
  const { node = [], only = [], transport, on, ...rest } = optionsOf(words, options);
  for (const path of node) {
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) throw new MistakeError(`--node ${path} is not a file`);
  }
  checkFolder("json", rest.json);
  checkFolder("svg", rest.svg);
  return {
    ...rest,
    only: only.flatMap((text) => text.toLowerCase().split(/\s+/)).filter((word) => word !== ""),
    nodes: node,
    on: (choiceOf("on", on, ["bun", "deno"]) ?? null) as Arguments["on"],
    transport: choiceOf("transport", transport, ["auto", "memory", "data"]) ?? null,
  };
}
