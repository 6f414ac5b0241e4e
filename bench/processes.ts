// Contestants in processes of their own on one processor, and the load in this one on another. They take turns; a figure is the
// processor time that a contestant used in a window, for each message that the load saw answered.

import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Load, Shape } from "./load.ts";
import { median } from "./median.ts";
import type { Report } from "./ready.ts";

export const ROUNDS = 5;
const WARM_UP_MS = 200;
const WINDOW_MS = 800;

/** Puts a process on one processor, where the platform has a command for that. */
function pin(processId: number, processor: number): boolean {
  try {
    execFileSync("taskset", ["-a", "-p", "-c", String(processor), String(processId)], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Keeps the load off the contestants' processor; false where it cannot be done. */
export function pinLoad(): boolean {
  return pin(process.pid, 1);
}

export class Contestant {
  /** Microseconds a message, one figure a round. */
  readonly costs: number[] = [];
  private readonly name: string;
  private readonly child: ChildProcess;
  private readonly load: Load;
  private isClosed = false;

  /** @param program  a script whose first argument is the contestant's name, and which calls `ready` */
  constructor(program: URL, name: string, load: Load, ...rest: readonly string[]) {
    this.name = name;
    this.load = load;
    this.child = fork(fileURLToPath(program), [name, ...rest]);
    this.child.once("exit", () => assert.ok(this.isClosed, `${name} has ended`));
  }

  /** Waits for the process to be ready; what it says then. */
  async begin(): Promise<Report> {
    const report = await this.report();
    pin(this.child.pid!, 0);
    return report;
  }

  /** Measures one window. */
  async measure(): Promise<void> {
    this.load.start();
    await wait(WARM_UP_MS);
    const [cpuBefore, answeredBefore] = [await this.cpuUs(), this.load.answered];
    await wait(WINDOW_MS);
    const [cpuAfter, answeredAfter] = [await this.cpuUs(), this.load.answered];
    this.load.stop();
    await wait(WARM_UP_MS);
    assert.ok(answeredAfter > answeredBefore, `${this.name} answers no more`);
    this.costs.push((cpuAfter - cpuBefore) / (answeredAfter - answeredBefore));
  }

  close(): void {
    this.isClosed = true;
    this.child.kill(); // first: a client whose server goes away has something to say
    this.load.close();
  }

  private async cpuUs(): Promise<number> {
    this.child.send("cpu");
    return (await this.report()).cpuUs!;
  }

  private report(): Promise<Report> {
    return new Promise((resolve) => this.child.once("message", resolve as (message: unknown) => void));
  }
}

/** Measures contestants in turn, round after round, and lets them go. */
export async function takeTurns(contestants: readonly Contestant[]): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    for (const contestant of contestants) await contestant.measure();
  }
  for (const contestant of contestants) contestant.close();
}

/** Median of the ratios within each round: below 1, the first is cheaper. */
export function pairedRatio(contestant: Contestant, rival: Contestant): number {
  return median(contestant.costs.map((cost, round) => cost / rival.costs[round]!));
}

/** What a contestant's message costs, for a table. */
export function costCell({ costs }: Contestant): string {
  const cost = median(costs);
  return cost.toFixed(cost < 10 ? 3 : 1).padStart(10);
}

/** The first cell of a row. */
export function shapeCell({ connections, inFlight, octets, kind }: Shape): string {
  return `${connections} x ${inFlight} x ${octets} B ${kind}`.padEnd(35);
}
