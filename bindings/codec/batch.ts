// A batch: the records of one decode call on their way to handlers, and the octets they point at. It begins in linear
// memory; if somebody else needs that while handlers run, or if its connection pauses, it spills: it goes on from copies.

import { RECORD_WORDS } from "../../assembly/constants.ts";
import type { PeerError } from "../errors/classes.ts";
import { host } from "../host.ts";
import type { InputHolder } from "../kernel/input-region.ts";
import type { Kernel } from "../kernel/kernel.ts";

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
  /** The caller's chunk, where it may be overwritten, and the address of its octet 0. */
  chunk: Uint8Array | null = null;
  chunkPtr = 0;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.octets = kernel.octets;
    this.records = kernel.records;
  }

  /** Whether everything is delivered and decoded. */
  get isDone(): boolean {
    return this.index === this.count && this.rawPtr === this.rawEnd && this.violation === null;
  }

  spill(): void {
    if (this.octets !== this.kernel.octets) return;
    const { index, count, records, octets } = this;
    if (this.rawPtr !== this.rawEnd) this.spilledRaw = octets.slice(this.rawPtr, this.rawEnd);
    this.rawPtr = this.rawEnd = 0;
    this.chunk = null;
    const rest = records.slice(index * RECORD_WORDS, count * RECORD_WORDS);
    const last = rest.length - RECORD_WORDS;
    const start = last < 0 ? 0 : rest[1]!;
    const end = last < 0 ? 0 : rest[last + 1]! + rest[last + 2]!;
    const copy = host.allocate(end - start);
    copy.set(octets.subarray(start, end));
    this.octets = copy;
    this.base = start;
    this.records = rest;
    this.index = 0;
    this.count = count - index;
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
