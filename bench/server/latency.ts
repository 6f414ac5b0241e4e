// How late answers are at a fixed offered load: a third and two thirds of what the slowest of the servers can do at most.

import type { Contestant } from "../processes.ts";
import { maskedBatch, plainBatch, type Shape, shapeName } from "../shape.ts";
import { lineUp } from "./contestants.ts";
import { type Entered, enterAll } from "./entering.ts";
import { openLoad } from "./open-load.ts";
import { percentile } from "./percentile.ts";
import type { Measured, Result } from "./results.ts";
import type { Job, Setting } from "./topics.ts";

const shapes: readonly Shape[] = [
  { connections: 50, inFlight: 1, octets: 64, kind: "text" },
  { connections: 10, inFlight: 1, octets: 1024, kind: "text" },
  { connections: 10, inFlight: 1, octets: 16 * 1024, kind: "text" },
];

const takingPart: readonly string[] = ["wsimd", "ws", "Bun", "Deno", "wsimd on Bun", "wsimd on Deno", "tcp onread"];

/** Parts of the peak, and percentiles of each. */
const parts: readonly (readonly [string, number])[] = [
  ["1/3", 1 / 3],
  ["2/3", 2 / 3],
];
const percentiles: readonly number[] = [50, 99];

/** Messages a second of the slowest that speaks WebSocket, with one in flight on each connection. */
async function slowestPeak(entered: readonly Entered[], setting: Setting): Promise<number> {
  const peaks: number[] = [];
  for (const { entrant, contestant } of entered) {
    await contestant.settle(setting.effort);
    await contestant.measure(setting.effort);
    if (entrant.echoing === "server") peaks.push(peakOf(contestant));
  }
  return Math.min(...peaks);
}

const peakOf = ({ rates }: Contestant): number => rates.at(-1)!;

/** Each contestant's latencies at a rate, a list a round. */
async function rounds(
  entered: readonly Entered[],
  shape: Shape,
  rate: number,
  setting: Setting,
): Promise<number[][][]> {
  const { effort, isShort } = setting;
  const late: number[][][] = entered.map(() => []);
  const [message, answerLength] = [maskedBatch(shape), plainBatch(shape).length];
  for (let round = 0; round < effort.rounds; round++) {
    for (let turn = 0; turn < entered.length; turn++) {
      const index = (turn + round) % entered.length;
      const { wires, entrant } = entered[index]!;
      const length = entrant.echoing === "tcp" ? message.length : answerLength;
      await openLoad(wires, message, length, { rate, forMs: isShort ? 10 : 200 }); // counts nothing
      late[index]!.push(await openLoad(wires, message, length, { rate, forMs: isShort ? 100 : 1000 }));
    }
  }
  return late;
}

async function measurePart(
  shape: Shape,
  [partName, part]: (typeof parts)[number],
  peak: number,
  entered: readonly Entered[],
  setting: Setting,
): Promise<Omit<Result, "failures">[]> {
  const rate = peak * part;
  const late = await rounds(entered, shape, rate, setting);
  return percentiles.map((percent) => ({
    topic: "latency",
    name: `${nameOf(shape)}, ${partName} of peak, p${percent}`,
    unit: "us from when a message was due",
    ...(percent === percentiles[0] ? { note: `offered: ${Math.round(rate).toLocaleString("en")} a second` } : {}),
    measured: entered.map(({ entrant: { name, runtime }, contestant }, index): Measured => {
      const figures = late[index]!.map((latencies) => percentile(latencies, percent / 100));
      return { name, runtime, figures, details: { rate, peak: peakOf(contestant) } };
    }),
  }));
}

async function measure(shape: Shape, setting: Setting): Promise<Result[]> {
  const { runtimes, transport, names, running } = setting;
  const wanted = takingPart.filter((name) => names.includes(name));
  const [entered, failures] = await enterAll(lineUp(wanted, runtimes, { answer: "echo", transport }), shape, running);
  try {
    const peak = await slowestPeak(entered, setting);
    const results: Omit<Result, "failures">[] = [];
    for (const part of parts) results.push(...(await measurePart(shape, part, peak, entered, setting)));
    return results.map((result) => ({ ...result, failures }));
  } finally {
    for (const { contestant } of entered) contestant.close();
  }
}

const nameOf = (shape: Shape): string => shapeName(shape).replace(" x 1 x", " x");

export function latencyJobs(): Job[] {
  return shapes.map((shape) => ({
    topic: "latency",
    name: nameOf(shape),
    run: (setting) => measure(shape, setting),
  }));
}
