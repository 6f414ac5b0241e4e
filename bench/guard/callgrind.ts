// Counts the instructions of a workload: Node under valgrind's callgrind, told to leave nothing to time or chance. Knows how
// to run it and how to read what it writes; blocks.ts has the other half.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Load } from "../load.ts";
import { dial } from "../wire.ts";
import { BLOCKS } from "./blocks.ts";
import { type Workload, workloads } from "./workloads.ts";

// One thread, which compiles and collects when counters say so, not when a clock does; no seed from outside; and the module
// compiled once, by the compiler whose code runs in the end.
const nodeFlags = ["--single-threaded", "--predictable", "--hash-seed=1", "--random-seed=1", "--no-liftoff"];

// Code that is compiled while running replaces other code: callgrind has to look.
const valgrindFlags = ["--tool=callgrind", "--vgdb=no", "--smc-check=all-non-file", "--dump-before=getppid"];

/** valgrind's version; null where there is none. */
export function valgrindVersion(): string | null {
  try {
    return execFileSync("valgrind", ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return null;
  }
}

/** Instructions that one of callgrind's files counts. */
function countIn(file: string): number {
  const [, count] = /^(?:summary|totals): (\d+)/m.exec(readFileSync(file, "utf8"))!;
  return Number(count);
}

/** Dials a server and keeps a batch in flight for as long as it lives. */
async function keepBusy(child: ChildProcess, { count, octets, kind }: Workload): Promise<void> {
  const [port] = await once(child.stdout!, "data");
  const shape = { connections: 1, inFlight: count, octets, kind: kind === "binary" ? "binary" : "text" } as const;
  const load = new Load(shape, "server");
  await load.adopt(await dial(Number(port)));
  load.start();
}

/**
 * Runs a workload in a process of its own.
 *
 * @returns  instructions a message, one figure a block
 * @throws   Error where the process fails
 */
export async function countInstructions(workload: Workload): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), "wsimd-guard-"));
  const out = join(folder, "count");
  const subject = fileURLToPath(new URL("subject.js", import.meta.url));
  const place = String(workloads.indexOf(workload));
  const args = [...valgrindFlags, `--callgrind-out-file=${out}`, process.execPath, ...nodeFlags, subject, place];
  const child = spawn("valgrind", args, { stdio: ["ignore", "pipe", "pipe"] });
  try {
    let log = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
    const ended = once(child, "close");
    if (workload.topic === "echo, TCP") await Promise.race([keepBusy(child, workload), ended]);
    const [exitCode] = await ended;
    if (exitCode !== 0) throw new Error(`valgrind ended with ${exitCode}:\n${log}`);
    // count.1: start and warm-up; then count.2: before the first block, count.3: the first block, and so on.
    const messages = workload.count * workload.runs;
    return Array.from({ length: BLOCKS }, (_, index) => countIn(`${out}.${3 + 2 * index}`) / messages);
  } finally {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}
