// Where figures were taken, in one line.

import { execSync } from "node:child_process";
import { cpus, release } from "node:os";

export interface Machine {
  readonly processor: string;
  readonly processors: number;
  readonly kernel: string;
  readonly arch: string;
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
    commit: commit(),
  };
}

export function machineLine({ processor, processors, kernel, arch }: Machine): string {
  return `${processors} x ${processor}, ${arch}, ${kernel.split("-")[0]}`;
}
