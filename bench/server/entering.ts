// Contestants started and their connections made: what every topic begins with. One that fails is noted, not waited for.

import { readFileSync } from "node:fs";
import { Load, type Loading } from "../load.ts";
import { Contestant } from "../processes.ts";
import type { Shape } from "../shape.ts";
import { dial, dialBare, type Offer, type Wire } from "../wire.ts";
import type { Entrant } from "./contestants.ts";
import type { Failure, Measured } from "./results.ts";
import type { Running } from "./running.ts";

/** Handshakes under way at a time: below any backlog. */
const DIALING_COUNT = 100;

/** How long a process that is kept from row to row works before its first. */
const COLD_MS = 800;

/** How connections are made. */
export interface Dialing {
  readonly isTls?: boolean;
  readonly offer?: Offer;
}

/** Connects to a server `count` times. */
export async function dialMany(
  entrant: Entrant,
  port: number,
  count: number,
  { isTls = false, offer }: Dialing = {},
): Promise<Wire[]> {
  const open = entrant.echoing === "tcp" ? dialBare : dial;
  const wires: Wire[] = [];
  while (wires.length < count) {
    const some = Math.min(DIALING_COUNT, count - wires.length);
    wires.push(...(await Promise.all(Array.from({ length: some }, () => open(port, isTls, offer)))));
  }
  return wires;
}

/** A contestant with its connections, and who it is. */
export interface Entered {
  readonly entrant: Entrant;
  readonly contestant: Contestant;
  readonly wires: readonly Wire[];
}

/** A load that is given its connections one by one. */
export interface Adopting extends Loading {
  adopt(wire: Wire): Promise<void>;
}

/** Starts a contestant with a load on `connections` connections. */
export async function enter(
  entrant: Entrant,
  load: Adopting,
  connections: number,
  dialing: Dialing,
  running: Running,
): Promise<Entered> {
  const started = await running.start(entrant);
  const contestant = new Contestant(started.subject, load, () => running.release(started));
  try {
    const wires = await dialMany(entrant, started.port, connections, dialing);
    await Promise.all(wires.map((wire) => load.adopt(wire)));
    if (started.isCold) await contestant.settle({ settleMs: COLD_MS });
    started.isCold = false;
    return { entrant, contestant, wires };
  } catch (error) {
    contestant.close();
    throw error;
  }
}

export function failureOf({ name, runtime }: Entrant, error: unknown): Failure {
  return { name, runtime, reason: error instanceof Error ? error.message : String(error) };
}

/**
 * Starts contestants by `start`, all at once.
 *
 * @returns  those that started, in their order, and those that did not
 */
export async function startAll<Started>(
  entrants: readonly Entrant[],
  start: (entrant: Entrant) => Promise<Started>,
): Promise<[Started[], Failure[]]> {
  const outcomes = await Promise.allSettled(entrants.map(start));
  const started: Started[] = [];
  const failures: Failure[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.status === "fulfilled") started.push(outcome.value);
    else failures.push(failureOf(entrants[index]!, outcome.reason));
  }
  return [started, failures];
}

/** Starts contestants with a load each. */
export function enterAll(
  entrants: readonly Entrant[],
  shape: Shape,
  running: Running,
  isTls = false,
): Promise<[Entered[], Failure[]]> {
  return startAll(entrants, (entrant) =>
    enter(entrant, new Load(shape, entrant.echoing), shape.connections, { isTls }, running),
  );
}

/** What was measured of contestants by takeTurns. */
export function measuredOf(entered: readonly Pick<Entered, "entrant" | "contestant">[]): Measured[] {
  return entered.map(({ entrant: { name, runtime }, contestant: { costs, rates } }) => ({
    name,
    runtime,
    figures: costs,
    rates,
  }));
}

/** Files, sockets among them, that this process may open. */
export function openFilesLimit(): number {
  const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
  return Number(soft ?? Number.POSITIVE_INFINITY);
}
