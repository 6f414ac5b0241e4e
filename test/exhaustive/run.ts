// The exhaustive run: ranges of sequences, one after the other, given to as many threads as there are; what they find is
// added up for each kernel and position. Prints through a function that is handed in.

import { Worker } from "node:worker_threads";
import type { Findings, Part, Position } from "./judges.ts";

/** Which judge, see judges.ts. */
export type KernelChoice = "wasm" | "scalar";

/** One kernel, one position, a range of sequences. */
export interface Task extends Part {
  readonly kernel: KernelChoice;
}

export interface RunOptions {
  readonly tasks: readonly Task[];
  readonly workers: number;
  readonly print: (line: string) => void;
}

/** Sequences that a thread judges between two looks at what others do. */
const CHUNK_COUNT = 2 ** 26;

/** Lines of progress within one task. */
const PROGRESS_LINES = 8;

const workerUrl = new URL("./worker.js", import.meta.url);

function chunksOf(task: Task): Task[] {
  const chunks: Task[] = [];
  for (let from = task.from; from <= task.last; from += CHUNK_COUNT)
    chunks.push({ ...task, from, last: Math.min(task.last, from + CHUNK_COUNT - 1) });
  return chunks;
}

/** "13+15": thirteen octets before the sequence, fifteen after it. */
export function positionName({ before, after }: Position): string {
  return `${before}+${after}`;
}

function ask(worker: Worker, chunk: Task): Promise<Findings> {
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", (findings: Findings) => {
      worker.off("error", reject);
      resolve(findings);
    });
    worker.postMessage(chunk);
  });
}

/** Judges every task, one after the other. Resolves with the number of disagreements; prints the first of each chunk. */
export async function runTasks({ tasks, workers, print }: RunOptions): Promise<number> {
  const threads = Array.from({ length: workers }, () => new Worker(workerUrl));
  let total = 0;
  try {
    for (const task of tasks) {
      const started = performance.now();
      const seconds = (): string => `${((performance.now() - started) / 1000).toFixed(1)} s`;
      const name = `${task.kernel.padEnd(6)}  ${positionName(task).padEnd(5)}`;
      const all = task.last - task.from + 1;
      const waiting = chunksOf(task);
      let sequences = 0;
      let disagreements = 0;
      let shown = 0;
      await Promise.all(
        threads.map(async (thread) => {
          for (let chunk = waiting.shift(); chunk !== undefined; chunk = waiting.shift()) {
            const findings = await ask(thread, chunk);
            sequences += findings.sequences;
            disagreements += findings.disagreements;
            for (const example of findings.examples) print(`DISAGREE  ${name}  ${example}`);
            const eighths = Math.floor((sequences / all) * PROGRESS_LINES);
            if (eighths > shown && sequences !== all)
              print(`  ...     ${name}  ${eighths}/${PROGRESS_LINES}  ${seconds()}`);
            shown = eighths;
          }
        }),
      );
      print(
        `${disagreements === 0 ? "ok      " : "DISAGREE"}  ${name}  ${sequences} sequences, ${disagreements} disagreements, ${seconds()}`,
      );
      total += disagreements;
    }
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
  return total;
}
