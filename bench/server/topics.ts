// What there is to measure: every topic's jobs, and what a job is given.

import type { Effort } from "../processes.ts";
import { curveJobs } from "./curves.ts";
import { deflateEchoJobs } from "./deflate/echo.ts";
import { deflateMemoryJobs } from "./deflate/memory.ts";
import { echoJobs } from "./echo.ts";
import { fairnessJobs } from "./fairness.ts";
import { fanOutJobs } from "./fan-out.ts";
import { latencyJobs } from "./latency.ts";
import { memoryJobs } from "./memory.ts";
import type { Result } from "./results.ts";
import type { Running } from "./running.ts";
import type { Runtime } from "./runtimes.ts";

/** How a run is made. */
export interface Setting {
  readonly effort: Effort;
  readonly isShort: boolean;
  /** Contestants that take part, as contestants.ts calls them. */
  readonly names: readonly string[];
  readonly runtimes: readonly Runtime[];
  readonly running: Running;
  /** wsimd's transport, null for its own choice. */
  readonly transport: string | null;
  /** A certificate that signs itself, made when it is first asked for. */
  readonly certificate: () => { readonly cert: string; readonly key: string };
}

/** Something to measure that gives a row or a few. */
export interface Job {
  readonly topic: string;
  readonly name: string;
  run(setting: Setting): Promise<Result[]>;
}

const allJobs: readonly Job[] = [
  ...echoJobs(),
  ...fanOutJobs(),
  ...latencyJobs(),
  ...fairnessJobs(),
  ...memoryJobs(),
  ...deflateEchoJobs(),
  ...deflateMemoryJobs(),
  ...curveJobs(),
];

/** What a command line means, in the order it is run; curves only where they are asked for. */
export function jobsOf({ only, curves }: { readonly only: readonly string[]; readonly curves: boolean }): Job[] {
  return allJobs
    .filter(({ topic }) => topic !== "curves" || curves || only.includes("curves"))
    .filter(({ topic, name }) => only.every((word) => `${topic} ${name}`.toLowerCase().includes(word)));
}
