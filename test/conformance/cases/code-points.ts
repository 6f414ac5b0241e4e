// 6.5 to 6.23: one text frame each, that is UTF-8 or is not: the edges of RFC 3629 and what lies beyond them.

import { concat, hex, utf8 } from "../../support/octets.ts";
import { echo, gotText, kill, text, textError } from "../builders.ts";
import type { Case } from "../case.ts";

/** A Greek word: code points of two and three octets. */
export const kosme: Uint8Array = hex("ce ba e1 bd b9 cf 83 ce bc ce b5");

interface Sample {
  readonly octets: Uint8Array;
  readonly isValid: boolean;
}

const samples =
  (isValid: boolean) =>
  (...payloads: readonly (string | Uint8Array)[]): Sample[] =>
    payloads.map((payload) => ({ octets: typeof payload === "string" ? hex(payload) : payload, isValid }));
const valid = samples(true);
const invalid = samples(false);

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** Start octets, each followed by a space. */
const lonely = (from: number, to: number): Uint8Array =>
  Uint8Array.from(range(from, to).flatMap((start) => [start, 0x20]));

/** Sequences whose last continuation is missing. */
const cutShort = "c0,e080,f08080,f8808080,fc80808080,df,efbf,f7bfbf,fbbfbfbf,fdbfbfbfbf".split(",");

/** Between "hello" and "world". */
const inHello = (octets: string): Uint8Array => concat(utf8("hello"), hex(octets), utf8("world"));

const highSurrogates = ["eda080", "edadbf", "edae80", "edafbf"];

/** The last two code points of each plane, which are no characters and yet valid. */
const planeEnds = range(0, 16).flatMap((plane) =>
  [0xfffe, 0xffff].map((end) => utf8(String.fromCodePoint(plane * 0x10000 + end))),
);

const wholeCodePoints = new Set([2, 5, 7, 9, 11]);

/** By the number after "6.". */
const groups: Readonly<Record<number, readonly Sample[]>> = {
  5: valid(...["24", "c2a2", "e282ac", "f0a4ada2"].map(inHello), kosme),
  6: range(1, 11).map((length) => ({ octets: kosme.subarray(0, length), isValid: wholeCodePoints.has(length) })),
  7: valid("00", "c280", "e0a080", "f0908080"),
  8: invalid("f888808080", "fc8480808080"),
  9: valid("7f", "dfbf", "efbfbf", "f48fbfbf"),
  10: invalid("f7bfbfbf", "fbbfbfbfbf", "fdbfbfbfbfbf"),
  11: [...valid("ed9fbf", "ee8080", "efbfbd", "f48fbfbf"), ...invalid("f4908080")],
  12: invalid(
    ...["80", "bf", "80bf", "80bf80", "80bf80bf", "80bf80bf80", "80bf80bf80bf"],
    Uint8Array.from(range(0x80, 0xbe)),
  ),
  13: invalid(lonely(0xc0, 0xde), lonely(0xe0, 0xee), lonely(0xf0, 0xf6), lonely(0xf8, 0xfa), lonely(0xfc, 0xfc)),
  14: invalid(...cutShort),
  15: invalid(cutShort.join("")),
  16: invalid("fe", "ff", "fefeffff"),
  17: invalid("c0af", "e080af", "f08080af", "f8808080af", "fc80808080af"),
  18: invalid("c1bf", "e09fbf", "f08fbfbf", "f887bfbfbf", "fc83bfbfbfbf"),
  19: invalid("c080", "e08080", "f0808080", "f880808080", "fc8080808080"),
  20: invalid(...highSurrogates, "edb080", "edbe80", "edbfbf"),
  21: invalid(...highSurrogates.flatMap((high) => [`${high}edb080`, `${high}edbfbf`])),
  22: valid(...planeEnds),
  23: valid("efbfb9", "efbfba", "efbfbb", "efbfbc", "efbfbd", "efbfbe", "efbfbf"),
};

export const codePoints: readonly Case[] = Object.entries(groups).flatMap(([group, found]) =>
  found.map(({ octets, isValid }, index) => {
    const id = `6.${group}.${index + 1}`;
    const limit = kill(0.5);
    return isValid ? echo(id, [text(octets)], [gotText(octets)], { limit }) : textError(id, [text(octets)], { limit });
  }),
);
