// The rules that bind the first two octets of a frame, as a table of its own: RFC 6455 §5.2 and what refers to it. It shares no
// line with the code under test but the numbers of violations. What follows the two octets is taken to be zeros: the length, the
// masking key, and so the payload.

import * as K from "../../assembly/constants.ts";

/** What is open where the frame begins. */
export interface Fragmentation {
  readonly name: string;
  /** The message that is open, if one is. */
  readonly open?: "text" | "binary";
  readonly compressed?: boolean;
  /** Whether the octets so far of an open text end inside a character, or would if they were not compressed. */
  readonly inside?: boolean;
}

export const fragmentations: readonly Fragmentation[] = [
  { name: "nothing open" },
  { name: "text open at a character's edge", open: "text" },
  { name: "text open inside a character", open: "text", inside: true },
  { name: "binary open", open: "binary" },
  { name: "compressed text open", open: "text", compressed: true, inside: true },
  { name: "compressed binary open", open: "binary", compressed: true },
];

/** Everything that a verdict on a frame depends on. */
export interface Situation {
  readonly role: "server" | "client";
  readonly fragmentation: Fragmentation;
  /** RSV1 is 4, RSV2 is 2, RSV3 is 1. */
  readonly allowedRsv: number;
  readonly skipUtf8: boolean;
}

/** The first two octets of a frame, taken apart; `pair` holds the first in its high 8 bits. */
class Header {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly masked: boolean;
  readonly length7: number;
  readonly isControl: boolean;

  constructor(pair: number) {
    this.fin = (pair & 0x8000) !== 0;
    this.rsv = (pair >> 12) & 7;
    this.opcode = (pair >> 8) & 15;
    this.masked = (pair & 0x80) !== 0;
    this.length7 = pair & 0x7f;
    this.isControl = this.opcode > 7;
  }
}

type Row = readonly [violation: number, holds: (header: Header, situation: Situation) => boolean];

/** The first row that holds gives the violation. */
const table: readonly Row[] = [
  [K.VIOLATION_RESERVED_BIT, ({ rsv }, { allowedRsv }) => (rsv & ~allowedRsv) !== 0], // §5.2
  [K.VIOLATION_RESERVED_OPCODE, ({ opcode }) => (opcode > 2 && opcode < 8) || opcode > 10], // §5.2
  [K.VIOLATION_MASK_MISSING, ({ masked }, { role }) => role === "server" && !masked], // §5.1
  [K.VIOLATION_MASK_FORBIDDEN, ({ masked }, { role }) => role === "client" && masked], // §5.1
  [K.VIOLATION_RSV1_MISPLACED, ({ isControl, rsv }) => isControl && rsv > 3], // RFC 7692 §6.1
  [K.VIOLATION_CONTROL_FRAGMENTED, ({ isControl, fin }) => isControl && !fin], // §5.5
  [K.VIOLATION_CONTROL_TOO_LONG, ({ isControl, length7 }) => isControl && length7 > 125], // §5.5
  [K.VIOLATION_CONTINUATION_UNEXPECTED, ({ opcode }, { fragmentation }) => opcode === 0 && !fragmentation.open], // §5.4
  [K.VIOLATION_RSV1_MISPLACED, ({ opcode, rsv }) => opcode === 0 && rsv > 3], // RFC 7692 §6.1
  [
    K.VIOLATION_CONTINUATION_EXPECTED, // §5.4
    ({ opcode }, { fragmentation }) => (opcode === 1 || opcode === 2) && fragmentation.open !== undefined,
  ],
];

/** What takes more than two octets to see: here it is zeros. */
const laterTable: readonly Row[] = [
  [K.VIOLATION_LENGTH_NOT_MINIMAL, ({ length7 }) => length7 > 125], // §5.2
  [K.VIOLATION_CLOSE_LENGTH, ({ opcode, length7 }) => opcode === 8 && length7 === 1], // §5.5.1
  [K.VIOLATION_CLOSE_CODE, ({ opcode, length7 }) => opcode === 8 && length7 > 1], // §7.4
  [
    K.VIOLATION_INVALID_UTF8, // §8.1: no character goes on with 00, and none is whole that goes on with nothing
    ({ opcode, length7, fin }, { fragmentation: { inside, compressed }, skipUtf8 }) =>
      opcode === 0 && inside === true && !compressed && !skipUtf8 && (length7 > 0 || fin),
  ],
];

function firstOf(rows: readonly Row[], header: Header, situation: Situation): number {
  for (const [violation, holds] of rows) if (holds(header, situation)) return violation;
  return 0;
}

/** What is to come of a frame. */
export interface Expected {
  /** A violation that the two octets alone settle, or 0. */
  readonly early: number;
  /** The violation of the whole frame, or 0. */
  readonly violation: number;
  readonly isControl: boolean;
  readonly fin: boolean;
  readonly opcode: number;
  readonly payloadLength: number;
  /** Octets from the frame's first to its payload's first. */
  readonly headerLength: number;
  /** Bits of the record of the whole frame. */
  readonly bits: number;
  /** Whether a message is open after the whole frame, the one before it included. */
  readonly opens: boolean;
}

/** What is to come of a frame that begins with these two octets. */
export function expectedOf(pair: number, situation: Situation): Expected {
  const header = new Header(pair);
  const { isControl, fin, rsv, opcode, length7 } = header;
  const { open, compressed } = situation.fragmentation;
  const early = firstOf(table, header, situation);
  const violation = early || firstOf(laterTable, header, situation);
  const isText = opcode === 1 || (opcode === 0 && open === "text");
  const isCompressed = opcode === 0 ? compressed === true : rsv > 3;
  let bits = (pair >> 8) | K.RECORD_FRAME_END;
  if (isText) bits |= K.RECORD_TEXT;
  if (!isControl && fin) bits |= K.RECORD_MESSAGE_END;
  if (!isControl && isCompressed) bits |= K.RECORD_COMPRESSED;
  if (!isControl) bits |= K.RECORD_ASCII; // of zeros; for binary it means nothing
  return {
    early,
    violation,
    isControl,
    fin,
    opcode,
    payloadLength: length7,
    headerLength: 2 + (length7 === 126 ? 2 : length7 === 127 ? 8 : 0) + (header.masked ? 4 : 0),
    bits,
    opens: isControl ? open !== undefined : !fin,
  };
}

/** The expectations of all 65,536 pairs, by pair. */
export function everyPair(situation: Situation): readonly Expected[] {
  return Array.from({ length: 65536 }, (_, pair) => expectedOf(pair, situation));
}
