// Whether memory grows: samples of a server at rest, the median of the last three against that of the first three after warming
// up. What is allowed is a constant, so that the longer the run, the smaller is the leak that shows.

const MIB = 2 ** 20;

/**
 * What may be more at the end, in octets. Between the medians lie seven tenths of a run: of 100,000 connections and 10,000,000
 * messages, what is in use shows 30 octets for each connection and a third of one for each message. What is resident moves
 * with the allocator and the collector.
 */
export const allowances: { readonly inUse: number; readonly rss: number } = { inUse: 2 * MIB, rss: 24 * MIB };

export type MemoryName = keyof typeof allowances;

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** How much more of it there is at the end than at the beginning, in octets. */
export function growthOf(samples: readonly Readonly<Record<MemoryName, number>>[], name: MemoryName): number {
  const values = samples.map((sample) => sample[name]);
  return median(values.slice(-3)) - median(values.slice(0, 3));
}
