// What a connection keeps resident at a server: its pages with many connections, less those before, divided. Before both, the
// same for all: a few connections come and go, the process is left alone, then garbage is collected (by programs/collect.mjs or
// Bun.gc). Without that, what handshakes left behind would be counted, or not, as chance has it.

import { setTimeout as wait } from "node:timers/promises";
import { median } from "../median.ts";
import { SERVER_PROCESSOR } from "../processes.ts";
import { pin, Subject } from "../subject.ts";
import type { Wire } from "../wire.ts";
import type { Entrant } from "./contestants.ts";
import { failureOf } from "./entering.ts";
import type { Failure, Measured } from "./results.ts";

/** How residence is measured. */
export interface Stay {
  readonly count: number;
  readonly warmUpCount: number;
  readonly settleMs: number;
  readonly runs: number;
  /** Makes connections, and does with them what is to be done before they are idle. */
  readonly dial: (entrant: Entrant, port: number, count: number) => Promise<Wire[]>;
}

function hangUp(wires: readonly Wire[]): void {
  for (const { socket } of wires) socket.destroy();
}

interface Resident {
  /** Octets a connection, garbage collected. */
  readonly collected: number;
  /** The same with what garbage there happens to be. */
  readonly uncollected: number;
}

async function measureOnce(entrant: Entrant, { count, warmUpCount, settleMs, dial }: Stay): Promise<Resident> {
  const server = new Subject(entrant.name, entrant.command);
  let wires: Wire[] = [];
  try {
    const port = Number(await server.line());
    pin(server.id, SERVER_PROCESSOR);
    hangUp(await dial(entrant, port, warmUpCount));
    await wait(settleMs);
    await server.ask("collect");
    const before = server.residentOctets();
    wires = await dial(entrant, port, count);
    await wait(settleMs);
    const uncollected = server.residentOctets();
    await server.ask("collect");
    const collected = server.residentOctets();
    return { collected: (collected - before) / count, uncollected: (uncollected - before) / count };
  } finally {
    hangUp(wires);
    server.stop();
  }
}

/** Measures contestants in turn, each a few times; one that fails takes no further part. */
export async function residents(all: readonly Entrant[], stay: Stay): Promise<[Measured[], Failure[]]> {
  const entrants = [...all];
  const runs = new Map<Entrant, Resident[]>();
  const failures: Failure[] = [];
  for (let run = 0; run < stay.runs; run++) {
    for (const entrant of [...entrants]) {
      try {
        const resident = await measureOnce(entrant, stay);
        runs.set(entrant, [...(runs.get(entrant) ?? []), resident]);
      } catch (error) {
        failures.push(failureOf(entrant, error));
        entrants.splice(entrants.indexOf(entrant), 1);
        runs.delete(entrant);
      }
    }
  }
  const measured = [...runs].map(
    ([{ name, runtime }, measures]): Measured => ({
      name,
      runtime,
      figures: measures.map(({ collected }) => collected),
      details: { uncollected: median(measures.map(({ uncollected }) => uncollected)) },
    }),
  );
  return [measured, failures];
}
