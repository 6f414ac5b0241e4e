// The hot call: parses the frames of a chunk, applies the rules of RFC 6455 §5, unmasks in place, validates text, and leaves a
// record for each frame, or for the piece of a frame that the chunk holds. It stops at the chunk's end, before a header or a
// control frame that the chunk cuts (the caller brings those octets again, before the next chunk), after RECORD_CAPACITY
// records, after text that the caller validates, and at the first violation. It keeps nothing between calls: what a cut frame
// or an open message needs goes out through the control block and comes back the same way.

import { judgeClose } from "./close.ts";
import {
  CONFIG_EXPECT_MASK,
  CONFIG_LEAVE_LONG_TEXT,
  CONFIG_RESUME,
  CONFIG_SKIP_UTF8,
  CONTROL_BIT,
  CONTROL_CONSUMED,
  CONTROL_FRAME,
  CONTROL_FRAME_AT,
  CONTROL_MASKING_KEY,
  CONTROL_MESSAGE,
  CONTROL_MESSAGE_LENGTH,
  CONTROL_OCTET_AT,
  CONTROL_REMAINING,
  CONTROL_RESUMABLE,
  CONTROL_UNJUDGED,
  CONTROL_UTF8,
  CONTROL_VIOLATION,
  FIN_BIT,
  LONG_TEXT,
  MASK_BIT,
  MESSAGE_OPEN,
  OPCODE_BITS,
  OPCODE_CLOSE,
  OPCODE_CONTINUATION,
  OPCODE_TEXT,
  RECORD_ASCII,
  RECORD_CAPACITY,
  RECORD_COMPRESSED,
  RECORD_FRAME_END,
  RECORD_MESSAGE_END,
  RECORD_TEXT,
  RECORD_WORDS,
  RSV1_BIT,
  UTF8_COMPLETE,
  UTF8_INVALID,
  VIOLATION_FRAME_TOO_LONG,
  VIOLATION_INVALID_UTF8,
  VIOLATION_MESSAGE_TOO_LONG,
  VIOLATION_NONE,
} from "./constants.ts";
import { judgeHeader, judgeLength, lengthFieldEnd, payloadLengthAt } from "./header.ts";
import { highBits, maskOctets, rotateKey } from "./mask.ts";
import { assertInRegion, CONTROL_PTR, RECORDS_PTR } from "./memory.ts";
import { locateInvalidUtf8, validateUtf8 } from "./utf8.ts";

const RECORD_LENGTH: u32 = RECORD_WORDS * 4;

function setWord(word: u32, value: u32): void {
  store<u32>(CONTROL_PTR + (word << 2), value);
}

function wordAt(word: u32): u32 {
  return load<u32>(CONTROL_PTR + (word << 2));
}

function setFloat(word: u32, value: f64): void {
  store<f64>(CONTROL_PTR + (word << 3), value);
}

function floatAt(word: u32): f64 {
  return load<f64>(CONTROL_PTR + (word << 3));
}

function writeRecord(record: usize, bits: u32, ptr: usize, length: u32): void {
  store<u32>(record, bits);
  store<u32>(record, <u32>ptr, 4);
  store<u32>(record, length, 8);
}

/**
 * Decodes a chunk.
 *
 * @param ptr               first octet of the chunk, in the input region; its payloads are unmasked in place
 * @param length            octets
 * @param config            CONFIG_* bits and the allowed RSV bits
 * @param maxFrameLength    octets a data frame may announce; Infinity for no limit
 * @param maxMessageLength  octets on the wire that a message's frames may announce together; Infinity for no limit
 * @returns                 records written; the control block says how many octets were consumed, what was violated, and whether
 *                          the last record is text that the caller has to validate before anybody sees it
 */
export function decode(ptr: usize, length: u32, config: u32, maxFrameLength: f64, maxMessageLength: f64): u32 {
  assertInRegion(ptr, length);
  const end = ptr + length;
  const recordsEnd = RECORDS_PTR + RECORD_CAPACITY * RECORD_LENGTH;
  let at = ptr; // the next octet
  let record = RECORDS_PTR;
  let violation: u32 = VIOLATION_NONE;

  let first: u32 = 0; // the header's first octet
  let frameAt: i32 = -1;
  let maskingKey: u32 = 0;
  let remaining: u64 = 0; // payload octets of the frame in progress
  let message: u32 = 0; // MESSAGE_OPEN with RECORD_TEXT and RECORD_COMPRESSED, or 0
  let messageLength: f64 = 0;
  let utf8: u32 = UTF8_COMPLETE;
  let unjudged: u32 = 0;
  if (config & CONFIG_RESUME) {
    first = wordAt(CONTROL_FRAME);
    maskingKey = wordAt(CONTROL_MASKING_KEY);
    remaining = <u64>floatAt(CONTROL_REMAINING);
    message = wordAt(CONTROL_MESSAGE);
    messageLength = floatAt(CONTROL_MESSAGE_LENGTH);
    utf8 = wordAt(CONTROL_UTF8);
  }

  while (record < recordsEnd) {
    if (remaining === 0) {
      const available = <u32>(end - at);
      if (available < 2) break;
      frameAt = <i32>(at - ptr);
      first = load<u8>(at);
      const second = <u32>load<u8>(at, 1);
      violation = judgeHeader(first, second, config, message !== 0);
      if (violation) break;
      let headerLength = lengthFieldEnd(second);
      if (available < headerLength) break;
      const payloadLength = payloadLengthAt(at);
      violation = judgeLength(second, payloadLength);
      if (violation) break;
      const isControl = (first & CONTROL_BIT) !== 0;
      if (!isControl) {
        const total = messageLength + <f64>payloadLength;
        if (<f64>payloadLength > maxFrameLength) violation = VIOLATION_FRAME_TOO_LONG;
        else if (total > maxMessageLength) violation = VIOLATION_MESSAGE_TOO_LONG;
        if (violation) {
          setFloat(CONTROL_REMAINING, <f64>payloadLength);
          setFloat(CONTROL_MESSAGE_LENGTH, total);
          break;
        }
      }
      if (second & MASK_BIT) headerLength += 4;
      if (available < headerLength) break;
      if (second & MASK_BIT) maskingKey = load<u32>(at + headerLength - 4);

      if (isControl) {
        const payload = at + headerLength;
        const payloadEnd = payload + <usize>payloadLength;
        if (payloadEnd > end) break; // a control frame is decoded whole
        if (second & MASK_BIT) maskOctets(payload, <u32>payloadLength, maskingKey);
        if ((first & OPCODE_BITS) === OPCODE_CLOSE) violation = judgeClose(payload, <u32>payloadLength);
        if (violation) break;
        writeRecord(record, first | RECORD_FRAME_END, payload, <u32>payloadLength);
        record += RECORD_LENGTH;
        at = payloadEnd;
        continue;
      }

      at += headerLength;
      remaining = payloadLength;
      messageLength += <f64>payloadLength;
      if ((first & OPCODE_BITS) !== OPCODE_CONTINUATION) {
        message = MESSAGE_OPEN;
        if ((first & OPCODE_BITS) === OPCODE_TEXT) message |= RECORD_TEXT;
        if (first & RSV1_BIT) message |= RECORD_COMPRESSED;
      }
      if (remaining !== 0 && at === end) break;
    } else if (at === end) break;

    const pieceLength = <u32>min<u64>(remaining, end - at);
    const isText = (message & (RECORD_TEXT | RECORD_COMPRESSED)) === RECORD_TEXT;
    let high: u32 = 0;
    if (config & CONFIG_EXPECT_MASK) high = maskOctets(at, pieceLength, maskingKey);
    else if (isText) high = highBits(at, pieceLength);
    remaining -= pieceLength;

    let bits = first | (message & (RECORD_TEXT | RECORD_COMPRESSED));
    if (high === 0) bits |= RECORD_ASCII;
    if (remaining === 0) bits |= first & FIN_BIT ? RECORD_FRAME_END | RECORD_MESSAGE_END : RECORD_FRAME_END;

    if (isText && !(config & CONFIG_SKIP_UTF8) && high | utf8) {
      const before = utf8;
      const isWhole = (bits & RECORD_MESSAGE_END) !== 0 && before === UTF8_COMPLETE;
      if (isWhole && pieceLength >= <u32>LONG_TEXT && (config & CONFIG_LEAVE_LONG_TEXT) !== 0) unjudged = 1;
      else utf8 = validateUtf8(at, pieceLength, before);
      const endsInside = bits & RECORD_MESSAGE_END && utf8 !== UTF8_COMPLETE;
      if (utf8 === UTF8_INVALID || endsInside) {
        violation = VIOLATION_INVALID_UTF8;
        setWord(CONTROL_OCTET_AT, <u32>(at - ptr) + locateInvalidUtf8(at, pieceLength, before));
        break;
      }
    }
    writeRecord(record, bits, at, pieceLength);
    record += RECORD_LENGTH;
    at += pieceLength;
    maskingKey = rotateKey(maskingKey, pieceLength);
    if (bits & RECORD_MESSAGE_END) {
      message = 0;
      messageLength = 0;
      utf8 = UTF8_COMPLETE;
      if (unjudged) break;
    }
  }

  setWord(CONTROL_VIOLATION, violation);
  setWord(CONTROL_CONSUMED, <u32>(at - ptr));
  setWord(CONTROL_FRAME_AT, frameAt);
  setWord(CONTROL_UNJUDGED, unjudged);
  const resumable = (message | <u32>(remaining !== 0)) !== 0;
  setWord(CONTROL_RESUMABLE, <u32>resumable);
  if (resumable && !violation) {
    setWord(CONTROL_FRAME, first);
    setWord(CONTROL_MESSAGE, message);
    setWord(CONTROL_MASKING_KEY, maskingKey);
    setWord(CONTROL_UTF8, utf8);
    setFloat(CONTROL_REMAINING, <f64>remaining);
    setFloat(CONTROL_MESSAGE_LENGTH, messageLength);
  }
  return <u32>(record - RECORDS_PTR) / RECORD_LENGTH;
}
