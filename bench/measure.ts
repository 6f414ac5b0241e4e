// Times the contestants of a row with the benchmark package. A machine is never quiet for long, so contestants take turns:
// each round times every one of them. What counts is the median over the rounds, and of ratios taken within a round.

import Benchmark from "benchmark";
import { median } from "./median.ts";
import { runningPart } from "./waiting.ts";

/** One of those a row compares. */
export interface Contestant {
  readonly name: string;
  /** Does the row's work once. A function of its own, so that the timing loop calls nothing else. */
  readonly run: () => void;
  /** Does it once more and throws unless every octet of the result is right. */
  readonly check: () => void;
}

/** One line of a table. */
export interface Row {
  readonly topic: string;
  readonly name: string;
  /** Frames that a run handles; figures are for one of them. */
  readonly frames: number;
  /** Octets in a frame's payload. */
  readonly octets: number;
  /** wsimd first, then its peers. Made when the row's turn has come. */
  contestants(): readonly Contestant[];
}

/** How long to measure. */
export interface Effort {
  readonly rounds: number;
  readonly samples: number;
  readonly sampleSeconds: number;
}

/** What came out for one contestant. */
export interface Timing {
  readonly name: string;
  /** Per frame, one figure a round. */
  readonly roundsNs: readonly number[];
  readonly ns: number;
  /** Median over the rounds of this contestant's time through wsimd's: above 1, wsimd is faster. */
  readonly ratio: number;
}

/** Times one contestant once; returns seconds a run, and how many runs make a sample. */
function timeOnce(contestant: Contestant, effort: Effort, count: number): { seconds: number; count: number } {
  const bench = new Benchmark(contestant.name, contestant.run, {
    minTime: effort.sampleSeconds,
    minSamples: effort.samples,
    maxTime: 0, // the fewest samples are enough: there are more rounds
    initCount: count,
  });
  const running = runningPart(() => bench.run({ async: false }));
  if (bench.error) throw bench.error;
  // The mean, not the median: what the collector takes is part of the price.
  return { seconds: bench.stats.mean * running, count: Math.max(1, bench.count) };
}

/** Checks every contestant of a row, then times them in turn. */
export function measureRow(row: Row, effort: Effort): Timing[] {
  const contestants = row.contestants();
  for (const contestant of contestants) contestant.check();
  const counts = contestants.map(() => 1);
  const roundsNs = contestants.map((): number[] => []);
  for (let round = 0; round < effort.rounds; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const index = (turn + round) % contestants.length; // nobody is always first
      const { seconds, count } = timeOnce(contestants[index]!, effort, counts[index]!);
      counts[index] = count;
      roundsNs[index]!.push((seconds * 1e9) / row.frames);
    }
  }
  return contestants.map(({ name }, index) => ({
    name,
    roundsNs: roundsNs[index]!,
    ns: median(roundsNs[index]!),
    ratio: median(roundsNs[index]!.map((ns, round) => ns / roundsNs[0]![round]!)),
  }));
}
