// decode for the scalar twin: the same contract as assembly/decode.ts, told as a small state machine over one object. A
// frame goes through four steps: judge its first octets, measure it, take it whole if it is a control frame, else take the
// piece of it that the chunk holds.

import * as K from "../../assembly/constants.ts";
import type { KernelFunctions, KernelLayout } from "./kernel.ts";
import { maskScalar } from "./scalar-mask.ts";
import { locateInvalidUtf8, validateUtf8 } from "./scalar-utf8.ts";

/** The reserved opcodes, §5.2. */
const reservedOpcodes = new Set([3, 4, 5, 6, 7, 11, 12, 13, 14, 15]);

/** Ranges of close codes that may stand in a Close frame, §7.4. */
const closeCodes: readonly (readonly [number, number])[] = [
  [1000, 1003],
  [1007, 1014],
  [3000, 4999],
];

/** The rules that the first two octets settle, in the order in which they are applied. */
function judgeHeader(first: number, second: number, config: number, messageOpen: boolean): number {
  const opcode = first & K.OPCODE_BITS;
  const masked = (second & K.MASK_BIT) !== 0;
  const expectMask = (config & K.CONFIG_EXPECT_MASK) !== 0;
  const isControl = opcode >= K.OPCODE_CLOSE;
  const isContinuation = opcode === K.OPCODE_CONTINUATION;
  const rules: readonly (readonly [boolean, number])[] = [
    [(first & K.RSV_BITS & ~config) !== 0, K.VIOLATION_RESERVED_BIT],
    [reservedOpcodes.has(opcode), K.VIOLATION_RESERVED_OPCODE],
    [expectMask && !masked, K.VIOLATION_MASK_MISSING],
    [masked && !expectMask, K.VIOLATION_MASK_FORBIDDEN],
    [isControl && (first & K.RSV1_BIT) !== 0, K.VIOLATION_RSV1_MISPLACED],
    [isControl && (first & K.FIN_BIT) === 0, K.VIOLATION_CONTROL_FRAGMENTED],
    [isControl && (second & K.LENGTH_BITS) > K.MAX_CONTROL_LENGTH, K.VIOLATION_CONTROL_TOO_LONG],
    [isContinuation && !messageOpen, K.VIOLATION_CONTINUATION_UNEXPECTED],
    [isContinuation && (first & K.RSV1_BIT) !== 0, K.VIOLATION_RSV1_MISPLACED],
    [!isControl && !isContinuation && messageOpen, K.VIOLATION_CONTINUATION_EXPECTED],
  ];
  for (const [broken, violation] of rules) if (broken) return violation;
  return K.VIOLATION_NONE;
}

function judgeClose(view: DataView, octets: Uint8Array, ptr: number, length: number): number {
  if (length === 0) return K.VIOLATION_NONE;
  if (length === 1) return K.VIOLATION_CLOSE_LENGTH;
  const code = view.getUint16(ptr);
  if (!closeCodes.some(([low, high]) => code >= low && code <= high)) return K.VIOLATION_CLOSE_CODE;
  return validateUtf8(octets, ptr + 2, length - 2, K.UTF8_COMPLETE) === K.UTF8_COMPLETE
    ? K.VIOLATION_NONE
    : K.VIOLATION_CLOSE_REASON;
}

/** Makes the decode function over one linear memory. */
export function createScalarDecode(
  view: DataView,
  octets: Uint8Array,
  layout: KernelLayout,
): KernelFunctions["decode"] {
  const word = (index: number): number => layout.controlPtr + index * 4;
  const float = (index: number): number => layout.controlPtr + index * 8;

  return (ptr, length, config, maxFrameLength, maxMessageLength) => {
    const resume = (config & K.CONFIG_RESUME) !== 0;
    const end = ptr + length;
    let at = ptr;
    let recordCount = 0;
    let violation: number = K.VIOLATION_NONE;
    let frameAt = -1;
    let first = resume ? view.getInt32(word(K.CONTROL_FRAME), true) : 0;
    let maskingKey = resume ? view.getInt32(word(K.CONTROL_MASKING_KEY), true) : 0;
    let remaining = resume ? view.getFloat64(float(K.CONTROL_REMAINING), true) : 0;
    let message = resume ? view.getInt32(word(K.CONTROL_MESSAGE), true) : 0;
    let messageLength = resume ? view.getFloat64(float(K.CONTROL_MESSAGE_LENGTH), true) : 0;
    let unjudged = 0;
    let utf8 = resume ? view.getInt32(word(K.CONTROL_UTF8), true) : K.UTF8_COMPLETE;

    const record = (bits: number, payloadPtr: number, payloadLength: number): void => {
      const recordPtr = layout.recordsPtr + recordCount++ * K.RECORD_WORDS * 4;
      view.setInt32(recordPtr, bits, true);
      view.setInt32(recordPtr + 4, payloadPtr, true);
      view.setInt32(recordPtr + 8, payloadLength, true);
    };

    /** Reads a header: whether the payload follows, the frame is done, or decode has to stop. */
    const beginFrame = (): "payload" | "done" | "stop" => {
      const available = end - at;
      if (available < 2) return "stop";
      frameAt = at - ptr;
      first = octets[at]!;
      const second = octets[at + 1]!;
      violation = judgeHeader(first, second, config, message !== 0);
      if (violation !== K.VIOLATION_NONE) return "stop";
      const length7 = second & K.LENGTH_BITS;
      const fieldEnd = length7 === K.LENGTH_64 ? 10 : length7 === K.LENGTH_16 ? 4 : 2;
      if (available < fieldEnd) return "stop";
      let payloadLength = length7;
      if (length7 === K.LENGTH_16) {
        payloadLength = view.getUint16(at + 2);
        if (payloadLength < K.LENGTH_16) violation = K.VIOLATION_LENGTH_NOT_MINIMAL;
      } else if (length7 === K.LENGTH_64) {
        const high = view.getUint32(at + 2);
        payloadLength = high * 2 ** 32 + view.getUint32(at + 6);
        if (high >= 2 ** 31) violation = K.VIOLATION_LENGTH_TOP_BIT;
        else if (payloadLength < 65536) violation = K.VIOLATION_LENGTH_NOT_MINIMAL;
      }
      if (violation !== K.VIOLATION_NONE) return "stop";
      const opcode = first & K.OPCODE_BITS;
      const isControl = opcode >= K.OPCODE_CLOSE;
      if (!isControl) {
        if (payloadLength > maxFrameLength) violation = K.VIOLATION_FRAME_TOO_LONG;
        else if (messageLength + payloadLength > maxMessageLength) violation = K.VIOLATION_MESSAGE_TOO_LONG;
        if (violation !== K.VIOLATION_NONE) {
          view.setFloat64(float(K.CONTROL_REMAINING), payloadLength, true);
          view.setFloat64(float(K.CONTROL_MESSAGE_LENGTH), messageLength + payloadLength, true);
          return "stop";
        }
      }
      const masked = (second & K.MASK_BIT) !== 0;
      const headerLength = fieldEnd + (masked ? 4 : 0);
      if (available < headerLength) return "stop";
      if (masked) maskingKey = view.getInt32(at + fieldEnd, true);
      if (isControl) {
        const payloadPtr = at + headerLength;
        if (payloadPtr + payloadLength > end) return "stop"; // a control frame is decoded whole
        if (masked) maskScalar(octets, payloadPtr, payloadLength, maskingKey, 0);
        if (opcode === K.OPCODE_CLOSE) violation = judgeClose(view, octets, payloadPtr, payloadLength);
        if (violation !== K.VIOLATION_NONE) return "stop";
        record(first | K.RECORD_FRAME_END, payloadPtr, payloadLength);
        at = payloadPtr + payloadLength;
        return "done";
      }
      at += headerLength;
      remaining = payloadLength;
      messageLength += payloadLength;
      if (opcode !== K.OPCODE_CONTINUATION) {
        message = K.MESSAGE_OPEN;
        if (opcode === K.OPCODE_TEXT) message |= K.RECORD_TEXT;
        if (first & K.RSV1_BIT) message |= K.RECORD_COMPRESSED;
      }
      return remaining !== 0 && at === end ? "stop" : "payload";
    };

    /** Takes what the chunk holds of the frame in progress; false where decode has to stop. */
    const takePiece = (): boolean => {
      const pieceLength = Math.min(remaining, end - at);
      const kind = message & (K.RECORD_TEXT | K.RECORD_COMPRESSED);
      const isText = kind === K.RECORD_TEXT;
      let seen = 0;
      if (config & K.CONFIG_EXPECT_MASK) seen = maskScalar(octets, at, pieceLength, maskingKey, 0);
      else if (isText) for (let index = at; index < at + pieceLength; index++) seen |= octets[index]!;
      remaining -= pieceLength;
      const frameEnds = remaining === 0;
      const messageEnds = frameEnds && (first & K.FIN_BIT) !== 0;
      if (isText && !(config & K.CONFIG_SKIP_UTF8)) {
        const before = utf8;
        const isWhole = messageEnds && before === K.UTF8_COMPLETE;
        const leaves = isWhole && seen >= 0x80 && pieceLength >= K.LONG_TEXT && config & K.CONFIG_LEAVE_LONG_TEXT;
        if (leaves) unjudged = 1;
        else utf8 = validateUtf8(octets, at, pieceLength, before);
        if (utf8 === K.UTF8_INVALID || (messageEnds && utf8 !== K.UTF8_COMPLETE)) {
          violation = K.VIOLATION_INVALID_UTF8;
          const octetAt = at - ptr + locateInvalidUtf8(octets, at, pieceLength, before);
          view.setInt32(word(K.CONTROL_OCTET_AT), octetAt, true);
          return false;
        }
      }
      const bits =
        first |
        kind |
        (seen < 0x80 ? K.RECORD_ASCII : 0) |
        (frameEnds ? K.RECORD_FRAME_END : 0) |
        (messageEnds ? K.RECORD_MESSAGE_END : 0);
      record(bits, at, pieceLength);
      at += pieceLength;
      const turn = (pieceLength & 3) * 8;
      if (turn !== 0) maskingKey = (maskingKey >>> turn) | (maskingKey << (32 - turn));
      if (messageEnds) {
        message = 0;
        messageLength = 0;
        utf8 = K.UTF8_COMPLETE;
      }
      return unjudged === 0;
    };

    while (recordCount < K.RECORD_CAPACITY) {
      if (remaining === 0) {
        const next = beginFrame();
        if (next === "stop") break;
        if (next === "done") continue;
      } else if (at === end) break;
      if (!takePiece()) break;
    }

    view.setInt32(word(K.CONTROL_VIOLATION), violation, true);
    view.setInt32(word(K.CONTROL_CONSUMED), at - ptr, true);
    view.setInt32(word(K.CONTROL_FRAME_AT), frameAt, true);
    view.setInt32(word(K.CONTROL_UNJUDGED), unjudged, true);
    const resumable = message !== 0 || remaining !== 0;
    view.setInt32(word(K.CONTROL_RESUMABLE), resumable ? 1 : 0, true);
    if (resumable && violation === K.VIOLATION_NONE) {
      view.setInt32(word(K.CONTROL_FRAME), first, true);
      view.setInt32(word(K.CONTROL_MESSAGE), message, true);
      view.setInt32(word(K.CONTROL_MASKING_KEY), maskingKey, true);
      view.setInt32(word(K.CONTROL_UTF8), utf8, true);
      view.setFloat64(float(K.CONTROL_REMAINING), remaining, true);
      view.setFloat64(float(K.CONTROL_MESSAGE_LENGTH), messageLength, true);
    }
    return recordCount;
  };
}
