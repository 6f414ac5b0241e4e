// Contestants started and their connections made: what every topic begins with. One that fails is noted, not waited for.

import { readFileSync } from "node:fs";
import { Load } from "../load.ts";
import { Contestant } from "../processes.ts";
import type { Shape } from "../shape.ts";
import { dial, dialBare, type Wire } from "../wire.ts";
import type { Entrant } from "./contestants.ts";
import type { Failure } from "./results.ts";

/** Handshakes under way at a time: below any backlog. */
const DIALING_COUNT = 100;

/** Connects to a server `count` times. */
export async function dialMany(entrant: Entrant, port: number, count: number, isTls = false): Promise<Wire[]> {
  const open = entrant.echoing === "tcp" ? dialBare : dial;
  const wires: Wire[] = [];
  while (wires.length < count) {
    const some = Math.min(DIALING_COUNT, count - wires.length);
    wires.push(...(await Promise.all(Array.from({ length: some }, () => open(port, isTls)))));
  }
  return wires;
}

/** A contestant with its connections, and who it is. */
export interface Entered {
  readonly entrant: Entrant;
  readonly contestant: Contestant;
  readonly wires: readonly Wire[];
  readonly port: number;
}

async function enter(entrant: Entrant, shape: Shape, isTls: boolean): Promise<Entered> {
  const load = new Load(shape, entrant.echoing);
  const contestant = new Contestant(entrant.name, entrant.command, load);
  try {
    const port = Number(await contestant.begin());
    const wires = await dialMany(entrant, port, shape.connections, isTls);
    await Promise.all(wires.map((wire) => load.adopt(wire)));
    return { entrant, contestant, wires, port };
  } catch (error) {
    contestant.close();
    throw error;
  }
}

export function failureOf({ name, runtime }: Entrant, error: unknown): Failure {
  return { name, runtime, reason: error instanceof Error ? error.message : String(error) };
}

/** Starts contestants with a load each; those that fail are in the second list. */
export async function enterAll(
  entrants: readonly Entrant[],
  shape: Shape,
  isTls = false,
): Promise<[Entered[], Failure[]]> {
  const entered: Entered[] = [];
  const failures: Failure[] = [];
  for (const entrant of entrants) {
    try {
      entered.push(await enter(entrant, shape, isTls));
    } catch (error) {
      failures.push(failureOf(entrant, error));
    }
  }
  return [entered, failures];
}

/** Files, sockets among them, that this process may open. */
export function openFilesLimit(): number {
  const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
  return Number(soft ?? Number.POSITIVE_INFINITY);
}
