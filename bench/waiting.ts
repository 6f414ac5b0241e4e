// How long this thread waited for a processor: time that a busy machine adds to every figure, and that is nobody's cost.
// Linux counts it exactly; elsewhere it is taken as none.

import { readFileSync } from "node:fs";

/** Nanoseconds that the calling thread ran, and that it waited to. */
function schedule(): readonly [ran: number, waited: number] {
  try {
    const [ran, waited] = readFileSync("/proc/thread-self/schedstat", "utf8").split(" ");
    return [Number(ran), Number(waited)];
  } catch {
    return [1, 0];
  }
}

/** Calls `work`, which must not sleep, and returns the part of its time that the thread ran: 1 on a quiet machine. */
export function runningPart(work: () => void): number {
  const [ranBefore, waitedBefore] = schedule();
  work();
  const [ranAfter, waitedAfter] = schedule();
  const ran = ranAfter - ranBefore;
  const waited = waitedAfter - waitedBefore;
  return ran > 0 ? ran / (ran + waited) : 1;
}
