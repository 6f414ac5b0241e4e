// All 65,536 first two octets of a frame for endpoints that take octets: what goes before the frame, the frame, and the error
// that is to come of it. The verdicts are those of header-rules.ts.

import * as K from "../../assembly/constants.ts";
import { InvalidPayloadError, LimitError, type PeerError, ProtocolError } from "../../bindings/errors/classes.ts";
import { violations } from "../../bindings/errors/violations.ts";
import { same } from "./assertions.ts";
import { type Expected, everyPair, type Fragmentation, fragmentations, type Situation } from "./header-rules.ts";
import { hex, toHex } from "./octets.ts";
import { Peer } from "./peer.ts";

const classes = { 1002: ProtocolError, 1007: InvalidPayloadError, 1009: LimitError };

/** Nothing open; text that every rule binds; a message that RSV1, agreed on, exempts from one. */
const endpointFragmentations = fragmentations.filter(
  ({ open, inside, compressed }) => open === undefined || inside || (compressed && open === "text"),
);

/** Endpoints of both roles. */
export const endpointSituations: readonly Situation[] = (["server", "client"] as const).flatMap((role) =>
  endpointFragmentations.map((fragmentation) => {
    return { role, fragmentation, allowedRsv: fragmentation.compressed ? 4 : 0, skipUtf8: false };
  }),
);

/** "as server, text open inside a character". */
export function situationName({ role, fragmentation }: Situation): string {
  return `as ${role}, ${fragmentation.name}`;
}

/** The frame that opens a message: one character, or the first octet of one. */
function openingFrame(role: "server" | "client", { open, compressed, inside }: Fragmentation): Uint8Array {
  if (open === undefined) return new Uint8Array(0);
  const payload = hex(inside ? "c3" : "61");
  return new Peer(role).frame(open === "text" ? 1 : 2, payload, { fin: false, rsv: compressed ? 4 : 0 });
}

/** One frame behind what opens the message. */
export interface Trial {
  readonly expected: Expected;
  /** The opening frame and this one, whose first octet is at `frameAt`. */
  readonly stream: Uint8Array;
  readonly frameAt: number;
  readonly where: () => string;
}

/**
 * Calls `judge` for every pair with what is received: the stream whole, then cut between the two octets and behind them. The
 * memory is the same each time.
 */
export function forEveryPair(situation: Situation, judge: (trial: Trial, chunks: readonly Uint8Array[]) => void): void {
  const before = openingFrame(situation.role, situation.fragmentation);
  const frameAt = before.length;
  const memory = new Uint8Array(frameAt + 14 + 125);
  memory.set(before);
  const { stackTraceLimit } = Error;
  // Nearly every pair ends in an error, and its stack costs three times as much as all the rest.
  Error.stackTraceLimit = 0;
  try {
    everyPair(situation).forEach((expected, pair) => {
      memory[frameAt] = pair >> 8;
      memory[frameAt + 1] = pair & 255;
      const { headerLength, payloadLength } = expected;
      const end = frameAt + headerLength + (payloadLength > 125 ? 0 : payloadLength);
      const where = (): string => `${toHex(memory.subarray(frameAt, frameAt + 2))} ${situationName(situation)}`;
      const stream = memory.subarray(0, end);
      const trial = { expected, stream, frameAt, where };
      const second = frameAt + 1;
      judge(trial, [stream]);
      // The second octet's chunk is the last where nothing after it can change the verdict.
      const rest = expected.early ? [] : [stream.subarray(second + 1)];
      judge(trial, [stream.subarray(0, second), stream.subarray(second, second + 1), ...rest]);
    });
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Fails unless the error is what bindings/errors/violations.ts makes of the violation, and says where the frame is. */
export function sameError(error: unknown, { expected, stream, frameAt, where }: Trial): void {
  const { violation, headerLength, payloadLength, early } = expected;
  const row = violations[violation - 1]!;
  same(error === null, false, () => `no error comes of ${where()}`);
  const { code, closeCode, section, byteOffset, octetOffset, frame } = error as PeerError;
  same(code, row.code, () => `code of ${where()}`);
  same<unknown>((error as PeerError).constructor, classes[row.closeCode], () => `class of ${where()}`);
  same(closeCode, row.closeCode, () => `close code of ${where()}`);
  same(section, row.section, () => `section of ${where()}`);
  same(byteOffset, frameAt, () => `octets before the frame ${where()}`);
  const octetAt = violation === K.VIOLATION_INVALID_UTF8 ? frameAt + headerLength : undefined;
  same(octetOffset, octetAt, () => `octets before the fault in ${where()}`);
  const first = stream[frameAt]!;
  same(frame!.fin, first >= 0x80, () => `FIN of ${where()}`);
  same(frame!.opcode, first & 15, () => `opcode of ${where()}`);
  const rsv = (frame!.rsv1 ? 4 : 0) | (frame!.rsv2 ? 2 : 0) | (frame!.rsv3 ? 1 : 0);
  same(rsv, (first >> 4) & 7, () => `RSV bits of ${where()}`);
  same(frame!.masked, stream[frameAt + 1]! >= 0x80, () => `MASK of ${where()}`);
  // The two octets do not hold a length of 16 or 64 bits; here such a length is zero.
  const length = payloadLength < 126 ? payloadLength : early ? undefined : 0;
  same(frame!.payloadLength, length, () => `payload's length of ${where()}`);
}
