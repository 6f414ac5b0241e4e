// What was measured, and who lost: the one form that every topic's figures take, for the table, the JSON and the chart.
// Less is better in all of them.

import { median } from "../median.ts";

/** What was measured of one contestant. */
export interface Measured {
  /** As contestants.ts calls it. */
  readonly name: string;
  /** What it runs on, with its version. */
  readonly runtime: string;
  /** In the row's unit, one a round. */
  readonly figures: readonly number[];
  /** Messages a second, one a round; left out where the row is not about rates. */
  readonly rates?: readonly number[];
  /** What the figures were made of, where that tells more. */
  readonly details?: Readonly<Record<string, number>>;
}

/** A contestant that could not be measured. */
export interface Failure {
  readonly name: string;
  readonly runtime: string;
  readonly reason: string;
}

export interface Result {
  readonly topic: string;
  readonly name: string;
  readonly unit: string;
  readonly note?: string;
  /** Not to be judged: what a judged row was made of, or a row with nobody to compare with. */
  readonly isAside?: true;
  readonly measured: readonly Measured[];
  readonly failures: readonly Failure[];
}

/** Whom each of ours is compared with. */
export const rivals: Readonly<Record<string, readonly string[]>> = {
  wsimd: ["ws", "ws level 2", "Bun", "Deno"],
  "wsimd level 6": ["ws"],
  "wsimd bytes": ["ws bytes"],
  "ws registered": ["ws"],
  "ws registered bytes": ["ws bytes"],
  "ws registered level 2": ["ws"],
  "wsimd on Bun": ["ws on Bun", "Bun"],
  "wsimd on Deno": ["ws on Deno", "Deno"],
};

/** Of ours, what a rival of its own runtime is compared with on Node: the same Node. */
function isOpponent(ours: Measured, other: Measured): boolean {
  if (!(rivals[ours.name] ?? []).includes(other.name)) return false;
  return !other.runtime.startsWith("Node") || other.runtime === ours.runtime;
}

export interface Comparison {
  readonly result: Result;
  readonly ours: Measured;
  readonly rival: Measured;
  /** Median of the rounds' ratios: above 1, the rival is better. */
  readonly ratio: number;
  /** The least and the greatest ratio of a round. */
  readonly spread: readonly [number, number];
  /** Whether the rounds' message rates are so far apart that the figures are of different work: below 0.8. */
  readonly ratesDiffer: boolean;
}

const LEAST_RATE_RATIO = 0.8;

function compare(result: Result, ours: Measured, rival: Measured): Comparison {
  const ratios = ours.figures.map((figure, round) => figure / rival.figures[round]!);
  const rates = (ours.rates ?? []).map((rate, round) => rate / rival.rates![round]!);
  const rateRatio = rates.length === 0 ? 1 : median(rates);
  return {
    result,
    ours,
    rival,
    ratio: median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)],
    ratesDiffer: Math.min(rateRatio, 1 / rateRatio) < LEAST_RATE_RATIO,
  };
}

/** Every one of ours with each of its rivals. */
export function comparisons(result: Result): Comparison[] {
  const { measured, isAside } = result;
  if (isAside) return [];
  return measured.flatMap((ours) =>
    measured.filter((other) => isOpponent(ours, other)).map((rival) => compare(result, ours, rival)),
  );
}

/** Where a rival is better. */
export function losses(results: readonly Result[]): Comparison[] {
  return results.flatMap(comparisons).filter(({ ratio }) => ratio > 1);
}
