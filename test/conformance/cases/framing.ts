// 1.*: messages of one frame, at the cliffs of the length field. RFC 6455 §5.2.

import { binary, chop, echo, gotBinary, gotText, kill, text } from "../builders.ts";
import type { Case, Pace } from "../case.ts";
import { repeated } from "../payload.ts";

/** Octets, how long the peer may take in s, and how the frame leaves. */
const lengths: readonly (readonly [length: number, seconds: number, pace: Pace])[] = [
  [0, 1, "together"],
  [125, 1, "together"],
  [126, 1, "together"],
  [127, 1, "together"],
  [128, 1, "together"],
  [65535, 10, "together"],
  [65536, 10, "together"],
  [65536, 10, chop(997)],
];

const textCases = lengths.map(([length, seconds, pace], index) => {
  const payload = repeated("*", length);
  return echo(`1.1.${index + 1}`, [text(payload)], [gotText(payload)], { limit: kill(seconds), pace });
});

const binaryCases = lengths.map(([length, seconds, pace], index) => {
  const payload = repeated(Uint8Array.of(0xfe), length);
  return echo(`1.2.${index + 1}`, [binary(payload)], [gotBinary(payload)], { limit: kill(seconds), pace });
});

export const framing: readonly Case[] = [...textCases, ...binaryCases];
