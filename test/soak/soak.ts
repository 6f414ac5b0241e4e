// A soak of one transport: a server, two loads, eleven stages with a look at the server after each, while nobody speaks. The
// first stage is for warming up.

import { Helper, withHelpers } from "../hostile/processes.ts";
import type { FaultName } from "./faults.ts";
import { allowances, growthOf, type MemoryName } from "./growth.ts";
import type { LoadStart, LoadTally, Stage } from "./load.ts";
import type { Sample, ServerTally } from "./server.ts";

export interface SoakPlan {
  readonly transport: "memory" | "data";
  readonly messageCount: number;
  readonly connectionCount: number;
  /** When it ends though there is more to do; Infinity for never. */
  readonly seconds: number;
  readonly seed: number;
  readonly fault?: FaultName | undefined;
  /** How long nothing may come back before what is missing counts as lost. */
  readonly patienceMs: number;
}

export interface SoakReport {
  readonly tally: LoadTally;
  readonly samples: readonly Sample[];
  /** What went wrong; empty where nothing did. */
  readonly faults: readonly string[];
}

const STAGES = 10;
const LOADS = 2;
/** Connections of a load that stay for the whole run. */
const RESIDENTS = 12;

const sumOf = (tallies: readonly LoadTally[]): LoadTally => {
  const sum = (name: keyof LoadTally): number => tallies.reduce((total, tally) => total + tally[name], 0);
  return {
    messageCount: sum("messageCount"),
    octetCount: sum("octetCount"),
    connectionCount: sum("connectionCount"),
    upgradedCount: sum("upgradedCount"),
    properCount: sum("properCount"),
    longestMs: tallies.reduce((most, { longestMs }) => Math.max(most, longestMs), 0),
  };
};

const mib = (octets: number): string => `${(octets / 2 ** 20).toFixed(1)} MiB`;

/** What is wrong with a server at rest that has `residentCount` connections. */
function sampleFaults(sample: Sample, residentCount: number, first: Sample): string[] {
  const faults: string[] = [];
  if (sample.heldLength !== 0) faults.push(`the server at rest holds ${sample.heldLength} octets for its peers`);
  const [was, is] = [first, sample].map(({ handles }) => JSON.stringify(handles));
  if (residentCount !== 0 && was !== is) faults.push(`the server at rest had open ${was}, and has ${is}`);
  return faults;
}

/** What is wrong with what the server was told, given what the loads did. */
function tallyFaults(server: ServerTally, tally: LoadTally): string[] {
  const expected = { 1000: tally.properCount, 1006: tally.upgradedCount - tally.properCount };
  const faults = server.errors.slice(0, 5).map((error) => `the server's error handler: ${error}`);
  if (server.openCount !== tally.upgradedCount)
    faults.push(`the server opened ${server.openCount} of ${tally.upgradedCount} connections`);
  for (const [code, count] of Object.entries(expected))
    if ((server.closeCodes[code] ?? 0) !== count)
      faults.push(`${server.closeCodes[code] ?? 0} connections ended with ${code} instead of ${count}`);
  if (server.messageCount < tally.messageCount) faults.push(`${server.messageCount} messages of ${tally.messageCount}`);
  return faults;
}

function growthFaults(samples: readonly Sample[], { connectionCount, messageCount }: LoadTally): string[] {
  return (Object.keys(allowances) as MemoryName[]).flatMap((name) => {
    const { octets, leastConnections, leastMessages } = allowances[name];
    if (connectionCount < leastConnections && messageCount < leastMessages) return [];
    const growth = growthOf(samples, name);
    return growth > octets ? [`${name} grew by ${mib(growth)}: it may by ${mib(octets)}`] : [];
  });
}

/** Rejects where the loads' messages stop coming back. */
async function watched<Result>(work: Promise<Result>, loads: readonly Helper[], patienceMs: number): Promise<Result> {
  let isOver = false;
  const settled = work.finally(() => (isOver = true));
  settled.catch(() => {}); // heard below
  let before = "";
  let quietMs = 0;
  const LOOK_MS = 250;
  for (;;) {
    await Promise.race([settled, new Promise((resolve) => setTimeout(resolve, LOOK_MS))]);
    if (isOver) return settled;
    const tallies: string = JSON.stringify(await Promise.all(loads.map((load) => load.ask<LoadTally>("tally"))));
    quietMs = tallies === before ? quietMs + LOOK_MS : 0;
    before = tallies;
    if (quietMs < patienceMs) continue;
    const waiting = await Promise.all(loads.map((load) => load.ask<string[]>("waiting")));
    throw new Error(`lost: nothing has come for ${patienceMs} ms; waiting for\n${waiting.flat().join("\n")}`);
  }
}

/** The error's own words, of a process of ours. */
const wordsOf = (error: unknown): string => (error as Error).message.split("\n    at ")[0]!;

/**
 * Runs a soak.
 *
 * @param say  is told a line after each stage
 */
export async function soak(plan: SoakPlan, say: (line: string) => void): Promise<SoakReport> {
  const server = new Helper("../soak/server");
  const loads = Array.from({ length: LOADS }, () => new Helper("../soak/load"));
  const samples: Sample[] = [];
  const faults: string[] = [];
  let tally = sumOf([]);
  const part = (total: number): number => Math.ceil(total / (STAGES + 1) / LOADS);

  const run = async (): Promise<void> => {
    const { transport, fault, patienceMs, seed } = plan;
    const started = await server.ask<{ port: number; transport: string }>("start", { transport, fault });
    if (started.transport !== transport) throw new Error(`the server reads by ${started.transport}`);
    const starts = loads.map((_, index) => ({
      port: started.port,
      seed: (seed + index) >>> 0,
      residentCount: RESIDENTS,
      firstId: index * 2 ** 28,
    }));
    await Promise.all(loads.map((load, index) => load.ask("start", starts[index] satisfies LoadStart | undefined)));
    const stage: Stage = {
      messageCount: part(plan.messageCount),
      visitorCount: part(plan.connectionCount),
      seconds: plan.seconds / (STAGES + 1),
    };
    for (let index = 0; index <= STAGES; index++) {
      const startedMs = performance.now();
      const talking = Promise.all(loads.map((load) => load.ask<LoadTally>("talk", stage)));
      tally = sumOf(await watched(talking, loads, patienceMs));
      const sample = await server.ask<Sample>("sample", LOADS * RESIDENTS);
      if (index > 0) samples.push(sample);
      faults.push(...sampleFaults(sample, LOADS * RESIDENTS, samples[0] ?? sample));
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
      say(
        `${index === 0 ? "warm" : String(index).padStart(4)}  ${seconds.padStart(6)} s  ${tally.messageCount} messages, ` +
          `${mib(tally.octetCount)}, ${tally.connectionCount} connections; in use ${mib(sample.inUse)}, resident ${mib(sample.rss)}`,
      );
    }
    tally = sumOf(await watched(Promise.all(loads.map((load) => load.ask<LoadTally>("leave"))), loads, patienceMs));
    const last = await server.ask<Sample>("sample", 0);
    faults.push(...sampleFaults(last, 0, last), ...tallyFaults(await server.ask<ServerTally>("tally"), tally));
    faults.push(...growthFaults(samples, tally));
    for (const name of Object.keys(allowances) as MemoryName[])
      say(`${name}: ${mib(growthOf(samples, name))} more in the last three samples than in the first three`);
    await server.ask("close");
    const codes = await Promise.all([server, ...loads].map((helper) => helper.leave()));
    if (codes.some((code) => code !== 0)) faults.push(`the processes ended with ${codes.join(", ")}`);
  };

  await withHelpers([server, ...loads], () => run().catch((error) => void faults.push(wordsOf(error))));
  return { tally, samples, faults };
}
