// FrameDecoder: octets in, whole frames out, every rule of RFC 6455 §5 applied. No messages, no answers, no state beyond the
// wire's: connection/ is built on the same parts for that. Payloads are lent from memory that a nested decoder leaves alone,
// so that a sink may do whatever it likes.

import {
  CONTROL_BIT,
  MAX_CONTROL_LENGTH,
  OPCODE_BITS,
  RECORD_CAPACITY,
  RECORD_FRAME_END,
  RECORD_WORDS,
} from "../../assembly/constants.ts";
import { type PeerError, UsageError } from "../errors/classes.ts";
import { host } from "../host.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { currentKernel } from "../kernel/select.ts";
import { booleanOption, checkOptionNames, choiceOption, numberOption } from "../options.ts";
import { type Batch, giveBatch, takeBatch } from "./batch.ts";
import { BlockChain } from "./blocks.ts";
import { copyOctets, type OctetSource, octetsOf } from "./octets.ts";
import { type Role, type WireRules, WireState, wireConfig } from "./wire.ts";

/** What a decoder does with a frame. */
export interface FrameSink {
  /**
   * Takes one frame.
   *
   * @param opcode   as on the wire, 0 for a continuation frame
   * @param flags    FIN 0x80, RSV1 0x40, RSV2 0x20, RSV3 0x10
   * @param payload  unmasked; borrowed: it changes once `frame` returns
   */
  frame(opcode: number, flags: number, payload: Uint8Array): void;
}

/** Options of a FrameDecoder. */
export interface FrameDecoderOptions {
  /** Whose frames are decoded is the other's: a `"server"` expects masked ones. */
  readonly role: Role;
  /** Octets a data frame may announce; default 16 MiB, Infinity for no limit. */
  readonly maxPayloadLength?: number | undefined;
  /** Reserved bits that frames may set, RSV1 4, RSV2 2, RSV3 1; default 0. Text that begins with RSV1 is not validated. */
  readonly allowedRsv?: number | undefined;
  /** Lets text pass that is not UTF-8; default false. */
  readonly skipUtf8Validation?: boolean | undefined;
}

const optionNames: ReadonlySet<string> = new Set(["role", "maxPayloadLength", "allowedRsv", "skipUtf8Validation"]);

/** Where payloads are lent from while a sink runs: one for each depth of nesting. */
interface Lending {
  readonly octets: Uint8Array;
  readonly records: Int32Array;
}

const lendings: Lending[] = [];
let depth = 0;

function lendingAt(level: number, kernel: Kernel): Lending {
  const length = kernel.inputHeadroom + kernel.inputCapacity;
  // Made again where a sink gave its memory away.
  if (lendings[level] === undefined || lendings[level].octets.length === 0) {
    lendings[level] = {
      octets: host.view(new ArrayBuffer(length)),
      records: new Int32Array(RECORD_CAPACITY * RECORD_WORDS),
    };
  }
  return lendings[level];
}

/** Decodes frames from chunks of any size. RFC 6455 §5.2. */
export class FrameDecoder {
  private readonly kernel: Kernel = currentKernel();
  private readonly wire: WireState = new WireState();
  private readonly rules: WireRules;
  /** The pieces of a frame that is not whole yet. */
  private pieces: BlockChain | null = null;
  private failure: PeerError | null = null;
  private decoding = false;
  /** What the sink threw. */
  private thrown: { readonly error: unknown } | null = null;

  /** @throws UsageError for an option that is missing, misspelt or out of range */
  constructor(options: FrameDecoderOptions) {
    checkOptionNames("FrameDecoder", options, optionNames);
    const role = choiceOption("role", options.role, ["server", "client"]);
    const rsv = numberOption("allowedRsv", options.allowedRsv, { otherwise: 0, least: 0, most: 7 });
    const skip = booleanOption("skipUtf8Validation", options.skipUtf8Validation, false);
    this.rules = {
      config: wireConfig(role, rsv, skip),
      maxFrameLength: numberOption("maxPayloadLength", options.maxPayloadLength, {
        otherwise: 16 * 1024 * 1024,
        least: MAX_CONTROL_LENGTH,
        unlimited: true,
      }),
      maxMessageLength: Number.POSITIVE_INFINITY,
    };
  }

  /** Octets decoded so far: those of whole frames, and of the part of a data frame that has come. */
  get byteOffset(): number {
    return this.wire.streamOffset;
  }

  /** Whether the octets so far end inside a frame or a fragmented message. */
  get isInside(): boolean {
    return this.wire.isInside;
  }

  /**
   * Decodes a chunk and gives the sink every frame that it completes.
   *
   * @param chunk  read only; may be reused once this returns
   * @returns      null, or what the peer did wrong; frames before it were given to the sink, and later calls decode nothing
   *               and return it again
   * @throws       UsageError where the chunk is not octets, or the sink calls this decoder; what the sink throws, at this call
   *               and at later ones, since frames are lost
   */
  decode(chunk: OctetSource, sink: FrameSink): PeerError | null {
    const octets = octetsOf(chunk, "chunk");
    if (this.decoding) throw new UsageError("WS_REENTRANT", "a sink may not call the decoder that is calling it");
    if (this.thrown !== null) throw this.thrown.error;
    this.decoding = true;
    const batch = takeBatch(this.kernel);
    try {
      for (let at = 0; at < octets.length && this.failure === null; ) {
        at = this.wire.fill(batch, octets, at);
        this.decodeRegion(batch, sink);
      }
    } catch (error) {
      this.thrown = { error };
      throw error;
    } finally {
      this.decoding = false;
      giveBatch(batch);
    }
    return this.failure;
  }

  private decodeRegion(batch: Batch, sink: FrameSink): void {
    let raw: Uint8Array | null = null;
    do {
      if (raw !== null) this.wire.fill(batch, raw, 0);
      this.wire.decode(batch, this.rules);
      this.failure = batch.violation;
      this.deliver(batch, sink);
      raw = batch.spilledRaw;
      if (batch.octets !== this.kernel.octets) batch.reset();
    } while ((raw !== null || batch.rawPtr !== batch.rawEnd) && this.failure === null);
  }

  /** Lends out the frames of a batch from ordinary memory. */
  private deliver(batch: Batch, sink: FrameSink): void {
    const { count } = batch;
    if (count === 0) return;
    const { octets, records } = lendingAt(depth, this.kernel);
    const words = count * RECORD_WORDS;
    for (let word = 0; word < words; word++) records[word] = batch.records[word]!;
    const base = records[1]!;
    const end = records[words - 2]! + records[words - 1]!;
    copyOctets(batch.octets, base, end, octets, 0);
    batch.index = count;
    depth++;
    try {
      for (let word = 0; word < words; word += RECORD_WORDS) {
        this.deliverOne(records[word]!, octets, records[word + 1]! - base, records[word + 2]!, sink);
      }
    } finally {
      depth--;
      // No other decoder's sink sees them through its payload's buffer; nothing is left where this one gave that away.
      if (octets.length !== 0) octets.fill(0, 0, end - base);
    }
  }

  private deliverOne(bits: number, octets: Uint8Array, start: number, length: number, sink: FrameSink): void {
    const isCut = !(bits & RECORD_FRAME_END);
    // A control frame is always whole, and may stand between the pieces of nothing: frames do not nest.
    if (bits & CONTROL_BIT || (this.pieces === null && !isCut)) {
      sink.frame(bits & OPCODE_BITS, bits & 0xf0, host.part(octets, start, length));
      return;
    }
    this.pieces ??= new BlockChain();
    this.pieces.append(octets, start, start + length);
    if (isCut) return;
    const payload = this.pieces.takeOctets();
    this.pieces = null;
    sink.frame(bits & OPCODE_BITS, bits & 0xf0, payload);
  }
}
