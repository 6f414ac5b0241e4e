// How long this thread waited for a processor: time that a busy machine adds to every figure, and that is nobody's cost.
// Linux counts it exactly; elsewhere it is taken as none.

import { readFileSync } from "node:fs";

/** Nanoseconds that the calling thread has waited to run since it began. */
function waitedNs(): number {
  try {
    return Number(readFileSync("/proc/thread-self/schedstat", "utf8").split(" ")[1]);
  } catch {
    return 0;
  }
}

/** Calls `work`, which must not sleep, and returns the part of its time that the thread ran: 1 on a quiet machine. */
export function runningPart(work: () => void): number {
  const waited = waitedNs();
  const began = process.hrtime.bigint();
  work();
  const took = Number(process.hrtime.bigint() - began);
  return 1 - Math.min(waitedNs() - waited, took) / took;
}
