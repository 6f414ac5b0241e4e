// A decoder of whole streams, written from RFC 6455 to be read, not to be fast: the oracle of the decode tests. It sees all
// octets at once, so it knows nothing of chunks and states; that is what it is compared for. The numbers it returns are
// those of assembly/constants.ts, which the named frames in decode-violations.test.ts pin down one by one.

import * as K from "../../assembly/constants.ts";
import { toHex } from "./octets.ts";
import { firstInvalidOctet } from "./utf8.ts";

/** What an endpoint accepts. */
export interface Rules {
  readonly role: "server" | "client";
  /** As in FrameSpec: RSV1 is 4, RSV2 is 2, RSV3 is 1. */
  readonly allowedRsv?: number;
  readonly maxFrameLength?: number;
  readonly maxMessageLength?: number;
  readonly skipUtf8?: boolean;
  /** decode alone knows it: CONFIG_LEAVE_LONG_TEXT. */
  readonly leaveLongText?: boolean;
}

/** What came of a stream, however it was cut. */
export interface Outcome {
  /** Messages and control frames in order of completion: "text 48 69", "ping", "binary+rsv1 00". */
  readonly events: readonly string[];
  /** The octets so far of the message that is open at the end; empty after a violation. */
  readonly unfinished: string;
  readonly violation: number;
  /** Offset of the offending frame in the stream; -1 without one. */
  readonly frameOffset: number;
  /** Offset of the octet that makes the text invalid; -1 without one. */
  readonly octetOffset: number;
  /** How many octets of the stream it takes to see the violation. */
  readonly settledAt: number;
}

const opcodeNames = ["continuation", "text", "binary", "", "", "", "", "", "close", "ping", "pong"];

/** The name of an event. */
export function eventOf(opcode: number, compressed: boolean, payload: Uint8Array): string {
  return `${opcodeNames[opcode]}${compressed ? "+rsv1" : ""} ${toHex(payload)}`;
}

function headerViolation(octet0: number, octet1: number, rules: Rules, messageOpen: boolean): number {
  const rsv = (octet0 >> 4) & 7;
  const opcode = octet0 & 15;
  const isMasked = octet1 >= 128;
  if ((rsv & ~(rules.allowedRsv ?? 0)) !== 0) return K.VIOLATION_RESERVED_BIT; // §5.2
  if (!opcodeNames[opcode]) return K.VIOLATION_RESERVED_OPCODE; // §5.2
  if (rules.role === "server" && !isMasked) return K.VIOLATION_MASK_MISSING; // §5.1
  if (rules.role === "client" && isMasked) return K.VIOLATION_MASK_FORBIDDEN; // §5.1
  if (opcode >= 8) {
    if (rsv >= 4) return K.VIOLATION_RSV1_MISPLACED; // RFC 7692 §6.1
    if (octet0 < 128) return K.VIOLATION_CONTROL_FRAGMENTED; // §5.5
    if ((octet1 & 127) > 125) return K.VIOLATION_CONTROL_TOO_LONG; // §5.5
  } else if (opcode === 0) {
    if (!messageOpen) return K.VIOLATION_CONTINUATION_UNEXPECTED; // §5.4
    if (rsv >= 4) return K.VIOLATION_RSV1_MISPLACED; // RFC 7692 §6.1
  } else if (messageOpen) return K.VIOLATION_CONTINUATION_EXPECTED; // §5.4
  return 0;
}

function closeViolation(payload: Uint8Array): number {
  if (payload.length === 0) return 0;
  if (payload.length === 1) return K.VIOLATION_CLOSE_LENGTH; // §5.5.1
  const code = payload[0]! * 256 + payload[1]!;
  const reserved = code === 1004 || code === 1005 || code === 1006;
  if (code < 1000 || reserved || (code > 1014 && code < 3000) || code > 4999) return K.VIOLATION_CLOSE_CODE; // §7.4
  return firstInvalidOctet(payload.subarray(2), true) === -1 ? 0 : K.VIOLATION_CLOSE_REASON; // §5.5.1
}

/** Decodes a whole stream, which may end anywhere. */
export function referenceDecode(stream: Uint8Array, rules: Rules): Outcome {
  const { maxFrameLength = Infinity, maxMessageLength = Infinity } = rules;
  const events: string[] = [];
  let message: { opcode: number; compressed: boolean; octets: number[]; announced: bigint } | null = null;
  const failed = (violation: number, frameOffset: number, settledAt: number, octetOffset = -1): Outcome => {
    return { events, unfinished: "", violation, frameOffset, octetOffset, settledAt };
  };

  for (let offset = 0; stream.length - offset >= 2; ) {
    const octet0 = stream[offset]!;
    const octet1 = stream[offset + 1]!;
    const opcode = octet0 & 15;
    const early = headerViolation(octet0, octet1, rules, message !== null);
    if (early) return failed(early, offset, offset + 2);

    const fieldLength = (octet1 & 127) === 126 ? 2 : (octet1 & 127) === 127 ? 8 : 0;
    const fieldEnd = offset + 2 + fieldLength;
    if (fieldEnd > stream.length) break;
    let announced = fieldLength === 0 ? BigInt(octet1 & 127) : 0n;
    for (const octet of stream.subarray(offset + 2, fieldEnd)) announced = announced * 256n + BigInt(octet);
    if (announced >= 2n ** 63n) return failed(K.VIOLATION_LENGTH_TOP_BIT, offset, fieldEnd); // §5.2
    const shortest = announced < 126n ? 0 : announced < 65536n ? 2 : 8;
    if (fieldLength !== shortest) return failed(K.VIOLATION_LENGTH_NOT_MINIMAL, offset, fieldEnd); // §5.2
    const inMessage = (message?.announced ?? 0n) + announced;
    if (opcode < 8 && announced > maxFrameLength) return failed(K.VIOLATION_FRAME_TOO_LONG, offset, fieldEnd);
    if (opcode < 8 && inMessage > maxMessageLength) return failed(K.VIOLATION_MESSAGE_TOO_LONG, offset, fieldEnd);

    const payloadAt = fieldEnd + (octet1 >= 128 ? 4 : 0);
    if (payloadAt > stream.length) break;
    const key = stream.subarray(fieldEnd, payloadAt);
    const end = announced > stream.length - payloadAt ? Infinity : payloadAt + Number(announced);
    if (opcode >= 8 && end === Infinity) break;
    const payload = stream.slice(payloadAt, Math.min(end, stream.length)); // §5.3, below
    if (octet1 >= 128) for (let index = 0; index < payload.length; index++) payload[index]! ^= key[index % 4]!;

    if (opcode >= 8) {
      const violation = opcode === 8 ? closeViolation(payload) : 0;
      if (violation) return failed(violation, offset, end);
      events.push(eventOf(opcode, false, payload));
      offset = end;
      continue;
    }
    message ??= { opcode, compressed: (octet0 & 0x40) !== 0, octets: [], announced: 0n };
    message.announced = inMessage;
    const before = message.octets.length;
    for (const octet of payload) message.octets.push(octet);
    const isLast = octet0 >= 128 && end !== Infinity;
    if (message.opcode === 1 && !message.compressed && !rules.skipUtf8) {
      const invalid = firstInvalidOctet(Uint8Array.from(message.octets), isLast); // §8.1
      if (invalid !== -1) {
        const octetOffset = payloadAt + invalid - before;
        return failed(K.VIOLATION_INVALID_UTF8, offset, Math.min(octetOffset + 1, end), octetOffset);
      }
    }
    if (isLast) {
      events.push(eventOf(message.opcode, message.compressed, Uint8Array.from(message.octets)));
      message = null;
    }
    if (end === Infinity) break;
    offset = end;
  }
  const unfinished = message === null ? "" : toHex(Uint8Array.from(message.octets));
  return { events, unfinished, violation: 0, frameOffset: -1, octetOffset: -1, settledAt: -1 };
}
