// `npm run fuzz`: runs the loop in a worker, watches it, prints how far it is, and what it found. See arguments.ts.

import { Worker } from "node:worker_threads";
import { MistakeError } from "../support/command-line.ts";
import { commandOf, help, type RunCommand } from "./arguments.ts";
import { CASE_INDEX, CASE_SEED, type LoopData, type LoopMessage, STOP } from "./loop.ts";
import { emptyTally, reportLines, type Tally } from "./tally.ts";
import { transcriptOf } from "./transcript.ts";

/** A case takes milliseconds; one that takes this long never ends. */
const HANG_MS = 10_000;

function progressLine({ caseCount, chunkCount, verdicts }: Tally, startedMs: number): string {
  const seconds = (performance.now() - startedMs) / 1000;
  const isFault = (name: string): boolean => name.split(" ")[1]!.startsWith("WS_");
  const faults = Object.entries(verdicts).reduce((sum, [name, count]) => sum + (isFault(name) ? count : 0), 0);
  const rate = Math.round(chunkCount / seconds);
  return `${Math.round(seconds)} s: ${caseCount} cases, ${caseCount - faults} valid, ${faults} faults; ${chunkCount} chunks, ${rate}/s`;
}

/** Says what was found and how to see it again. */
function tell(text: string, seed: number): void {
  console.log(`\nFOUND in the case of seed ${seed}:\n${text}\n\nagain: npm run fuzz -- --case ${seed}`);
}

/** Resolves with the exit code. */
function run({ seconds, chunks, only, seed }: RunCommand): Promise<number> {
  const runSeed = seed ?? crypto.getRandomValues(new Uint32Array(1))[0]!;
  console.log(`seed ${runSeed}${only === undefined ? "" : `, only ${only}`}`);
  const startedMs = performance.now();
  const shared = new SharedArrayBuffer(12);
  const words = new Uint32Array(shared);
  const workerData: LoopData = { runSeed, only, chunks, shared };
  const worker = new Worker(new URL("./loop.js", import.meta.url), { workerData });
  return new Promise((resolve) => {
    let tally = emptyTally();
    let caseIndex = -1;
    let changedMs = startedMs;
    let isFinished = false;
    const finish = (exitCode: number): void => {
      if (isFinished) return;
      isFinished = true;
      clearInterval(watch);
      console.log(`\n${progressLine(tally, startedMs)}\n\n${reportLines(tally, only).join("\n")}`);
      resolve(exitCode);
      void worker.terminate();
    };
    const dies = (how: string): void => {
      if (!isFinished) tell(how, Atomics.load(words, CASE_SEED));
      finish(1);
    };
    const watch = setInterval(() => {
      const nowMs = performance.now();
      if (nowMs - startedMs >= seconds * 1000) Atomics.store(words, STOP, 1);
      const index = Atomics.load(words, CASE_INDEX);
      if (index === 0 || index !== caseIndex) changedMs = nowMs; // 0: it has not begun
      caseIndex = index;
      if (nowMs - changedMs < HANG_MS) return;
      dies(`it has not ended for ${HANG_MS / 1000} s; it is number ${index} of the run`);
    }, 250);
    worker.on("message", (message: LoopMessage) => {
      if (isFinished) return;
      tally = message.tally;
      if (message.name === "progress") console.log(progressLine(tally, startedMs));
      else if (message.name === "done") finish(0);
      else {
        tell(message.text, message.seed);
        finish(1);
      }
    });
    worker.on("error", (error) => dies(`uncaught: ${(error as Error).stack}`));
    worker.on("exit", (exitCode) => dies(`the worker ended with exit code ${exitCode}`));
  });
}

function runCase(seed: number): number {
  const { text, problem } = transcriptOf(seed);
  console.log(text);
  console.log(problem === "" ? "nothing is wrong" : `WRONG: ${problem}`);
  return problem === "" ? 0 : 1;
}

try {
  const command = commandOf(process.argv.slice(2));
  if (command.name === "help") console.log(help);
  else process.exitCode = command.name === "case" ? runCase(command.seed) : await run(command);
} catch (error) {
  if (!(error instanceof MistakeError)) throw error;
  console.error(`${error.message}\n\n${help}`);
  process.exitCode = 1;
}
