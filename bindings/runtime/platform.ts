// Node, Deno and Bun as the platform of servers and clients: they have the event loop, the process and the zlib of Node.

import type { Platform } from "../socket/platform.ts";
import { readEnvironment } from "./environment.ts";
import { nextTurn, tickEnd } from "./later.ts";
import { memoryLength } from "./memory.ts";
import { zlibProvider } from "./zlib.ts";

/** A quarter of the memory; undefined where the runtime does not say how much there is. */
function quarterOfMemory(): number | undefined {
  const length = memoryLength();
  return length === undefined ? undefined : Math.floor(length / 4);
}

export const platform: Platform = {
  tickEnd,
  nextTurn,
  get maxProcessBuffered() {
    return quarterOfMemory();
  },
  flate: zlibProvider,
  prepare: readEnvironment,
  warn(error) {
    process.emitWarning(error instanceof Error ? error : new Error(String(error)));
  },
};
