// The loop itself, in a worker: case after case from the run's seed, judged, counted. The seed of the case in hand stands in
// shared memory, where main.ts finds it if the loop hangs, and where main.ts says when to stop.

import { parentPort, workerData } from "node:worker_threads";
import { Random } from "../support/octets.ts";
import { allSubjects, publishedSubjects } from "./all-subjects.ts";
import { type Kind, kindOf, seedOf, streamCaseOf } from "./generate.ts";
import { describeHead, headCaseOf, judgeHead } from "./heads.ts";
import { type Judgement, judge } from "./judge.ts";
import { shrink } from "./shrink.ts";
import { describeCase, type StreamCase } from "./stream-case.ts";
import { thrownText } from "./subjects.ts";
import { add, emptyTally, type Tally } from "./tally.ts";

export interface LoopData {
  readonly runSeed: number;
  readonly only: Kind | undefined;
  readonly chunks: number;
  readonly shared: SharedArrayBuffer;
}

/** Words of the shared memory: the case's number, from 1, and seed, and whether to stop. */
export const CASE_INDEX = 0;
export const CASE_SEED = 1;
export const STOP = 2;

/** What the loop says: how far it is; what it found; that it is done. */
export type LoopMessage =
  | { readonly name: "progress"; readonly tally: Tally }
  | { readonly name: "done"; readonly tally: Tally }
  | { readonly name: "problem"; readonly seed: number; readonly text: string; readonly tally: Tally };

const PROGRESS_MS = 5000;

/** Cases between two turns of the event loop, which runs what the code under test has put off. */
const CASES_PER_TURN = 200;

/** The slow parts take turns; every case is cut, on both kernels, on FrameDecoder and on ws. */
function judgeOnce(given: StreamCase, turn: number): Judgement {
  const subjects = turn === 2 ? allSubjects : publishedSubjects;
  return judge(given, subjects, { whole: turn === 0, oracle: turn === 1 && given.stream.length < 4000, ws: true });
}

/** Everything, for a case that is looked at closely. */
export function judgeFully(given: StreamCase): Judgement {
  return judge(given, allSubjects, { whole: true, oracle: given.stream.length < 70000, ws: true });
}

function smallerCase(given: StreamCase, problem: string): string {
  const kind = problem.slice(0, 20);
  const smallest = shrink(given, (smaller) => judgeFully(smaller).problem.startsWith(kind));
  if (smallest === given) return "";
  return `\ncut down to:\n${describeCase(smallest)}\n${judgeFully(smallest).problem}`;
}

/** Judges one case and counts it; returns what is wrong with it. */
export function runCase(seed: number, turn: number, tally: Tally): string {
  tally.caseCount++;
  const kind = kindOf(seed);
  if (kind === "handshake") {
    const head = headCaseOf(new Random(seed));
    tally.chunkCount += head.cuts.length + 1;
    const { problem, code } = judgeHead(head);
    add(tally.verdicts, `handshake ${code || "accepted"}`);
    return problem === "" ? "" : `${problem}\n${describeHead(head)}`;
  }
  const given = streamCaseOf(seed);
  tally.chunkCount += given.cuts.length + 1;
  const { problem, code, decoderCode, isClosed, disagreement } = judgeOnce(given, turn);
  add(tally.verdicts, `${kind} ${code || (isClosed ? "closed" : "open")}`);
  if (decoderCode !== "") add(tally.decoderCodes, decoderCode);
  if (disagreement !== "") add(tally.disagreements, disagreement);
  return problem === "" ? "" : `${problem}\n${describeCase(given)}${smallerCase(given, problem)}`;
}

async function loop({ runSeed, only, chunks, shared }: LoopData, say: (message: LoopMessage) => void): Promise<void> {
  const words = new Uint32Array(shared);
  const tally = emptyTally();
  let saidMs = performance.now();
  for (let index = 0; tally.chunkCount < chunks && Atomics.load(words, STOP) === 0; index++) {
    const seed = seedOf(runSeed, index, only);
    Atomics.store(words, CASE_SEED, seed);
    Atomics.store(words, CASE_INDEX, index + 1);
    let text: string;
    try {
      text = runCase(seed, index & 3, tally);
    } catch (error) {
      text = thrownText(error);
    }
    if (text !== "") {
      say({ name: "problem", seed, text, tally });
      return;
    }
    if (index % CASES_PER_TURN !== 0) continue;
    await new Promise((resolve) => setImmediate(resolve));
    if (performance.now() - saidMs < PROGRESS_MS) continue;
    saidMs = performance.now();
    say({ name: "progress", tally });
  }
  say({ name: "done", tally });
}

if (parentPort !== null) {
  const port = parentPort;
  await loop(workerData as LoopData, (message) => port.postMessage(message));
}
