// Whether memory grows: samples of a server at rest, the median of the last three against that of the first three after warming
// up. What is allowed is a constant, so that the longer the run, the smaller is the leak that shows.

const MIB = 2 ** 20;

export type MemoryName = "inUse" | "rss";

/** What may be more at the end, and how long a run must be for that to mean anything: either will do. */
interface Allowance {
  readonly octets: number;
  readonly leastConnections: number;
  readonly leastMessages: number;
}

/**
 * Between the medians lie seven tenths of a run: of 100,000 connections and 10,000,000 messages, what is in use shows 30 octets
 * for each connection and a third of one for each message. Before half a million messages code is still being compiled; what is
 * resident moves with the allocator and the collector, and takes as many again to settle: a run of a million saw it rise by 26
 * MiB and stay there.
 */
export const allowances: Readonly<Record<MemoryName, Allowance>> = {
  inUse: { octets: 2 * MIB, leastConnections: 5_000, leastMessages: 500_000 },
  rss: { octets: 24 * MIB, leastConnections: 30_000, leastMessages: 3_000_000 },
};

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** How much more of it there is at the end than at the beginning, in octets. */
export function growthOf(samples: readonly Readonly<Record<MemoryName, number>>[], name: MemoryName): number {
  const values = samples.map((sample) => sample[name]);
  return median(values.slice(-3)) - median(values.slice(0, 3));
}
