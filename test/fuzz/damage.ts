// What goes wrong with a conversation: frames that break one rule each, which is how every violation is reached, and
// damage to octets that knows no frames.

import { concat, type Random } from "../support/octets.ts";
import { type Draft, maskingKeyOf } from "./conversation.ts";

const invalidUtf8 = [[0x80], [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0xf0]];
const wrongCloseCodes = [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535];
const hugeLengths = [
  2n ** 63n,
  2n ** 64n - 1n,
  2n ** 63n - 1n,
  2n ** 53n,
  2n ** 53n - 1n,
  2n ** 32n,
  2n ** 31n,
  65536n,
];

type Fault = (drafts: Draft[], at: number, random: Random) => void;

function spoiled(payload: Uint8Array, random: Random): Uint8Array {
  const at = random.below(payload.length + 1);
  return concat(payload.subarray(0, at), Uint8Array.from(random.pick(invalidUtf8)), payload.subarray(at));
}

function closeOf(code: number): Uint8Array {
  return Uint8Array.of(code >> 8, code & 255);
}

/** A fault that changes one frame. */
function change(bitsOf: (draft: Draft, random: Random) => Partial<Draft>): Fault {
  return (drafts, at, random) => {
    drafts[at] = { ...drafts[at]!, ...bitsOf(drafts[at]!, random) };
  };
}

/** A fault that puts a frame before another. */
function insertion(opcode: number, payloadOf: (random: Random) => Uint8Array): Fault {
  return (drafts, at, random) => {
    const masked = drafts[at]!.maskingKey === undefined ? {} : { maskingKey: maskingKeyOf(random) };
    drafts.splice(at, 0, { opcode, payload: payloadOf(random), ...masked });
  };
}

/** One for each rule of RFC 6455 §5 and §7.4, and some for the order of frames. */
const faults: readonly Fault[] = [
  change((_, random) => ({ rsv: 1 + random.below(7) })),
  change((_, random) => ({ opcode: random.pick([3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) })),
  change((_, random) => ({ opcode: random.pick([0, 1, 2]) })),
  change((_, random) => ({ opcode: random.pick([8, 9, 10]) })),
  change(({ fin }) => ({ fin: fin === false })),
  change((_, random) => ({ lengthForm: random.pick([16, 64]) })),
  change((_, random) => ({ announced: random.pick(hugeLengths) })),
  change(({ payload }, random) => ({ announced: BigInt(Math.max(0, payload.length - 2 + random.below(6))) })),
  change(({ payload }, random) => ({ payload: spoiled(payload, random) })),
  change(({ payload }, random) => ({ payload: spoiled(payload, random) })),
  (drafts, at, random) => {
    const draft = drafts[at]!;
    if (draft.maskingKey === undefined) draft.maskingKey = maskingKeyOf(random);
    else delete draft.maskingKey;
  },
  insertion(9, (random) => random.octets(126 + random.below(3))),
  insertion(8, (random) => random.octets(1)),
  insertion(8, (random) => closeOf(random.pick(wrongCloseCodes))),
  insertion(8, (random) => concat(closeOf(1000), Uint8Array.of(0x61), Uint8Array.from(random.pick(invalidUtf8)))),
  insertion(8, () => closeOf(1000)),
  insertion(0, (random) => random.octets(3)),
  (drafts, at) => {
    drafts.splice(at, 1);
  },
  (drafts, at) => {
    drafts.splice(at, 0, { ...drafts[at]! });
  },
  (drafts, at, random) => {
    const other = random.below(drafts.length);
    [drafts[at], drafts[other]] = [drafts[other]!, drafts[at]!];
  },
];

/** Breaks a rule, or the order, somewhere. */
export function breakFrame(drafts: Draft[], random: Random): void {
  if (drafts.length > 0) random.pick(faults)(drafts, random.below(drafts.length), random);
}

/** Damages octets: a bit, an octet, a run of them, the end. */
export function damageOctets(octets: Uint8Array, random: Random): Uint8Array {
  const at = random.below(octets.length + 1);
  const run = Math.min(octets.length - at, 1 + random.below(random.pick([1, 4, 40])));
  switch (random.below(7)) {
    case 0:
    case 1: {
      const copy = octets.slice();
      if (at < copy.length) copy[at]! ^= 1 << random.below(8);
      return copy;
    }
    case 2:
      return concat(octets.subarray(0, at), random.octets(1 + random.below(3)), octets.subarray(at));
    case 3:
      return concat(octets.subarray(0, at), octets.subarray(at + run));
    case 4:
      return concat(octets.subarray(0, at + run), octets.subarray(at));
    case 5:
      return concat(octets.subarray(at), octets.subarray(0, at));
    default:
      return octets.slice(0, at);
  }
}
