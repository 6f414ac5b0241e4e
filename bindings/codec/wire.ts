// What an endpoint remembers between chunks, and the step from a chunk to a batch of records: fill the input region, call
// decode, keep the state of what the chunk cut. Knows frames only as the kernel reports them; delivers nothing.

import {
  CONFIG_EXPECT_MASK,
  CONFIG_LEAVE_LONG_TEXT,
  CONFIG_RESUME,
  CONFIG_SKIP_UTF8,
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
  RECORD_CAPACITY,
  RECORD_WORDS,
  UTF8_COMPLETE,
  UTF8_INVALID,
  VIOLATION_CONTINUATION_EXPECTED,
  VIOLATION_FRAME_TOO_LONG,
  VIOLATION_INVALID_UTF8,
  VIOLATION_MESSAGE_TOO_LONG,
  VIOLATION_NONE,
} from "../../assembly/constants.ts";
import type { PeerError } from "../errors/classes.ts";
import { errorOfViolation } from "../errors/violations.ts";
import { host } from "../host.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Batch } from "./batch.ts";
import { frameHeader, readHeader } from "./header.ts";
import { copyOctets, copyOf, viewOf } from "./octets.ts";

/** Which end of a connection this is. RFC 6455 §2. */
export type Role = "client" | "server";

/** What decode is told about an endpoint; shared by all that are alike. */
export interface WireRules {
  /** CONFIG_* bits and the allowed RSV bits. */
  readonly config: number;
  /** Octets a data frame may announce. */
  readonly maxFrameLength: number;
  /** Octets on the wire that a message's frames may announce together. */
  readonly maxMessageLength: number;
}

/** CONFIG_* bits for a role; `allowedRsv` is the number RSV1 RSV2 RSV3. */
export function wireConfig(role: Role, allowedRsv: number, skipUtf8: boolean): number {
  const leaves = host.isUtf8 === null ? 0 : CONFIG_LEAVE_LONG_TEXT;
  return (role === "server" ? CONFIG_EXPECT_MASK : 0) | (skipUtf8 ? CONFIG_SKIP_UTF8 : 0) | leaves | (allowedRsv << 4);
}

/** Has the platform validate the last record, which decode has left; where it is not UTF-8, that becomes decode's answer. */
function judgeLast(batch: Batch): void {
  const { kernel, records, rawPtr } = batch;
  const word = (batch.count - 1) * RECORD_WORDS;
  const ptr = records[word + 1]!;
  const length = records[word + 2]!;
  if (host.isUtf8!(host.part(kernel.octets, ptr, length))) return;
  batch.count--;
  kernel.control[CONTROL_VIOLATION] = VIOLATION_INVALID_UTF8;
  kernel.control[CONTROL_OCTET_AT] = ptr - rawPtr + validLength(kernel, ptr, length);
}

/** Octets before the one that makes text invalid; `length` where it is cut short. Halves what is left, and validates no half twice. */
function validLength(kernel: Kernel, ptr: number, length: number): number {
  let valid = 0;
  let state: number = UTF8_COMPLETE;
  let invalid = length + 1;
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1;
    const next = kernel.validateUtf8(ptr + valid, middle - valid, state);
    if (next === UTF8_INVALID) {
      invalid = middle;
    } else {
      valid = middle;
      state = next;
    }
  }
  return valid;
}

/** The decoding state of one endpoint, as integers. RFC 6455 §5. */
export class WireState {
  /** Octets decoded since the opening handshake. */
  streamOffset = 0;
  /** Octets of a header, or of a control frame, that the last chunk cut: at most 130. */
  private carry: Uint8Array | null = null;
  /** Whether the state below matters: inside a frame or a message. */
  private resumable = false;
  private frame = 0;
  private frameOffset = 0;
  private frameLength = 0;
  private maskingKey = 0;
  private message = 0;
  private utf8 = 0;
  private remaining = 0;
  private messageLength = 0;

  /** Whether a frame or a message has begun and not ended. */
  get isInside(): boolean {
    return this.resumable || this.carry !== null;
  }

  /**
   * Puts octets of a chunk in the input region, after those carried from the last one, and makes `batch` its holder.
   *
   * @param start  first octet taken
   * @param most   octets that may be taken at most
   * @returns      the octet after the last one taken
   */
  fill(batch: Batch, chunk: Uint8Array, start: number, most: number = Number.POSITIVE_INFINITY): number {
    const { kernel } = batch;
    const { octets, inputPtr, inputCapacity } = kernel;
    const end = Math.min(chunk.length, start + Math.min(inputCapacity, most));
    this.adopt(batch, end - start);
    if (start === 0 && end === chunk.length) octets.set(chunk, inputPtr);
    else octets.set(viewOf(chunk, start, end), inputPtr);
    return end;
  }

  /** Takes `length` octets that lie at the start of the input region already, as `fill` takes a chunk's. */
  adopt(batch: Batch, length: number): void {
    const { kernel } = batch;
    const { octets, inputPtr } = kernel;
    kernel.input.claim(batch);
    batch.rawPtr = inputPtr;
    batch.rawEnd = inputPtr + length;
    if (this.carry === null) return;
    batch.rawPtr -= this.carry.length;
    copyOctets(this.carry, 0, this.carry.length, octets, batch.rawPtr);
    this.carry = null;
  }

  /** Decodes what `fill` left, or what the last call of this left: a batch of at most RECORD_CAPACITY records. */
  decode(batch: Batch, rules: WireRules): void {
    const { kernel, rawPtr: ptr } = batch;
    const { control } = kernel;
    let config = rules.config;
    if (this.resumable) {
      config |= CONFIG_RESUME;
      this.load(batch);
    }
    batch.index = 0;
    batch.count = kernel.decode(ptr, batch.rawEnd - ptr, config, rules.maxFrameLength, rules.maxMessageLength);
    const consumed = control[CONTROL_CONSUMED]!;
    const isUnjudged = control[CONTROL_UNJUDGED] !== 0;
    if (isUnjudged) judgeLast(batch);
    const violation = control[CONTROL_VIOLATION]!;
    if (violation !== VIOLATION_NONE) {
      const error = this.errorAt(batch, violation, rules);
      batch.violation = error;
      // Up to what is at fault, wherever the chunk began.
      this.streamOffset = error.octetOffset ?? error.byteOffset!;
      batch.rawPtr = batch.rawEnd;
      return;
    }
    this.resumable = control[CONTROL_RESUMABLE] !== 0;
    if (this.resumable) this.save(batch);
    this.streamOffset += consumed;
    batch.rawPtr = ptr + consumed;
    if (batch.rawPtr !== batch.rawEnd && batch.count !== RECORD_CAPACITY && !isUnjudged) {
      this.carry = copyOf(kernel.octets, batch.rawPtr, batch.rawEnd);
      batch.rawPtr = batch.rawEnd;
    }
  }

  private load({ kernel }: Batch): void {
    const { control, controlFloats } = kernel;
    control[CONTROL_FRAME] = this.frame;
    control[CONTROL_MASKING_KEY] = this.maskingKey;
    control[CONTROL_MESSAGE] = this.message;
    control[CONTROL_UTF8] = this.utf8;
    controlFloats[CONTROL_REMAINING] = this.remaining;
    controlFloats[CONTROL_MESSAGE_LENGTH] = this.messageLength;
  }

  private save({ kernel, rawPtr: ptr, rawEnd }: Batch): void {
    const { control, controlFloats, octets } = kernel;
    this.frame = control[CONTROL_FRAME]!;
    this.maskingKey = control[CONTROL_MASKING_KEY]!;
    this.message = control[CONTROL_MESSAGE]!;
    this.utf8 = control[CONTROL_UTF8]!;
    this.remaining = controlFloats[CONTROL_REMAINING]!;
    this.messageLength = controlFloats[CONTROL_MESSAGE_LENGTH]!;
    const frameAt = control[CONTROL_FRAME_AT]!;
    if (this.remaining !== 0 && frameAt >= 0) {
      this.frameOffset = this.streamOffset + frameAt;
      this.frameLength = readHeader(octets, ptr + frameAt, rawEnd).payloadLength!;
    }
  }

  /** The error for a violation that decode has just reported. */
  private errorAt({ kernel, rawPtr: ptr, rawEnd }: Batch, violation: number, rules: WireRules): PeerError {
    const { control, controlFloats, octets } = kernel;
    const frameAt = control[CONTROL_FRAME_AT]!;
    const masked = (rules.config & CONFIG_EXPECT_MASK) !== 0;
    // What the first two octets settle is judged before the rest of the header need have come: the error does not depend
    // on whether it had.
    const end = violation <= VIOLATION_CONTINUATION_EXPECTED ? ptr + frameAt + 2 : rawEnd;
    const place = {
      byteOffset: frameAt >= 0 ? this.streamOffset + frameAt : this.frameOffset,
      octetOffset: violation === VIOLATION_INVALID_UTF8 ? this.streamOffset + control[CONTROL_OCTET_AT]! : undefined,
      frame: frameAt >= 0 ? readHeader(octets, ptr + frameAt, end) : frameHeader(this.frame, masked, this.frameLength),
    };
    if (violation === VIOLATION_FRAME_TOO_LONG) {
      return errorOfViolation(violation, place, rules.maxFrameLength, controlFloats[CONTROL_REMAINING]);
    }
    if (violation === VIOLATION_MESSAGE_TOO_LONG) {
      return errorOfViolation(violation, place, rules.maxMessageLength, controlFloats[CONTROL_MESSAGE_LENGTH]);
    }
    return errorOfViolation(violation, place);
  }
}
