// decode's judgement of headers, RFC 6455 §5.2: all 65,536 first two octets of a frame, in every role, state of fragmentation and
// set of reserved bits that extensions may have agreed on. The rules are test/support/header-rules.ts.

import * as K from "../../assembly/constants.ts";
import { same } from "../support/assertions.ts";
import { configOf } from "../support/driver.ts";
import {
  type Expected,
  everyPair,
  type Fragmentation,
  fragmentations,
  type Situation,
} from "../support/header-rules.ts";
import { kernelSuite, kernels } from "../support/kernels.ts";
import { POISON, toHex } from "../support/octets.ts";

/** Octets on the wire of the message that is open. */
const OPEN_LENGTH = 3;

/** What decode wants after C3: one octet of 80..BF. See assembly/utf8.ts. */
const INSIDE = 0xbf8001;

/** The longest frame here: both length fields hold zeros, so 125 octets under a masking key. */
const LONGEST = 2 + 4 + 125;

interface Group {
  readonly name: string;
  readonly situations: readonly Situation[];
}

const roles = ["server", "client"] as const;

/** A test each; where the state of UTF-8 decides, once with and once without validation. */
const groups: Group[] = roles.flatMap((role) =>
  fragmentations.flatMap((fragmentation) =>
    (fragmentation.inside && !fragmentation.compressed ? [false, true] : [false]).map((skipUtf8) => ({
      name: `as ${role}, ${fragmentation.name}${skipUtf8 ? ", UTF-8 not validated" : ""}`,
      situations: Array.from({ length: 8 }, (_, allowedRsv) => ({ role, fragmentation, allowedRsv, skipUtf8 })),
    })),
  ),
);

/** CONTROL_MESSAGE for what is open. */
function messageWord({ open, compressed }: Fragmentation): number {
  if (open === undefined) return 0;
  return K.MESSAGE_OPEN | (open === "text" ? K.RECORD_TEXT : 0) | (compressed ? K.RECORD_COMPRESSED : 0);
}

for (const entry of kernels) {
  const { kernel } = entry;
  const test = kernelSuite("decode headers", entry);
  const { control, controlFloats, octets, records } = kernel;
  const ptr = kernel.inputPtr;

  /** Decodes `length` octets whose first two are `pair`; the state words hold what is open, or lie where nothing is. */
  const decode = (pair: number, length: number, { fragmentation, ...rules }: Situation): number => {
    const isOpen = fragmentation.open !== undefined;
    octets[ptr] = pair >> 8;
    octets[ptr + 1] = pair & 255;
    control[K.CONTROL_FRAME] = 1;
    control[K.CONTROL_MESSAGE] = isOpen ? messageWord(fragmentation) : K.MESSAGE_OPEN | K.RECORD_TEXT;
    control[K.CONTROL_MASKING_KEY] = -1;
    control[K.CONTROL_UTF8] = !isOpen || fragmentation.inside ? INSIDE : 0;
    controlFloats[K.CONTROL_REMAINING] = isOpen ? 0 : 7;
    controlFloats[K.CONTROL_MESSAGE_LENGTH] = OPEN_LENGTH;
    records[0] = -1;
    const config = configOf(rules) | (isOpen ? K.CONFIG_RESUME : 0);
    return kernel.decode(ptr, length, config, Infinity, Infinity);
  };

  /** With the two octets alone: whatever follows them has not come, and what lies there would be wrong. */
  const judgeAlone = (pair: number, expected: Expected, situation: Situation, where: () => string): void => {
    const { early, violation, isControl, payloadLength, headerLength } = expected;
    const isOpen = situation.fragmentation.open !== undefined;
    const isWhole = headerLength === 2 && payloadLength === 0;
    const isBegun = headerLength === 2 && payloadLength !== 0 && !isControl && !early;
    const isFrame = isWhole && !violation;
    const count = decode(pair, 2, situation);
    const found = control[K.CONTROL_VIOLATION];
    same(found, isWhole ? violation : early, () => `violation of the header ${where()}`);
    same(control[K.CONTROL_FRAME_AT], 0, () => `frame of the header ${where()}`);
    same(count, isFrame ? 1 : 0, () => `records of the header ${where()}`);
    const isTaken = isFrame || isBegun || found === K.VIOLATION_INVALID_UTF8;
    same(control[K.CONTROL_CONSUMED], isTaken ? 2 : 0, () => `octets consumed of the header ${where()}`);
    const isResumable = isBegun || (isFrame ? expected.opens : isOpen);
    same(control[K.CONTROL_RESUMABLE], isResumable ? 1 : 0, () => `whether state is left by the header ${where()}`);
    if (!isBegun) return;
    same(control[K.CONTROL_FRAME], pair >> 8, () => `first octet in the state after the header ${where()}`);
    same(controlFloats[K.CONTROL_REMAINING], payloadLength, () => `octets to come after the header ${where()}`);
  };

  const judgeWhole = (pair: number, expected: Expected, situation: Situation, where: () => string): void => {
    const { violation, isControl, payloadLength, headerLength } = expected;
    const { fragmentation } = situation;
    const isOpen = fragmentation.open !== undefined;
    const length = headerLength + (payloadLength > 125 ? 0 : payloadLength);
    const count = decode(pair, length, situation);
    same(control[K.CONTROL_VIOLATION], violation, () => `violation of ${where()}`);
    same(control[K.CONTROL_FRAME_AT], 0, () => `frame of ${where()}`);
    same(count, violation ? 0 : 1, () => `records of ${where()}`);
    const isText = violation === K.VIOLATION_INVALID_UTF8;
    same(control[K.CONTROL_CONSUMED], isText ? headerLength : violation ? 0 : length, () => `consumed of ${where()}`);
    if (isText) same(control[K.CONTROL_OCTET_AT], headerLength, () => `octet at fault in ${where()}`);
    const opens = violation ? isOpen : expected.opens;
    same(control[K.CONTROL_RESUMABLE], opens ? 1 : 0, () => `whether a message is open after ${where()}`);
    if (violation) return;
    same(records[0], expected.bits, () => `record of ${where()}`);
    same(records[1], ptr + headerLength, () => `payload's place in ${where()}`);
    same(records[2], payloadLength, () => `payload's length in ${where()}`);
    if (!opens) return;
    const begun = K.MESSAGE_OPEN | (expected.bits & (K.RECORD_TEXT | K.RECORD_COMPRESSED));
    same(
      control[K.CONTROL_MESSAGE],
      isOpen ? messageWord(fragmentation) : begun,
      () => `what is open after ${where()}`,
    );
    // A character that is open stays so, or the frame is at fault; unless nobody looks.
    same(control[K.CONTROL_UTF8], fragmentation.inside ? INSIDE : 0, () => `state of UTF-8 after ${where()}`);
    const sum = (isOpen ? OPEN_LENGTH : 0) + (isControl ? 0 : payloadLength);
    same(controlFloats[K.CONTROL_MESSAGE_LENGTH], sum, () => `octets of the message after ${where()}`);
    same(controlFloats[K.CONTROL_REMAINING], 0, () => `octets to come after ${where()}`);
  };

  for (const { name, situations } of groups) {
    test(`judges every first two octets, by themselves and in a whole frame, ${name} (§5.2)`, () => {
      for (const situation of situations) {
        const frames = everyPair(situation);
        const where = (pair: number): string =>
          `${toHex(Uint8Array.of(pair >> 8, pair & 255))}, allowed RSV bits ${situation.allowedRsv}`;
        octets.fill(POISON, ptr, ptr + LONGEST);
        frames.forEach((expected, pair) => {
          judgeAlone(pair, expected, situation, () => where(pair));
        });
        octets.fill(0, ptr, ptr + LONGEST); // unmasked they stay zeros
        frames.forEach((expected, pair) => {
          judgeWhole(pair, expected, situation, () => where(pair));
        });
      }
    });
  }

  test.run();
}
