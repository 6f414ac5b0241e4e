// 12.* and 13.*: a thousand compressed messages, each sent when the last has come back. RFC 7692.
// 12.* goes through files of several kinds with the parameters that clients offer most; 13.* varies the parameters.

import { closeAfter, echo } from "../builders.ts";
import type { Case, Compression } from "../case.ts";
import type { CorpusName } from "../deflate/corpora.ts";
import type { Wish } from "../deflate/negotiation.ts";

const ROUNDS = 1000;

const KIB = 1024;

/** By the last number of a case: length of the messages, of the fragments of what they are compressed to, seconds. */
const sizes: readonly (readonly [messageLength: number, fragmentLength: number | null, seconds: number])[] = [
  [16, null, 60],
  [64, null, 60],
  [256, null, 120],
  [KIB, null, 240],
  [4 * KIB, null, 480],
  [8 * KIB, null, 480],
  [16 * KIB, null, 480],
  [32 * KIB, null, 480],
  [64 * KIB, null, 480],
  [128 * KIB, null, 480],
  [8 * KIB, 256, 480],
  [16 * KIB, 256, 480],
  [32 * KIB, 256, 480],
  [64 * KIB, 256, 480],
  [128 * KIB, 256, 480],
  [128 * KIB, KIB, 480],
  [128 * KIB, 4 * KIB, 480],
  [128 * KIB, 32 * KIB, 480],
];

const group = (id: string, corpus: CorpusName, kind: Compression["kind"], wishes: readonly Wish[]): Case[] =>
  sizes.map(([messageLength, fragmentLength, seconds], index) =>
    echo(`${id}.${index + 1}`, [], [], {
      compression: { corpus, kind, wishes, messageLength, fragmentLength },
      rounds: ROUNDS,
      limit: closeAfter(seconds),
    }),
  );

const nothing: Wish = { contextTakeover: true, windowBits: null };
const noTakeover: Wish = { ...nothing, contextTakeover: false };
const narrow: Wish = { ...nothing, windowBits: 9 };
const wide: Wish = { ...nothing, windowBits: 15 };
const narrowNoTakeover: Wish = { ...narrow, contextTakeover: false };
const wideNoTakeover: Wish = { ...wide, contextTakeover: false };

/** By the second number of a case. */
const wishesOf: readonly (readonly Wish[])[] = [
  [nothing],
  [noTakeover],
  [narrow],
  [wide],
  [narrowNoTakeover],
  [wideNoTakeover],
  [narrowNoTakeover, noTakeover, nothing],
];

export const compression: readonly Case[] = [
  ...group("12.1", "json", "text", [nothing]),
  ...group("12.2", "bitmap", "binary", [nothing]),
  ...group("12.3", "prose", "binary", [nothing]),
  ...group("12.4", "html", "text", [nothing]),
  ...group("12.5", "pdf", "binary", [nothing]),
  ...wishesOf.flatMap((wishes, index) => group(`13.${index + 1}`, "json", "text", wishes)),
];
