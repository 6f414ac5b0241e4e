// What an idle connection keeps resident at the server: its pages after thousands of handshakes, less those before, divided.
// Before both, the same for all: a few connections come and go, the process is left alone, then garbage is collected (by
// programs/collect.mjs or Bun.gc). Without that, what handshakes left behind would be counted, or not, as chance has it.

import { setTimeout as wait } from "node:timers/promises";
import { median } from "../median.ts";
import { SERVER_PROCESSOR } from "../processes.ts";
import { pin, Subject } from "../subject.ts";
import type { Wire } from "../wire.ts";
import { type Entrant, lineUp } from "./contestants.ts";
import { dialMany, failureOf, openFilesLimit } from "./entering.ts";
import type { Failure, Measured, Result } from "./results.ts";
import type { Job, Setting } from "./topics.ts";

const takingPart = ["wsimd", "ws", "Bun", "Deno", "wsimd on Bun", "wsimd on Deno", "tcp", "tcp onread"];

const CONNECTION_COUNT = 10_000;
const SHORT_CONNECTION_COUNT = 3000;
const WARM_UP_COUNT = 200;
const RUN_COUNT = 3;

function hangUp(wires: readonly Wire[]): void {
  for (const { socket } of wires) socket.destroy();
}

interface Resident {
  /** Octets a connection, garbage collected. */
  readonly collected: number;
  /** The same with what garbage there happens to be. */
  readonly uncollected: number;
}

async function measureOnce(entrant: Entrant, count: number, settleMs: number): Promise<Resident> {
  const server = new Subject(entrant.name, entrant.command);
  let wires: Wire[] = [];
  try {
    const port = Number(await server.line());
    pin(server.id, SERVER_PROCESSOR);
    hangUp(await dialMany(entrant, port, WARM_UP_COUNT));
    await wait(settleMs);
    await server.ask("collect");
    const before = server.residentOctets();
    wires = await dialMany(entrant, port, count);
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

async function measure(setting: Setting): Promise<Result[]> {
  const { names, runtimes, transport, isShort } = setting;
  const count = Math.min(isShort ? SHORT_CONNECTION_COUNT : CONNECTION_COUNT, openFilesLimit() - 500);
  const wanted = takingPart.filter((name) => names.includes(name));
  const entrants = lineUp(wanted, runtimes, { answer: "echo", transport });
  const runs = new Map<Entrant, Resident[]>();
  const failures: Failure[] = [];
  for (let run = 0; run < (isShort ? 1 : RUN_COUNT); run++) {
    for (const entrant of [...entrants]) {
      try {
        const resident = await measureOnce(entrant, count, isShort ? 200 : 2000);
        runs.set(entrant, [...(runs.get(entrant) ?? []), resident]);
      } catch (error) {
        failures.push(failureOf(entrant, error));
        entrants.splice(entrants.indexOf(entrant), 1);
        runs.delete(entrant);
      }
    }
  }
  const measured = [...runs].map(
    ([{ name, runtime }, residents]): Measured => ({
      name,
      runtime,
      figures: residents.map(({ collected }) => collected),
      details: { uncollected: median(residents.map(({ uncollected }) => uncollected)) },
    }),
  );
  const name = `${count.toLocaleString("en")} idle connections`;
  return [{ topic: "memory", name, unit: "resident octets a connection", measured, failures }];
}

export function memoryJobs(): Job[] {
  return [{ topic: "memory", name: "idle connections", run: measure }];
}
