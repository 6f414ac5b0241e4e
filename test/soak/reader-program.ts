// Readers in a process of their own: whoever stops it has dead peers.

import { obey } from "../hostile/processes.ts";
import { Reader, type ReaderPlan } from "./readers.ts";

export interface ReadersStart {
  readonly plan: ReaderPlan;
  readonly count: number;
  /** What a slow one reads. */
  readonly octetsPerSecond: number;
}

export interface ReadersTally {
  readonly openedCount: number;
  readonly messageCount: number;
  readonly octetCount: number;
  readonly faults: readonly string[];
}

const TICK_MS = 10;

const readers: Reader[] = [];
let reading: NodeJS.Timeout | undefined;

async function open(plan: ReaderPlan): Promise<void> {
  const reader = new Reader(plan);
  readers.push(reader);
  await reader.ask();
}

obey({
  async open({ plan, count, octetsPerSecond }: ReadersStart): Promise<void> {
    for (let left = count; left > 0; left--) await open(plan);
    if (plan.kind !== "slow") return;
    reading ??= setInterval(() => {
      for (const reader of readers) reader.read((octetsPerSecond * TICK_MS) / 1000);
    }, TICK_MS);
    reading.unref();
  },
  tally(): ReadersTally {
    const sum = (name: "messageCount" | "octetCount"): number => readers.reduce((total, one) => total + one[name], 0);
    return {
      openedCount: readers.length,
      messageCount: sum("messageCount"),
      octetCount: sum("octetCount"),
      faults: readers.flatMap(({ fault }) => fault ?? []),
    };
  },
});
