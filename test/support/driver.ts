// Drives decode as a connection does. Between two calls it keeps what the contract lets a caller keep: octets that decode
// left (brought again right before the next chunk, in the headroom) and the state words. All the rest of the control
// block, the records and the input region is poisoned before every call, so a kernel that remembers anything fails.

import * as K from "../../assembly/constants.ts";
import type { Kernel } from "../../bindings/kernel/kernel.ts";
import { concat, POISON, toHex } from "./octets.ts";
import { eventOf, type Outcome, type Rules } from "./reference.ts";

/** The state words of a connection inside a frame or a message. */
export interface State {
  readonly words: readonly number[];
  readonly floats: readonly number[];
}

const stateWords = [K.CONTROL_FRAME, K.CONTROL_MESSAGE, K.CONTROL_MASKING_KEY, K.CONTROL_UTF8];
const stateFloats = [K.CONTROL_REMAINING, K.CONTROL_MESSAGE_LENGTH];

/** One record, with what it points to. */
export interface PieceRecord {
  readonly bits: number;
  /** Octets from the first octet decode was given. */
  readonly offset: number;
  readonly payload: Uint8Array;
}

/** Everything that one call of decode says. Members that the contract leaves undefined are null. */
export interface CallResult {
  readonly records: readonly PieceRecord[];
  readonly violation: number;
  readonly consumed: number;
  readonly frameAt: number;
  /** Whether decode stopped after text that it left to the caller to validate. */
  readonly isUnjudged: boolean;
  readonly octetAt: number | null;
  /** 1009 only: the length of the frame, and of its message with it. */
  readonly announced: readonly number[] | null;
  readonly state: State | null;
}

/** The `config` argument for an endpoint. */
export function configOf(rules: Rules): number {
  const role = rules.role === "server" ? K.CONFIG_EXPECT_MASK : 0;
  const leaves = rules.leaveLongText ? K.CONFIG_LEAVE_LONG_TEXT : 0;
  return role | leaves | ((rules.allowedRsv ?? 0) << 4) | (rules.skipUtf8 ? K.CONFIG_SKIP_UTF8 : 0);
}

/** Calls decode once for octets that end at `end` octets into the input region (default: that begin there). */
export function callDecode(
  kernel: Kernel,
  octets: Uint8Array,
  rules: Rules,
  state: State | null = null,
  end?: number,
): CallResult {
  const ptr = kernel.inputPtr + (end === undefined ? 0 : end - octets.length);
  const { control, controlFloats, records } = kernel;
  kernel.octets.fill(POISON, kernel.controlPtr, kernel.inputPtr + kernel.inputCapacity);
  kernel.octets.set(octets, ptr);
  stateWords.forEach((word, index) => {
    if (state !== null) control[word] = state.words[index]!;
  });
  stateFloats.forEach((word, index) => {
    if (state !== null) controlFloats[word] = state.floats[index]!;
  });
  const config = configOf(rules) | (state === null ? 0 : K.CONFIG_RESUME);
  const { maxFrameLength = Infinity, maxMessageLength = Infinity } = rules;
  const count = kernel.decode(ptr, octets.length, config, maxFrameLength, maxMessageLength);

  const found: PieceRecord[] = [];
  for (let word = 0; word < count * K.RECORD_WORDS; word += K.RECORD_WORDS) {
    const at = records[word + 1]!;
    found.push({
      bits: records[word]!,
      offset: at - ptr,
      payload: Uint8Array.from(kernel.octets.subarray(at, at + records[word + 2]!)),
    });
  }
  const violation = control[K.CONTROL_VIOLATION]!;
  const tooLong = violation === K.VIOLATION_FRAME_TOO_LONG || violation === K.VIOLATION_MESSAGE_TOO_LONG;
  const floats = stateFloats.map((word) => controlFloats[word]!);
  const words = stateWords.map((word) => control[word]!);
  return {
    records: found,
    violation,
    consumed: control[K.CONTROL_CONSUMED]!,
    frameAt: control[K.CONTROL_FRAME_AT]!,
    isUnjudged: control[K.CONTROL_UNJUDGED] !== 0,
    octetAt: violation === K.VIOLATION_INVALID_UTF8 ? control[K.CONTROL_OCTET_AT]! : null,
    announced: tooLong ? floats : null,
    state: control[K.CONTROL_RESUMABLE] === 1 && violation === 0 ? { words, floats } : null,
  };
}

/** A connection's receiving side over one kernel. */
export class DecodeDriver {
  readonly events: string[] = [];
  readonly records: PieceRecord[] = [];
  violation = 0;
  frameOffset = -1;
  octetOffset = -1;
  /** Octets received when the violation was seen. */
  settledAt = -1;
  received = 0;
  private readonly kernel: Kernel;
  private readonly rules: Rules;
  private carried: Uint8Array = new Uint8Array(0);
  private state: State | null = null;
  private pieces: Uint8Array[] = [];
  private frameInProgress = -1;

  constructor(kernel: Kernel, rules: Rules) {
    if (rules.leaveLongText) throw new Error("nobody here validates what decode leaves");
    this.kernel = kernel;
    this.rules = rules;
  }

  receive(chunk: Uint8Array): void {
    if (this.violation !== 0) return;
    this.received += chunk.length;
    if (this.carried.length > this.kernel.inputHeadroom) throw new Error(`${this.carried.length} octets to carry`);
    let octets: Uint8Array = concat(this.carried, chunk);
    let more = true;
    while (more) {
      const base = this.received - octets.length;
      const result = callDecode(this.kernel, octets, this.rules, this.state, chunk.length);
      for (const record of result.records) this.take(record);
      if (result.violation !== 0) this.fail(result, base);
      this.state = result.state;
      if (result.state !== null && result.frameAt >= 0) this.frameInProgress = base + result.frameAt;
      octets = octets.subarray(result.consumed);
      more = result.records.length === K.RECORD_CAPACITY;
    }
    this.carried = octets;
  }

  private take(record: PieceRecord): void {
    this.records.push(record);
    const opcode = record.bits & K.OPCODE_BITS;
    if (opcode >= 8) this.events.push(eventOf(opcode, false, record.payload));
    else this.pieces.push(record.payload);
    if (opcode < 8 && record.bits & K.RECORD_MESSAGE_END) {
      const kind = record.bits & K.RECORD_TEXT ? 1 : 2;
      this.events.push(eventOf(kind, (record.bits & K.RECORD_COMPRESSED) !== 0, concat(...this.pieces)));
      this.pieces = [];
    }
  }

  private fail(result: CallResult, base: number): void {
    this.violation = result.violation;
    this.frameOffset = result.frameAt < 0 ? this.frameInProgress : base + result.frameAt;
    this.octetOffset = result.octetAt === null ? -1 : base + result.octetAt;
    this.settledAt = this.received;
  }

  /** What came of the stream; settledAt counts whole chunks. */
  get outcome(): Outcome {
    const { events, violation, frameOffset, octetOffset, settledAt } = this;
    const unfinished = violation ? "" : toHex(concat(...this.pieces));
    return { events, unfinished, violation, frameOffset, octetOffset, settledAt };
  }
}

/** Decodes a stream that arrives cut at the given offsets, in rising order. */
export function decodeCut(
  kernel: Kernel,
  rules: Rules,
  stream: Uint8Array,
  cuts: readonly number[] = [],
): DecodeDriver {
  const driver = new DecodeDriver(kernel, rules);
  let start = 0;
  for (const cut of [...cuts, stream.length]) {
    driver.receive(stream.subarray(start, cut));
    start = cut;
  }
  return driver;
}
