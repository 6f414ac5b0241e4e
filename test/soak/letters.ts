// The messages of the soak: a few hundred, made once, as a client puts them on the wire. Each is sent again and again under a
// stamp, 16 hex digits at its start: its number on the connection, then the connection's, lowest digit first, so that a short
// message has the digits that change. What must come back is the same payload, stamp included, after a pong for each ping.
//
// Frames are made from the RFC alone (test/support/frames.ts): nothing here is the library's.

import { frame } from "../support/frames.ts";
import { concat, type Random, utf8 } from "../support/octets.ts";

const TEXT = 1;
const BINARY = 2;
const PING = 9;
const PONG = 10;

/** Octets of a stamp. */
export const STAMP_LENGTH = 16;

/** A frame that must come back. */
export interface Answer {
  readonly opcode: number;
  /** Its payload; of an answer that is stamped, but for the stamp. */
  readonly payload: Buffer;
  /** Octets of the stamp that it begins with. */
  readonly stampLength: number;
}

export interface Letter {
  /** Its frames, masked, but for the stamp. */
  readonly wire: Buffer;
  /** Where in `wire` each octet of the stamp stands, and what it is masked with. */
  readonly stampOffsets: readonly number[];
  readonly stampKeys: readonly number[];
  /** What comes back, in this order; the last is stamped. */
  readonly answers: readonly Answer[];
  readonly isMessage: boolean;
  /** Its payload, for a peer that makes frames itself. */
  readonly payload: Buffer;
  readonly isText: boolean;
}

/** Characters of one to four octets, and what an engine keeps in one octet each. */
const alphabets = {
  ascii: ["a", "Z", "0", " ", "~", "\n"],
  latin: ["a", "é", "ß", "ÿ"],
  mixed: ["a", "é", "λ", "語", "😀", "\u{10ffff}"],
} as const;

type Kind = keyof typeof alphabets | "binary";

const kinds: readonly Kind[] = ["ascii", "ascii", "latin", "mixed", "binary", "binary"];

/** Octets of a kind. Long ones repeat a part whose length is odd. */
function payloadOf(random: Random, kind: Kind, length: number): Buffer {
  if (kind === "binary") return Buffer.alloc(length, length === 0 ? 0 : random.octets(4999));
  const characters = Array.from({ length: 1000 }, () => random.pick(alphabets[kind])).join("");
  const part = utf8(characters);
  const payload = Buffer.alloc(length, "a");
  const start = Math.min(STAMP_LENGTH, length);
  for (let at = start; at + part.length <= length; at += part.length) payload.set(part, at);
  // What is left is filled with whole characters; "a" stands where the next would not fit.
  let at = length - ((length - start) % part.length);
  for (const character of characters) {
    const octets = utf8(character);
    if (at + octets.length > length) break;
    payload.set(octets, at);
    at += octets.length;
  }
  return payload;
}

/** Offsets in rising order, the first 0. */
function cutsOf(random: Random, length: number, count: number): number[] {
  const cuts = Array.from({ length: count - 1 }, () => random.below(length + 1));
  return [0, ...cuts.sort((a, b) => a - b)];
}

/** A message in as many fragments, pings between some of them. §5.4 */
function message(random: Random, kind: Kind, length: number, fragmentCount: number): Letter {
  const payload = payloadOf(random, kind, length);
  const stampLength = Math.min(STAMP_LENGTH, length);
  payload.fill(0, 0, stampLength);
  const parts: Uint8Array[] = [];
  const [stampOffsets, stampKeys]: [number[], number[]] = [[], []];
  const answers: Answer[] = [];
  const opcode = kind === "binary" ? BINARY : TEXT;
  let wireLength = 0;
  const add = (spec: Parameters<typeof frame>[0]): void => {
    parts.push(frame(spec));
    wireLength += parts.at(-1)!.length;
  };
  const cuts = cutsOf(random, length, fragmentCount);
  for (const [index, start] of cuts.entries()) {
    if (index > 0 && random.below(2) === 0) {
      const data = random.octets(random.pick([0, 7, 125]));
      add({ opcode: PING, maskingKey: random.octets(4), payload: data });
      answers.push({ opcode: PONG, payload: Buffer.from(data), stampLength: 0 });
    }
    const isLast = index === cuts.length - 1;
    const end = isLast ? length : cuts[index + 1]!;
    const maskingKey = random.octets(4);
    add({ opcode: index === 0 ? opcode : 0, fin: isLast, maskingKey, payload: payload.subarray(start, end) });
    for (let at = start; at < Math.min(end, stampLength); at++) {
      stampOffsets.push(wireLength - (end - at));
      stampKeys.push(maskingKey[(at - start) & 3]!);
    }
  }
  answers.push({ opcode, payload, stampLength });
  const wire = Buffer.from(concat(...parts).buffer);
  return { wire, stampOffsets, stampKeys, answers, payload, isMessage: true, isText: opcode === TEXT };
}

/** A ping, stamped as messages are. §5.5.2 */
function ping(random: Random, length: number): Letter {
  const payload = Buffer.from(random.octets(length));
  payload.fill(0, 0, Math.min(STAMP_LENGTH, length));
  const maskingKey = random.octets(4);
  const stamped = Array.from({ length: Math.min(STAMP_LENGTH, length) }, (_, at) => at);
  return {
    wire: Buffer.from(frame({ opcode: PING, maskingKey, payload })),
    stampOffsets: stamped.map((at) => 6 + at), // §5.2: a short header and its masking key
    stampKeys: stamped.map((at) => maskingKey[at & 3]!),
    answers: [{ opcode: PONG, payload, stampLength: stamped.length }],
    isMessage: false,
    payload,
    isText: false,
  };
}

/** How many of 10,000 letters are of a class, and the lengths of its payloads. */
interface Class {
  readonly share: number;
  readonly count: number;
  length(random: Random): number;
}

const KIB = 1024;

const classes: readonly Class[] = [
  { share: 6500, count: 90, length: (random) => random.below(126) },
  { share: 2000, count: 60, length: (random) => random.pick([126, 127, 128, 129 + random.below(900)]) },
  { share: 480, count: 40, length: (random) => KIB + random.below(16 * KIB) },
  {
    share: 18,
    count: 16,
    length: (random) => random.pick([65535, 65536, 65537, 32768, 50_000 + random.below(150_000)]),
  },
  { share: 2, count: 4, length: () => KIB * KIB },
];

/** The letters of a run. */
export class Letters {
  private readonly random: Random;
  private readonly ofClass: readonly (readonly Letter[])[];
  private readonly pings: readonly Letter[];

  constructor(random: Random) {
    this.random = random;
    this.ofClass = classes.map(({ count, length }) =>
      Array.from({ length: count }, () => {
        const fragmentCount = random.below(4) === 0 ? 2 + random.below(5) : 1;
        return message(random, random.pick(kinds), length(random), fragmentCount);
      }),
    );
    this.pings = Array.from({ length: 20 }, () => ping(random, random.below(126)));
  }

  /** Any letter; most are short. */
  any(): Letter {
    let share = this.random.below(10_000);
    for (const [index, { share: ofClass }] of classes.entries()) {
      share -= ofClass;
      if (share < 0) return this.random.pick(this.ofClass[index]!);
    }
    return this.random.pick(this.pings);
  }

  /** A message of less than 1 KiB. */
  short(): Letter {
    return this.random.pick(this.ofClass[this.random.below(2)]!);
  }
}

/** Hex digits of `number`, the lowest first. */
export function writeDigits(into: Uint8Array, at: number, number: number): void {
  for (let index = 0; index < STAMP_LENGTH / 2; index++) {
    const digit = number & 15;
    into[at + index] = digit < 10 ? 0x30 + digit : 0x57 + digit;
    number >>>= 4;
  }
}
