// A batch: the records of one decode call on their way to handlers, and the octets they point at. It begins in linear
// memory; if somebody else needs that while handlers run, or if its connection pauses, it spills: it goes on from copies.

import { RECORD_WORDS } from "../../assembly/constants.ts";
import type { PeerError } from "../errors/classes.ts";
import { host } from "../host.ts";
import type { InputHolder } from "../kernel/input-region.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { copyOf, viewOf } from "./octets.ts";

/** Octets of a chunk that even its smallest message may keep. */
const SMALL_CHUNK = 8192;

export class Batch implements InputHolder {
  readonly kernel: Kernel;
  /** Where payloads are: record addresses, less `base`, index it. */
  octets: Uint8Array;
  base = 0;
  records: Int32Array;
  /** The next record, and the record after the last. */
  index = 0;
  count = 0;
  /** What follows the last record, if the peer broke a rule there. */
  violation: PeerError | null = null;
  /** Octets in the input region that no decode call has seen. */
  rawPtr = 0;
  rawEnd = 0;
  /** The same, after a spill. */
  spilledRaw: Uint8Array | null = null;
  /** The caller's chunk, where it may be overwritten. */
  chunk: Uint8Array | null = null;
  /** The chunk's octet at the start of the input region, and the address up to which the chunk is unmasked too. */
  private chunkAt = 0;
  private unmaskedEnd = 0;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.octets = kernel.octets;
    this.records = kernel.records;
  }

  /** The memory of `octets` as words, while it is linear memory. */
  get words(): Int32Array | null {
    return this.octets === this.kernel.octets ? this.kernel.words : null;
  }

  /** Whether everything is delivered and decoded. */
  get isDone(): boolean {
    return this.index === this.count && this.rawPtr === this.rawEnd && this.violation === null;
  }

  /** Octets of memory of its own, which a spill gave it. */
  get keptLength(): number {
    return this.octets === this.kernel.octets ? 0 : this.octets.byteLength + this.records.byteLength;
  }

  spill(): void {
    if (this.octets !== this.kernel.octets) return;
    const { index, count, records, octets } = this;
    if (this.rawPtr !== this.rawEnd) this.spilledRaw = copyOf(octets, this.rawPtr, this.rawEnd);
    this.rawPtr = this.rawEnd = 0;
    this.chunk = null;
    const rest = records.slice(index * RECORD_WORDS, count * RECORD_WORDS);
    const last = rest.length - RECORD_WORDS;
    const start = last < 0 ? 0 : rest[1]!;
    const end = last < 0 ? 0 : rest[last + 1]! + rest[last + 2]!;
    const copy = host.allocate(end - start);
    copy.set(viewOf(octets, start, end));
    this.octets = copy;
    this.base = start;
    this.records = rest;
    this.index = 0;
    this.count = count - index;
  }

  /** The octets of `chunk` from `at` on, which `fill` has brought, may be overwritten by what was decoded of them. */
  useChunk(chunk: Uint8Array, at: number): void {
    this.chunk = chunk;
    this.chunkAt = at;
    this.unmaskedEnd = this.kernel.inputPtr;
  }

  /**
   * Octets of linear memory as a part of the chunk they came in; null where a message that is kept would keep a chunk much
   * larger than itself.
   */
  partOfChunk(start: number, end: number): Uint8Array | null {
    const { chunk } = this;
    if (chunk === null) return null;
    const { inputPtr } = this.kernel;
    const { buffer, length, byteOffset } = chunk;
    const at = this.chunkAt + start - inputPtr;
    const isOwn = length !== 0 && length * 2 >= buffer.byteLength; // 0: a handler gave the buffer away
    if (start < inputPtr || !isOwn) return null;
    if (buffer.byteLength <= SMALL_CHUNK) {
      // Once for all the messages of the batch: what is handed out is not written again.
      if (end > this.unmaskedEnd) {
        const from = this.unmaskedEnd;
        const decoded =
          from === inputPtr ? this.kernel.inputView(this.rawPtr - from) : viewOf(this.octets, from, this.rawPtr);
        chunk.set(decoded, this.chunkAt + from - inputPtr);
        this.unmaskedEnd = this.rawPtr;
      }
    } else if ((end - start) * 2 >= buffer.byteLength) {
      chunk.set(viewOf(this.octets, start, end), at);
    } else {
      return null;
    }
    return host.viewOf(buffer as ArrayBuffer, byteOffset + at, end - start);
  }

  /** Forgets everything; the batch is as new. */
  reset(): void {
    this.octets = this.kernel.octets;
    this.records = this.kernel.records;
    this.base = this.index = this.count = this.rawPtr = this.rawEnd = 0;
    this.violation = null;
    this.spilledRaw = null;
    this.chunk = null;
  }
}

let spare: Batch | null = null;

/** A batch for one delivery; nested deliveries take more of them. */
export function takeBatch(kernel: Kernel): Batch {
  const batch = spare;
  if (batch === null || batch.kernel !== kernel) return new Batch(kernel);
  spare = null;
  return batch;
}

/** Gives a batch back; nobody may use it any more. */
export function giveBatch(batch: Batch): void {
  batch.kernel.input.release(batch);
  batch.reset();
  spare = batch;
}
