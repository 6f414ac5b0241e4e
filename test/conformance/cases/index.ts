// Every case, in the order of its number.

import type { Case, Compression } from "../case.ts";
import { closing } from "./closing.ts";
import { codePoints } from "./code-points.ts";
import { compression } from "./compression.ts";
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
  ...compression,
];

/** Cases of 9.*, 12.* and 13.* move megabytes. */
export const isHeavy = ({ id, compression }: Case): boolean => id.startsWith("9.") || compression !== null;

/** Cases with other numbers of compressed messages. */
export function withMessages(chosen: readonly Case[], countFor: (compression: Compression) => number): readonly Case[] {
  return chosen.map((tested) =>
    tested.compression === null ? tested : { ...tested, rounds: countFor(tested.compression) },
  );
}

/** The cases whose number is one of these or begins with one: 6.4 stands for 6.4.1 to 6.4.4. */
export function chooseCases(prefixes: readonly string[]): readonly Case[] {
  return cases.filter(({ id }) => prefixes.some((prefix) => `${id}.`.startsWith(`${prefix}.`)));
}
