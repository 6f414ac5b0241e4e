// Every case, in the order of its number.

import type { Case } from "../case.ts";
import { closing } from "./closing.ts";
import { codePoints } from "./code-points.ts";
import { fragmentation } from "./fragmentation.ts";
import { framing } from "./framing.ts";
import { limits } from "./limits.ts";
import { pings } from "./pings.ts";
import { reserved } from "./reserved.ts";
import { utf8 } from "./utf8.ts";

export const cases: readonly Case[] = [
  ...framing,
  ...pings,
  ...reserved,
  ...fragmentation,
  ...utf8,
  ...codePoints,
  ...closing,
  ...limits,
];

/** Cases of 9.* move megabytes. */
export const isHeavy = ({ id }: Case): boolean => id.startsWith("9.");

/** The cases whose number is one of these or begins with one: 6.4 stands for 6.4.1 to 6.4.4. */
export function chooseCases(prefixes: readonly string[]): readonly Case[] {
  return cases.filter(({ id }) => prefixes.some((prefix) => `${id}.`.startsWith(`${prefix}.`)));
}
