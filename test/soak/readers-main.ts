// `npm run soak:readers`: slow, stalled and dead readers in processes of their own, under load, on the platform's clock. Shows what
// the server's memory was at most, how the readers ended, and how long honest clients waited, alone and meanwhile.

import { Helper, withHelpers } from "../hostile/processes.ts";
import { choiceOf, MistakeError, numberOf, optionsOf } from "../support/command-line.ts";
import type { HonestStart, Latencies } from "./honest-program.ts";
import type { End, Manner } from "./pours.ts";
import type { ReadersStart, ReadersTally } from "./reader-program.ts";
import type { ReaderKind } from "./readers.ts";
import type { PouringStart, PouringState } from "./readers-server.ts";

const help = `Usage: npm run soak:readers -- [--transport memory|data|both] [--seconds N] [--only WORDS]

Readers that are poured to and do not keep up: what they cost the server's memory, how they end, and what honest clients notice.
--seconds is for each of the scenes (default: 3; those of the idle timeout take as long as that does), --only for those whose
name holds the words.
Exit code: 1 where memory passes the ceiling, a reader ends otherwise than documented, or an honest client misses anything.
`;

const KIB = 1024;
const MIB = KIB * KIB;

const limits = {
  maxBufferedAmount: 4 * MIB,
  maxProcessBuffered: 48 * MIB,
  idleTimeoutMs: 2000,
  closeTimeoutMs: 500,
} as const;

/**
 * What a process has besides what it holds: 8 MiB of blocks that are kept, and what was let go and the collector has not taken,
 * or the allocator has not given back: that does not grow with the time that this takes.
 */
const BESIDE = (8 + 80) * MIB;
const BLOCK = 64 * KIB;
/** docs/security.md: a connection, resident. */
const PER_CONNECTION = 8 * KIB;

const HONEST = 8;

interface Scene {
  readonly name: string;
  readonly kind: ReaderKind;
  readonly manner: Manner;
  readonly count: number;
  readonly length?: number;
  readonly octetsPerSecond?: number;
  /** Whether others come in the place of those that are closed: a stalled one does not notice that it is. */
  readonly comeBack?: boolean;
  /** How readers end: the code of an error, or of our Close. The first must happen, others may; none where nobody ends. */
  readonly ends: readonly string[];
}

const idle = { manner: "heeding", ends: ["1001"] } as const;
const amount = { manner: "heedless", ends: ["WS_BUFFERED_AMOUNT"] } as const;
const processBuffered = { manner: "heeding", ends: ["WS_PROCESS_BUFFERED", "1001"] } as const;

const scenes: readonly Scene[] = [
  { name: "8 that keep up", kind: "quick", manner: "heeding", count: 8, ends: [] },
  { name: "8 slow, 2 MiB/s each", kind: "slow", manner: "heeding", count: 8, octetsPerSecond: 2 * MIB, ends: [] },
  { name: "8 slow, send not heeded", kind: "slow", count: 8, octetsPerSecond: 2 * MIB, comeBack: true, ...amount },
  { name: "8 stalled", kind: "stalled", count: 8, ...idle },
  { name: "8 stalled, send not heeded", kind: "stalled", count: 8, comeBack: true, ...amount },
  { name: "8 dead", kind: "dead", count: 8, ...idle },
  { name: "8 dead, send not heeded", kind: "dead", count: 8, ...amount },
  { name: "64 stalled", kind: "stalled", count: 64, comeBack: true, ...processBuffered },
  { name: "64 stalled, a broadcast of 1 MiB", kind: "stalled", count: 64, length: MIB, ...idle },
];

const ms = (value: number): string => `${value.toFixed(2)} ms`;
const mib = (octets: number): string => `${(octets / MIB).toFixed(1)} MiB`;
const cell = ({ p50, p99, most, count }: Latencies): string =>
  `p50 ${ms(p50)}, p99 ${ms(p99)}, most ${ms(most)} of ${count}`;

/** How readers ended, and how many of them. */
function endsOf(ends: readonly End[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { errorCode, sentCode, code } of ends) {
    const name = String(errorCode ?? sentCode ?? code);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function faultsOf(scene: Scene, base: number, state: PouringState, tally: ReadersTally | null): string[] {
  const faults: string[] = [];
  const { peaks } = state;
  const ceiling = base + limits.maxProcessBuffered + BESIDE + scene.count * PER_CONNECTION;
  if (peaks.rss > ceiling) faults.push(`${mib(peaks.rss)} were resident: the ceiling is ${mib(ceiling)}`);
  if (peaks.held > limits.maxProcessBuffered + BLOCK) faults.push(`${peaks.held} octets were held`);
  if (peaks.bufferedAmount > limits.maxBufferedAmount)
    faults.push(`${peaks.bufferedAmount} octets waited for one reader`);
  const ends = endsOf(state.ends);
  const unexpected = Object.keys(ends).some((name) => !scene.ends.includes(name));
  if (unexpected || (scene.ends.length > 0 && ends[scene.ends[0]!] === undefined))
    faults.push(`they ended with ${JSON.stringify(ends)} instead of ${scene.ends[0] ?? "not at all"}`);
  faults.push(...state.otherErrors, ...(tally?.faults ?? []));
  return faults;
}

/** What all scenes have in common. */
interface Stage {
  readonly server: Helper;
  readonly honest: Helper;
  readonly port: number;
  /** Resident with honest clients alone, in octets. */
  readonly base: number;
  readonly seconds: number;
}

/** Plays a scene; returns what was wrong. */
async function play(scene: Scene, { server, honest, port, base, seconds }: Stage): Promise<string[]> {
  const readers = new Helper("../soak/reader-program");
  const { kind, manner, count, length = 16 * KIB, octetsPerSecond = 0, comeBack = false } = scene;
  return withHelpers([readers], async () => {
    const plan = { port, kind, manner, length };
    await readers.ask("open", { plan, count, octetsPerSecond } satisfies ReadersStart);
    if (kind === "dead") readers.child.kill("SIGSTOP");
    await server.ask("begin");
    const least = scene.ends[0] === "1001" ? (limits.idleTimeoutMs + limits.closeTimeoutMs + 1500) / 1000 : 0;
    const talking = honest.ask<Latencies>("talk", Math.max(seconds, least));
    let isOver = false;
    talking.finally(() => (isOver = true)).catch(() => {});
    while (comeBack && !isOver) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const missing = count - (await server.ask<PouringState>("state")).pouredCount;
      await readers.ask("open", { plan, count: missing, octetsPerSecond } satisfies ReadersStart);
    }
    const latencies = await talking;
    const state = await server.ask<PouringState>("state");
    const tally = kind === "dead" ? null : await readers.ask<ReadersTally>("tally");
    await server.ask("stop");
    const read = tally === null ? "" : `, ${mib(tally.octetCount)} read`;
    console.log(`${scene.name}: ended ${JSON.stringify(endsOf(state.ends))}${read}`);
    console.log(`    honest    ${cell(latencies)}`);
    const { peaks } = state;
    console.log(
      `    at most   ${mib(peaks.rss)} resident (${mib(base)} alone), ${mib(peaks.held)} held, ${mib(peaks.bufferedAmount)} for one`,
    );
    return faultsOf(scene, base, state, tally).map((fault) => `${scene.name}: ${fault}`);
  });
}

async function run(transport: "memory" | "data", { seconds, only }: Plan): Promise<boolean> {
  console.log(`\ntransport ${transport}, Node ${process.versions.node}: ${JSON.stringify(limits)}`);
  const [server, honest] = [new Helper("../soak/readers-server"), new Helper("../soak/honest-program")];
  const faults: string[] = [];
  await withHelpers([server, honest], async () => {
    const port = await server.ask<number>("start", { transport, limits } satisfies PouringStart);
    await honest.ask("open", { port, count: HONEST } satisfies HonestStart);
    await honest.ask<Latencies>("talk", 1); // what is compiled
    console.log(`alone:\n    honest    ${cell(await honest.ask<Latencies>("talk", seconds))}`);
    const base = await server.ask<number>("begin");
    await server.ask("stop");
    const stage = { server, honest, port, base, seconds };
    for (const scene of scenes.filter(({ name }) => name.includes(only))) faults.push(...(await play(scene, stage)));
    const { heldLength } = await server.ask<PouringState>("state");
    if (heldLength !== 0) faults.push(`${heldLength} octets are held when all are gone`);
    await honest.ask("leave");
    await server.ask("close");
  });
  for (const fault of faults) console.log(`WRONG: ${fault}`);
  return faults.length === 0;
}

interface Plan {
  readonly transport: string;
  readonly seconds: number;
  readonly only: string;
  readonly isHelp: boolean;
}

/** @throws MistakeError for words that make no plan */
function planOf(words: readonly string[]): Plan {
  const text = { type: "string" } as const;
  const options = { transport: text, seconds: text, only: text, help: { type: "boolean", short: "h" } } as const;
  const { only = "", help: isHelp = false, ...values } = optionsOf(words, options);
  const transport = choiceOf("transport", values.transport, ["memory", "data", "both"]) ?? "both";
  const seconds = numberOf("seconds", values.seconds, 1, 99_999) ?? 3;
  if (!scenes.some(({ name }) => name.includes(only))) throw new MistakeError(`no scene is called ${only}`);
  return { transport, seconds, only, isHelp };
}

let plan: Plan;
try {
  plan = planOf(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof MistakeError)) throw error;
  console.error(`${error.message}\n\n${help}`);
  process.exit(2);
}
if (plan.isHelp) {
  console.log(help);
} else {
  for (const transport of ["memory", "data"] as const) {
    if (plan.transport !== "both" && plan.transport !== transport) continue;
    if (!(await run(transport, plan))) process.exitCode = 1;
  }
}
