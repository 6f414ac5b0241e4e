// Contestants in processes of their own on one processor, and the load in this one on another. They take turns; a figure is the
// processor time that a contestant used in a window, for each message that the load saw answered.

import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import type { Loading } from "./load.ts";
import { median } from "./median.ts";
import { pin, type Subject } from "./subject.ts";

/** How long things take. A process's first turn begins with `settleMs` that count nothing: code is compiled there. */
export interface Effort {
  readonly rounds: number;
  readonly settleMs: number;
  readonly warmUpMs: number;
  readonly windowMs: number;
}

export const fullEffort: Effort = { rounds: 5, settleMs: 300, warmUpMs: 150, windowMs: 800 };

/** Whoever has not answered by then never will. */
const PATIENCE_MS = 10_000;

export const SERVER_PROCESSOR = 0;
export const LOAD_PROCESSOR = 1;

/** Keeps the load off the contestants' processor; false where it cannot be done. */
export function pinLoad(): boolean {
  return pin(process.pid, LOAD_PROCESSOR);
}

export class Contestant {
  /** Microseconds a message, one figure a round. */
  readonly costs: number[] = [];
  /** Messages a second, one figure a round. */
  readonly rates: number[] = [];
  private readonly subject: Subject;
  private readonly load: Loading;
  private readonly release: () => void;

  /** @param release  called when nothing more is to be measured: ends the process, as a rule */
  constructor(subject: Subject, load: Loading, release: () => void) {
    this.subject = subject;
    this.load = load;
    this.release = release;
  }

  /** Has it work without counting. */
  async settle({ settleMs }: Pick<Effort, "settleMs">): Promise<void> {
    this.load.start();
    await wait(settleMs);
    await this.pause();
  }

  /** Measures one window. */
  async measure({ warmUpMs, windowMs }: Effort): Promise<void> {
    const { load, subject } = this;
    load.start();
    await wait(warmUpMs);
    const [cpuBefore, answeredBefore, began] = [subject.cpuNs(), load.answered, performance.now()];
    const isEnough = (): boolean => load.answered > answeredBefore || performance.now() - began > PATIENCE_MS;
    do await wait(windowMs);
    while (!isEnough()); // one message takes longer than a window
    const [cpuAfter, answeredAfter, ended] = [subject.cpuNs(), load.answered, performance.now()];
    await this.pause();
    const answered = answeredAfter - answeredBefore;
    assert.ok(answered > 0, `${this.subject.name} answers no more`);
    this.costs.push((cpuAfter - cpuBefore) / 1000 / answered);
    this.rates.push((answered / (ended - began)) * 1000);
  }

  close(): void {
    this.release(); // first: a client whose server goes away has something to say
    this.load.close();
  }

  /** Lets what is in flight come back. */
  private async pause(): Promise<void> {
    const { load } = this;
    load.stop();
    for (const began = performance.now(); !load.isQuiet; await wait(2)) {
      assert.ok(performance.now() - began < PATIENCE_MS, `${this.subject.name} answers no more`);
    }
  }
}

/** Measures contestants in turn, round after round, each round begun by another, and lets them go. */
export async function takeTurns(contestants: readonly Contestant[], effort: Effort): Promise<void> {
  try {
    for (const contestant of contestants) await contestant.settle(effort);
    for (let round = 0; round < effort.rounds; round++) {
      for (let turn = 0; turn < contestants.length; turn++) {
        await contestants[(turn + round) % contestants.length]!.measure(effort);
      }
    }
  } finally {
    for (const contestant of contestants) contestant.close();
  }
}

/** What was measured of one, a figure a round. */
export interface Costs {
  readonly costs: readonly number[];
}

/** Median of the ratios within each round: below 1, the first is cheaper. */
export function pairedRatio(contestant: Costs, rival: Costs): number {
  return median(contestant.costs.map((cost, round) => cost / rival.costs[round]!));
}

/** What a contestant's message costs, for a table. */
export function costCell({ costs }: Costs): string {
  const cost = median(costs);
  return cost.toFixed(cost < 10 ? 3 : 1).padStart(10);
}
