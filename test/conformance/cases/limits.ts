// 9.*: large messages, many fragments, small chunks, many messages; 10.*: a message cut by its sender. Each must come back.

import { hex } from "../../support/octets.ts";
import { binary, closeAfter, echo, fragments, gotBinary, gotText, kill, text } from "../builders.ts";
import type { Case, Event, Step } from "../case.ts";
import { type Payload, repeated } from "../payload.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** Text is told from binary by its opcode alone. */
interface Kind {
  readonly opcode: 1 | 2;
  readonly send: (payload: Payload) => Step;
  readonly got: (payload: Payload) => Event;
}
const asText: Kind = { opcode: 1, send: text, got: gotText };
const asBinary: Kind = { opcode: 2, send: binary, got: gotBinary };

const textFiller = "BAsd7&jh23";
const binaryFiller = hex("00 fe 23 fa f0");
const star = "*";
const fe = hex("fe");

const byLength = { compare: "length" } as const;

const messageLengths = [64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB];

const messages = (
  group: string,
  { send, got }: Kind,
  filler: string | Uint8Array,
  seconds: readonly number[],
): Case[] =>
  messageLengths.map((length, index) => {
    const payload = repeated(filler, length);
    const limit = closeAfter(seconds[index]!);
    return echo(`${group}.${index + 1}`, [send(payload)], [got(payload)], { ...byLength, limit });
  });

const fragmentLengths = [64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB];

const inFragments = (group: string, { opcode, got }: Kind, fillerOf: (index: number) => string | Uint8Array): Case[] =>
  fragmentLengths.map((fragmentLength, index) => {
    const payload = repeated(fillerOf(index), 4 * MIB);
    const step = fragments(opcode, payload, fragmentLength);
    return echo(`${group}.${index + 1}`, [step], [got(payload)], { ...byLength, limit: closeAfter(100) });
  });

const pieceLengths = [64, 128, 256, 512, 1024, 2048];

const inPieces = (group: string, { send, got }: Kind, filler: string | Uint8Array): Case[] =>
  pieceLengths.map((pieceLength, index) => {
    const payload = repeated(filler, MIB);
    const pace = { chop: pieceLength, pause: "turn" } as const;
    return echo(`${group}.${index + 1}`, [send(payload)], [got(payload)], {
      ...byLength,
      limit: closeAfter(1000),
      pace,
    });
  });

const pingPong: readonly (readonly [length: number, seconds: number])[] = [
  [0, 60],
  [16, 60],
  [64, 60],
  [256, 120],
  [1024, 240],
  [4096, 480],
];

const oneByOne = (group: string, { send, got }: Kind, filler: string | Uint8Array): Case[] =>
  pingPong.map(([length, seconds], index) => {
    const payload = repeated(filler, length);
    return echo(`${group}.${index + 1}`, [send(payload)], [got(payload)], {
      ...byLength,
      limit: closeAfter(seconds),
      rounds: 1000,
    });
  });

const stars = repeated(star, 65536);

export const limits: readonly Case[] = [
  ...messages("9.1", asText, textFiller, [10, 10, 100, 100, 100, 100]),
  ...messages("9.2", asBinary, binaryFiller, [10, 10, 10, 10, 100, 100]),
  ...inFragments("9.3", asText, () => star),
  ...inFragments("9.4", asBinary, (index) => (index === 0 ? fe : star)),
  ...inPieces("9.5", asText, textFiller),
  ...inPieces("9.6", asBinary, binaryFiller),
  ...oneByOne("9.7", asText, star),
  ...oneByOne("9.8", asBinary, fe),
  echo("10.1.1", [fragments(1, stars, 1300)], [gotText(stars)], { limit: kill(10) }),
];
