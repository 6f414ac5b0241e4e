// Where figures were taken, in one line.

import { execSync } from "node:child_process";
import { cpus, loadavg, release } from "node:os";

export interface Machine {
  readonly processor: string;
  readonly processors: number;
  readonly kernel: string;
  readonly arch: string;
  /** Processes that wanted to run in the minute before. */
  readonly loadAverage: number;
  /** The version of wsimd that was measured, as git has it. */
  readonly commit: string;
}

function commit(): string {
  try {
    return execSync("git describe --always --dirty", { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "not from git";
  }
}

export function machine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    processors: cpus().length,
    kernel: `Linux ${release()}`,
    arch: process.arch,
    loadAverage: loadavg()[0]!,
    commit: commit(),
  };
}

export function machineLine({ processor, processors, kernel, arch }: Machine): string {
  return `${processors} x ${processor}, ${arch}, ${kernel.split("-")[0]}`;
}

/** A warning where the machine had other work; "" where it had none. */
export function busyLine({ loadAverage }: Machine): string {
  return loadAverage < 1
    ? ""
    : `NOT QUIET: load average ${loadAverage.toFixed(1)}; figures will not repeat, latency and fairness least`;
}
