// What an idle connection keeps resident at the server: its pages after thousands of handshakes, less those before, divided.
// Before both, the same for all: a few connections come and go, the process is left alone, then garbage is collected (by
// programs/collect.mjs or Bun.gc). Without that, what handshakes left behind would be counted, or not, as chance has it.
// Node's figures hold V8's young generation, which grows in powers of two with what survives while the connections are made: 12
// to 30 MB of whatever size it came to. The second job keeps it at its smallest: what is left is what a connection needs.

import { setTimeout as wait } from "node:timers/promises";
import { median } from "../median.ts";
import { SERVER_PROCESSOR } from "../processes.ts";
import { pin, Subject } from "../subject.ts";
import type { Wire } from "../wire.ts";
import { type Entrant, lineUp } from "./contestants.ts";
import { dialMany, failureOf, openFilesLimit } from "./entering.ts";
import type { Failure, Measured, Result } from "./results.ts";
import type { Job, Setting } from "./topics.ts";

const onNode = ["wsimd", "ws", "tcp", "tcp onread"];
const takingPart = [...onNode, "Bun", "Deno", "wsimd on Bun", "wsimd on Deno"];
const SMALLEST_YOUNG_GENERATION = ["--min-semi-space-size=1", "--max-semi-space-size=1"];

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

async function measure(setting: Setting, among: readonly string[], nodeFlags: readonly string[]): Promise<Result> {
  const { names, runtimes, transport, isShort } = setting;
  const count = Math.min(isShort ? SHORT_CONNECTION_COUNT : CONNECTION_COUNT, openFilesLimit() - 500);
  const wanted = among.filter((name) => names.includes(name));
  const entrants = lineUp(wanted, runtimes, { answer: "echo", transport, nodeFlags });
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
  const name = `${count.toLocaleString("en")} idle${nodeFlags.length === 0 ? " connections" : ", smallest heap"}`;
  return { topic: "memory", name, unit: "resident octets a connection", measured, failures };
}

export function memoryJobs(): Job[] {
  const job = (name: string, among: readonly string[], nodeFlags: readonly string[]): Job => ({
    topic: "memory",
    name,
    run: async (setting) => [await measure(setting, among, nodeFlags)],
  });
  return [job("idle connections", takingPart, []), job("idle, smallest heap", onNode, SMALLEST_YOUNG_GENERATION)];
}
