// Compresses messages on their way out. RFC 7692 §7.2.1. A message that does not get smaller is sent as it is; the context then
// begins anew, for the peer has not seen it.

import { RSV1_BIT } from "../../assembly/constants.ts";
import { giveBlock, takeLargeBlock } from "../codec/blocks.ts";
import { viewOf } from "../codec/octets.ts";
import type { OutboundExtension } from "../connection/extension.ts";
import { host } from "../host.ts";
import type { Context } from "./context.ts";
import { beginElsewhere, endElsewhere } from "./elsewhere.ts";
import { type FlateStream, Flush, type Stepped } from "./flate.ts";

/** Octets up to which a message is compressed before `send` returns: 16 KiB of JSON take about as long as a turn may. */
const NOW_LENGTH = 16384;

/** §7.2.1 step 2: what the end of a flushed stream is, and is not sent. */
const TAIL_LENGTH = 4;

/** §7.2.3.6: what a message ends with whose parts were flushed, tail and all: the header of an empty block. */
const emptyBlock = new Uint8Array([0]);

/** What a part may take more where it does not get smaller: zlib's own bound, rounded up. */
const overhead = (length: number): number => 64 + (length >>> 3) + (length >>> 6);

let shared: Uint8Array | null = null;

/** Where small messages are compressed to, one after the other. */
function sharedOutput(): Uint8Array {
  shared ??= host.allocate(NOW_LENGTH + overhead(NOW_LENGTH));
  return shared;
}

export class Deflating implements OutboundExtension {
  readonly bits: number = RSV1_BIT;
  private readonly context: Context;
  private readonly threshold: number;
  private isStepping = false;
  private isDropped = false;

  /** @param threshold  octets from which messages are compressed; Infinity for none */
  constructor(context: Context, threshold: number) {
    this.context = context;
    this.threshold = threshold;
  }

  takes(length: number, choice: boolean | undefined): boolean {
    return length !== 0 && (choice ?? length >= this.threshold) && this.hasStream();
  }

  /** Whether there is a stream for a message: one that cannot be made is no reason not to send it. */
  private hasStream(): boolean {
    try {
      this.context.take();
      return true;
    } catch {
      return false;
    }
  }

  takesParts(choice: boolean | undefined): boolean {
    return (choice ?? this.threshold !== Number.POSITIVE_INFINITY) && this.hasStream();
  }

  endParts(): Uint8Array {
    this.context.give();
    return emptyBlock;
  }

  isShort(length: number): boolean {
    return length <= NOW_LENGTH && this.context.take().step !== null;
  }

  change(octets: Uint8Array, start: number, end: number, isWhole: boolean): Uint8Array | null {
    const stream = this.context.take();
    const output = sharedOutput();
    const capacity = this.capacityFor(end - start, isWhole);
    try {
      stream.step!(octets, start, end, Flush.Sync, output, 0, capacity);
    } catch (error) {
      this.context.close();
      if (isWhole) return null;
      throw error;
    }
    return this.result(stream, output, capacity, isWhole);
  }

  changeLater(octets: Uint8Array, isWhole: boolean, done: (changed: Uint8Array | null, error?: unknown) => void): void {
    this.isStepping = true;
    beginElsewhere(() => {
      const capacity = this.capacityFor(octets.length, isWhole);
      const output = takeLargeBlock(capacity);
      const stepped = (error?: unknown): void => {
        this.isStepping = false;
        if (this.isDropped) this.context.close();
        else if (error === undefined) done(this.result(this.context.take(), output, capacity, isWhole));
        else this.gaveUp(error, done);
        giveBlock(output);
        endElsewhere();
      };
      if (this.isDropped) stepped();
      else this.stepLater(octets, output, capacity, stepped);
    });
  }

  private stepLater(octets: Uint8Array, output: Uint8Array, capacity: number, stepped: Stepped): void {
    try {
      this.context.take().stepLater(octets, 0, octets.length, Flush.Sync, output, 0, capacity, stepped);
    } catch (error) {
      stepped(error); // the stream could not be made
    }
  }

  /** Nothing more is sent. */
  drop(): void {
    this.isDropped = true;
    if (!this.isStepping) this.context.close();
  }

  /** Room for a whole message where it gets smaller, for a part of one in any case. */
  private capacityFor(length: number, isWhole: boolean): number {
    return isWhole ? length + TAIL_LENGTH - 1 : length + overhead(length);
  }

  /** There was no memory for it: a whole message goes as it is, and the context begins anew. */
  private gaveUp(error: unknown, done: (changed: Uint8Array | null, error?: unknown) => void): void {
    this.context.close();
    done(null, error);
  }

  /** What a step has made; null where it is a whole message that has not become smaller. */
  private result(stream: FlateStream, output: Uint8Array, capacity: number, isWhole: boolean): Uint8Array | null {
    const { outputLeft } = stream;
    const length = capacity - outputLeft;
    if (!isWhole) return viewOf(output, 0, length);
    if (outputLeft === 0) {
      if (this.context.isTakenOver) stream.reset();
      this.context.give();
      return null;
    }
    this.context.give();
    return viewOf(output, 0, length - TAIL_LENGTH);
  }
}
