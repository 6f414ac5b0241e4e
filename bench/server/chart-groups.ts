// What the chart shows of a result: each peer's figure against wsimd's.

import { median } from "../median.ts";
import type { Measured, Result } from "./results.ts";

/** Whose bars there are, in this order, each with a class of the style below. */
export const bars: readonly (readonly [name: string, style: string])[] = [
  ["ws", "ws"],
  ["Bun", "bun"],
  ["Deno", "deno"],
];
const FLOOR = "tcp onread";

/** A row of the chart: what wsimd's figure is, and each peer's against it. */
export interface Group {
  readonly topic: string;
  readonly name: string;
  readonly figure: number;
  readonly ratios: readonly (number | undefined)[];
  readonly floor: number | undefined;
}

/** @param node  the Node whose figures count, where several were measured */
export function groupOf({ topic, name, measured, isAside }: Result, node: string): Group | null {
  if (isAside) return null;
  const find = (wanted: string): Measured | undefined =>
    measured.find((one) => one.name === wanted && (!one.runtime.startsWith("Node") || one.runtime === node));
  const ours = find("wsimd");
  if (ours === undefined) return null;
  const against = (wanted: string): number | undefined => {
    const figures = find(wanted)?.figures;
    return figures && median(figures.map((figure, round) => figure / ours.figures[round]!));
  };
  return {
    topic,
    name,
    figure: median(ours.figures),
    ratios: bars.map(([bar]) => against(bar)),
    floor: against(FLOOR),
  };
}
