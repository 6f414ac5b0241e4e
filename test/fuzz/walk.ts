// The frames of a stream by their headers alone: where the offending one lies, and everything that is wrong with it at once.
// A decoder names one fault, the first it looks for; two decoders may name two. RFC 6455 §5.2.

import type { StreamCase } from "./stream-case.ts";

/** A header, as far as it has come. */
export interface Walked {
  readonly offset: number;
  readonly first: number;
  readonly second: number;
  /** Octets; undefined where the header ended before it. */
  readonly payloadLength: bigint | undefined;
  /** Whether a message was open before it. */
  readonly isInside: boolean;
}

/** The frame at `offset`; where that is -1 the last one, whole or not. Undefined where no header begins. */
export function frameAt({ stream }: StreamCase, offset: number): Walked | undefined {
  let last: Walked | undefined;
  let isInside = false;
  for (let at = 0; at + 2 <= stream.length && (offset === -1 || at <= offset); ) {
    const [first, second] = [stream[at]!, stream[at + 1]!];
    const length7 = second & 127;
    const fieldLength = length7 === 126 ? 2 : length7 === 127 ? 8 : 0;
    let payloadLength: bigint | undefined;
    if (at + 2 + fieldLength <= stream.length) {
      payloadLength = fieldLength === 0 ? BigInt(length7) : 0n;
      for (const octet of stream.subarray(at + 2, at + 2 + fieldLength))
        payloadLength = payloadLength * 256n + BigInt(octet);
    }
    last = { offset: at, first, second, payloadLength, isInside };
    if (payloadLength === undefined || payloadLength > BigInt(stream.length)) break;
    if ((first & 8) === 0) isInside = first < 128;
    at += 2 + fieldLength + (second >= 128 ? 4 : 0) + Number(payloadLength);
  }
  return last;
}

/** All that the first two octets of a frame do wrong, as wsimd calls it. */
export function faultsOf(frame: Walked, { role, allowedRsv }: StreamCase): string[] {
  const { first, second, isInside } = frame;
  const rsv = (first >> 4) & 7;
  const opcode = first & 15;
  const length7 = second & 127;
  const isControl = opcode >= 8;
  const faults = {
    WS_RESERVED_BIT: (rsv & ~allowedRsv) !== 0, // §5.2
    WS_RSV1_MISPLACED: (rsv & allowedRsv) !== 0 && (isControl || opcode === 0), // RFC 7692 §6.1
    WS_RESERVED_OPCODE: ![0, 1, 2, 8, 9, 10].includes(opcode), // §5.2
    WS_MASK_MISSING: role === "server" && second < 128, // §5.1
    WS_MASK_FORBIDDEN: role === "client" && second >= 128, // §5.1
    WS_CONTROL_FRAGMENTED: isControl && first < 128, // §5.5
    WS_CONTROL_TOO_LONG: isControl && length7 > 125, // §5.5
    WS_CLOSE_LENGTH: opcode === 8 && length7 === 1, // §5.5.1
    WS_CONTINUATION_UNEXPECTED: opcode === 0 && !isInside, // §5.4
    WS_CONTINUATION_EXPECTED: (opcode === 1 || opcode === 2) && isInside, // §5.4
  };
  return Object.entries(faults)
    .filter(([, isSo]) => isSo)
    .map(([code]) => code);
}
