// What an idle connection keeps resident at the server after thousands of handshakes; resident.ts has how.
// Node's figures hold V8's young generation, which grows in powers of two with what survives while the connections are made: 12
// to 30 MB of whatever size it came to. The second job keeps it at its smallest: what is left is what a connection needs.

import { lineUp } from "./contestants.ts";
import { dialMany, openFilesLimit } from "./entering.ts";
import { residents } from "./resident.ts";
import type { Result } from "./results.ts";
import type { Job, Setting } from "./topics.ts";

const onNode = ["wsimd", "ws", "tcp", "tcp onread"];
const takingPart = [...onNode, "Bun", "Deno", "wsimd on Bun", "wsimd on Deno"];
const SMALLEST_YOUNG_GENERATION = ["--min-semi-space-size=1", "--max-semi-space-size=1"];

const CONNECTION_COUNT = 10_000;
const SHORT_CONNECTION_COUNT = 3000;
const WARM_UP_COUNT = 200;
const RUN_COUNT = 3;

async function measure(setting: Setting, among: readonly string[], nodeFlags: readonly string[]): Promise<Result> {
  const { names, runtimes, transport, isShort } = setting;
  const count = Math.min(isShort ? SHORT_CONNECTION_COUNT : CONNECTION_COUNT, openFilesLimit() - 500);
  const wanted = among.filter((name) => names.includes(name));
  const entrants = lineUp(wanted, runtimes, { answer: "echo", transport, nodeFlags });
  const [measured, failures] = await residents(entrants, {
    count,
    warmUpCount: WARM_UP_COUNT,
    settleMs: isShort ? 200 : 2000,
    runs: isShort ? 1 : RUN_COUNT,
    dial: dialMany,
  });
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
