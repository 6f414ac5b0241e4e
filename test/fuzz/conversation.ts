// Valid conversations as lists of frames: messages of all kinds and lengths, fragments cut anywhere, control frames in
// between, a Close at the end or none; and their octets. RFC 6455 §5.2, §5.4, §5.5.

import { type FrameSpec, frame } from "../support/frames.ts";
import { concat, type Random, utf8 } from "../support/octets.ts";

/** A frame that may be changed before it is written. */
export type Draft = { -readonly [Name in keyof FrameSpec]: FrameSpec[Name] } & { payload: Uint8Array };

const alphabets = [
  ["a", "Z", "0", " ", "~", "\u0000"],
  ["a", "é", "߿", "ࠀ", "€", "퟿", "\ue000", "\uffff", "𐀀", "🎉", "\u{10ffff}", "\ufeff"],
];

const shortLengths = [0, 0, 1, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 33, 40, 63, 64, 65, 100];
const cliffLengths = [124, 125, 126, 127, 128, 129, 200, 255, 256, 257, 1023, 1024, 1025, 4096];
const longLengths = [8191, 8193, 16384, 65534, 65535, 65536, 65537, 66000, 131072];

/** A payload's length: short as a rule, at a cliff of the header often, long seldom. */
function lengthOf(random: Random): number {
  const draw = random.below(100);
  return random.pick(draw < 78 ? shortLengths : draw < 99 ? cliffLengths : longLengths);
}

function textOctets(random: Random, length: number): Uint8Array {
  const alphabet = random.pick(alphabets);
  const unit = Array.from({ length: Math.min(length, 40) }, () => random.pick(alphabet)).join("");
  return utf8(length <= 40 ? unit : unit.repeat(Math.ceil(length / 40)));
}

function binaryOctets(random: Random, length: number): Uint8Array {
  const unit = random.octets(Math.min(length, 61));
  return length <= 61 ? unit : Uint8Array.from({ length }, (_, at) => unit[at % 61]!);
}

export function maskingKeyOf(random: Random): Uint8Array {
  return random.below(16) === 0 ? new Uint8Array(4) : random.octets(4);
}

/** A Close's payload that may be sent. §5.5.1, §7.4 */
function closePayload(random: Random): Uint8Array {
  if (random.below(4) === 0) return new Uint8Array(0);
  const closeCode = random.pick([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999]);
  const reason = random.pick(["", "done", "über", "🎉".repeat(30), "x".repeat(123)]);
  return concat(Uint8Array.of(closeCode >> 8, closeCode & 255), utf8(reason));
}

/** A conversation of one side, ready to be masked or not. */
export function draftConversation(random: Random, role: "server" | "client", allowedRsv: number): Draft[] {
  const drafts: Draft[] = [];
  const add = (opcode: number, payload: Uint8Array, fin = true, rsv = 0): void => {
    const draft: Draft = { opcode, fin, rsv, payload };
    if (role === "server") draft.maskingKey = maskingKeyOf(random);
    drafts.push(draft);
  };
  for (let count = 1 + random.below(5); count > 0; count--) {
    const isText = random.below(2) === 0;
    const payload = isText ? textOctets(random, lengthOf(random)) : binaryOctets(random, lengthOf(random));
    const fragmentCount = random.pick([1, 1, 1, 2, 3, 6]);
    const rsv = allowedRsv !== 0 && random.below(2) === 0 ? 4 : 0;
    for (let index = 0, at = 0; index < fragmentCount; index++) {
      const isLast = index === fragmentCount - 1;
      const end = isLast ? payload.length : at + random.below(payload.length - at + 1);
      add(index > 0 ? 0 : isText ? 1 : 2, payload.subarray(at, end), isLast, index > 0 ? 0 : rsv);
      at = end;
      if (random.below(5) === 0) add(random.pick([9, 10]), random.octets(random.pick([0, 1, 4, 60, 124, 125])));
    }
  }
  // A flood of the smallest frames fills more than one batch of records.
  if (random.below(40) === 0) for (let count = 250 + random.below(20); count > 0; count--) add(10, new Uint8Array(0));
  if (random.below(3) === 0) add(8, closePayload(random));
  return drafts;
}

/** The octets of a frame, right or wrong. */
export function octetsOf({ payload, ...draft }: Draft): Uint8Array {
  const head = frame({ ...draft, announced: draft.announced ?? BigInt(payload.length) });
  const octets = concat(head, payload);
  const { maskingKey } = draft;
  if (maskingKey !== undefined) {
    for (let at = 0; at < payload.length; at++) octets[head.length + at]! ^= maskingKey[at & 3]!; // §5.3
  }
  return octets;
}
