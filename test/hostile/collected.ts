// What a process holds once its garbage is collected.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const { Bun } = globalThis as { Bun?: { gc(isSynchronous: boolean): void } };

function collectorOfV8(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}

const collect = Bun === undefined ? collectorOfV8() : () => Bun.gc(true);

/** Memory of a process, in octets. */
export interface Memory {
  readonly rss: number;
  /** The heap, and what is beside it, array buffers with it. */
  readonly inUse: number;
  readonly arrayBuffers: number;
}

/** This process's memory, without what nobody uses. */
export function memoryNow(): Memory {
  collect();
  collect(); // what the first freed beside the heap is counted until the next
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  return { rss, inUse: heapUsed + external, arrayBuffers };
}
