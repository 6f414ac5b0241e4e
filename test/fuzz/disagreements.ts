// Where wsimd and ws 8.23 may differ, and why. Whatever no row explains fails the run. README.md shows this table, and a test
// runs every row's example on both and holds them to what the row says.

import { hex } from "../support/octets.ts";
import { plainCase, type StreamCase } from "./stream-case.ts";
import { difference, type Trace, verdictText } from "./trace.ts";
import { faultsOf, frameAt, type Walked } from "./walk.ts";

/** Both sides of one case. */
interface Meeting {
  readonly given: StreamCase;
  readonly ours: Trace;
  readonly theirs: Trace;
  /** The frame that ours found at fault; where it found none, the last one. */
  readonly frame: Walked | undefined;
}

/** One row. */
export interface Disagreement {
  readonly name: string;
  readonly wsimd: string;
  readonly ws: string;
  readonly right: "wsimd" | "ws" | "both";
  /** Why, with the section. */
  readonly reason: string;
  /** The smallest case: spaced hex, and what is not as in `plainCase`. */
  readonly example: { readonly hex: string; readonly settings?: Partial<StreamCase> };
  /** What each says of the example: events, then the code. */
  readonly says: { readonly wsimd: string; readonly ws: string };
  explains(meeting: Meeting): boolean;
}

/** ws's codes, and those of wsimd that mean the same. */
export const equivalents: Readonly<Record<string, readonly string[]>> = {
  WS_ERR_UNEXPECTED_RSV_2_3: ["WS_RESERVED_BIT"],
  WS_ERR_UNEXPECTED_RSV_1: ["WS_RESERVED_BIT", "WS_RSV1_MISPLACED"],
  WS_ERR_INVALID_OPCODE: ["WS_RESERVED_OPCODE", "WS_CONTINUATION_UNEXPECTED", "WS_CONTINUATION_EXPECTED"],
  WS_ERR_EXPECTED_FIN: ["WS_CONTROL_FRAGMENTED"],
  WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH: ["WS_CONTROL_TOO_LONG", "WS_CLOSE_LENGTH"],
  WS_ERR_EXPECTED_MASK: ["WS_MASK_MISSING"],
  WS_ERR_UNEXPECTED_MASK: ["WS_MASK_FORBIDDEN"],
  WS_ERR_INVALID_CLOSE_CODE: ["WS_CLOSE_CODE"],
  WS_ERR_INVALID_UTF8: ["WS_INVALID_UTF8", "WS_CLOSE_REASON"],
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: ["WS_MESSAGE_TOO_LONG"],
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: ["WS_MESSAGE_TOO_LONG"],
};

const code = ({ verdict }: Trace): string => verdict?.code ?? "";
const isSame = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((line, at) => line === other[at]);
const begins = (whole: readonly string[], beginning: readonly string[]): boolean =>
  beginning.length <= whole.length && beginning.every((line, at) => line === whole[at]);
const isMessage = (line: string): boolean => line.startsWith("text ") || line.startsWith("binary ");

export const disagreements: readonly Disagreement[] = [
  {
    name: "length not minimal",
    wsimd: "fails with 1002 at the header",
    ws: "reads the frame",
    right: "wsimd",
    reason: "RFC 6455 §5.2: the minimal number of bytes MUST be used to encode the length",
    example: { hex: "82 7e 00 01 2a", settings: { role: "client" } },
    says: { wsimd: "WS_LENGTH_NOT_MINIMAL", ws: "binary 2a" },
    explains: ({ ours, theirs }) => code(ours) === "WS_LENGTH_NOT_MINIMAL" && begins(theirs.wire, ours.wire),
  },
  {
    name: "top bit of a 64-bit length",
    wsimd: "fails with 1002",
    ws: "fails with 1009, as for any length above 2^53 - 1",
    right: "wsimd",
    reason: "RFC 6455 §5.2: the most significant bit MUST be 0, so the header is wrong, not large",
    example: { hex: "82 7f 80 00 00 00 00 00 00 00", settings: { role: "client" } },
    says: { wsimd: "WS_LENGTH_TOP_BIT", ws: "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH" },
    explains: ({ ours, theirs }) =>
      code(ours) === "WS_LENGTH_TOP_BIT" &&
      code(theirs) === "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH" &&
      isSame(ours.wire, theirs.wire),
  },
  {
    name: "length above 2^53 - 1, no limit set",
    wsimd: "reads on: with `maxMessageLength: Infinity` there is no limit",
    ws: "fails with 1009: it cannot count so far",
    right: "both",
    reason: "RFC 6455 §10.4 leaves limits to implementations; neither would live to see the end of the frame",
    example: { hex: "82 7f 00 20 00 00 00 00 00 00", settings: { role: "client" } },
    says: { wsimd: "", ws: "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH" },
    explains: ({ given, ours, theirs, frame }) =>
      given.maxMessageLength === Number.POSITIVE_INFINITY &&
      code(theirs) === "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH" &&
      (code(ours) === "" || code(ours) === "WS_INVALID_UTF8") &&
      isSame(ours.wire, theirs.wire) &&
      (frame?.payloadLength ?? 0n) >= 2n ** 53n,
  },
  {
    name: "limit of 2^31 octets or more",
    wsimd: "keeps it",
    ws: "takes `maxPayload | 0`, which turns 2^40 into no limit",
    right: "wsimd",
    reason: "RFC 6455 §10.4 leaves limits to implementations, which should then be those that were asked for",
    example: { hex: "82 7f 00 00 01 00 00 00 00 01", settings: { role: "client", maxMessageLength: 2 ** 40 } },
    says: { wsimd: "WS_MESSAGE_TOO_LONG", ws: "" },
    explains: ({ given, ours, theirs }) =>
      Number.isFinite(given.maxMessageLength) &&
      given.maxMessageLength >= 2 ** 31 &&
      code(ours) === "WS_MESSAGE_TOO_LONG" &&
      code(theirs) !== "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH" &&
      begins(theirs.wire, ours.wire),
  },
  {
    name: "text that is not UTF-8, before its message ends",
    wsimd: "fails with 1007 at the octet that makes it invalid",
    ws: "looks when the message is whole: it may wait for ever, answer pings meanwhile, or meet another fault or the peer's Close first",
    right: "both",
    reason:
      "RFC 6455 §8.1 demands that the connection fail, not when; §5.6 judges the message, and the earlier verdict spares memory",
    example: { hex: "01 01 ff 89 00", settings: { role: "client" } },
    says: { wsimd: "WS_INVALID_UTF8", ws: "ping " },
    explains: ({ ours, theirs }) =>
      code(ours) === "WS_INVALID_UTF8" &&
      begins(theirs.wire, ours.wire) &&
      !theirs.wire.slice(ours.wire.length).some(isMessage),
  },
  {
    name: "two faults in one header",
    wsimd:
      "names the first in the order: RSV, opcode, MASK, RSV1 misplaced, then the rules of control frames and fragments",
    ws: "names the first in the order: RSV, then the rules of the opcode, MASK last",
    right: "both",
    reason: "RFC 6455 §5 orders no rules; every one of these is 1002 (§7.4.1)",
    example: { hex: "80 80", settings: { role: "client" } },
    says: { wsimd: "WS_MASK_FORBIDDEN", ws: "WS_ERR_INVALID_OPCODE" },
    explains({ given, ours, theirs, frame }) {
      if (frame === undefined || !isSame(ours.wire, theirs.wire)) return false;
      const faults = faultsOf(frame, given);
      const meant = equivalents[code(theirs)] ?? [];
      return faults.length >= 2 && faults.includes(code(ours)) && faults.some((fault) => meant.includes(fault));
    },
  },
  {
    name: "Close frame of one octet, not yet whole",
    wsimd: "fails with 1002 once the frame is whole, as for all that concerns a control frame's payload",
    ws: "fails with 1002 at its second octet",
    right: "both",
    reason: "RFC 6455 §5.5.1 says what is wrong, not when; the verdict on the whole frame is the same",
    example: { hex: "88 01", settings: { role: "client" } },
    says: { wsimd: "", ws: "WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH" },
    explains: ({ given, ours, theirs, frame }) =>
      code(ours) === "" &&
      code(theirs) === "WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH" &&
      isSame(ours.wire, theirs.wire) &&
      frame !== undefined &&
      isSame(faultsOf(frame, given), ["WS_CLOSE_LENGTH"]),
  },
  {
    name: "maxFragments",
    wsimd: "has no such limit: memory is bounded by octets, not by fragments",
    ws: "fails with 1008 past `maxFragments` (its server's default is 16,384; here as few as three)",
    right: "both",
    reason: "RFC 6455 §10.4 leaves limits to implementations; §5.4 allows any number of fragments",
    example: { hex: "02 00 00 00 80 00", settings: { role: "client", wsMaxFragments: 2 } },
    says: { wsimd: "binary ", ws: "WS_ERR_TOO_MANY_BUFFERED_PARTS" },
    explains: ({ given, ours, theirs }) =>
      given.wsMaxFragments > 0 &&
      theirs.verdict?.details === "Too many message fragments" &&
      begins(ours.wire, theirs.wire),
  },
  {
    name: "maxBufferedChunks",
    wsimd: "has no such limit: what waits is copied together, however small its chunks were",
    ws: "fails with 1008 past `maxBufferedChunks` (its server's default is 262,144; here as few as eight): it keeps every chunk",
    right: "both",
    reason:
      "RFC 6455 §10.4 leaves limits to implementations; the verdict should not depend on how the network cut the octets",
    example: { hex: "82 03 01 02 03", settings: { role: "client", wsMaxBufferedChunks: 2, cuts: [2, 3, 4] } },
    says: { wsimd: "binary 010203", ws: "WS_ERR_TOO_MANY_BUFFERED_PARTS" },
    explains: ({ given, ours, theirs }) =>
      given.wsMaxBufferedChunks > 0 &&
      theirs.verdict?.details === "Too many buffered chunks" &&
      begins(ours.wire, theirs.wire),
  },
];

/** The example of a row as a case. */
export function exampleCase({ example }: Disagreement): StreamCase {
  return { ...plainCase, stream: hex(example.hex), ...example.settings };
}

function agree(ours: Trace, theirs: Trace): boolean {
  if (!isSame(ours.wire, theirs.wire)) return false;
  if (ours.verdict === null || theirs.verdict === null) return ours.verdict === theirs.verdict;
  return (
    ours.verdict.closeCode === theirs.verdict.closeCode &&
    equivalents[theirs.verdict.code]?.includes(ours.verdict.code) === true
  );
}

/** The row that explains why two traces differ, "" where they agree; a problem where none does. */
export function differenceWithWs(given: StreamCase, ours: Trace, theirs: Trace): { name: string; problem: string } {
  if (agree(ours, theirs)) return { name: "", problem: "" };
  const frame = frameAt(given, ours.verdict?.byteOffset ?? -1);
  const row = disagreements.find(({ explains }) => explains({ given, ours, theirs, frame }));
  if (row !== undefined) return { name: row.name, problem: "" };
  const lines = (trace: Trace): string[] => [...trace.wire, verdictText(trace.verdict)];
  const where = difference(lines(ours), lines(theirs), ["wsimd", "ws"]);
  return { name: "", problem: `wsimd and ws disagree, and no row of disagreements.ts says why, at ${where}` };
}
