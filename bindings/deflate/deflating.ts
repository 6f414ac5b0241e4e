// Compresses messages on their way out. RFC 7692 §7.2.1. A message that does not get smaller is sent as it is; the context then
// begins anew, for the peer has not seen it.

import { RSV1_BIT } from "../../assembly/constants.ts";
import { viewOf } from "../codec/octets.ts";
import type { MessagePart, OutboundExtension } from "../connection/extension.ts";
import { host } from "../host.ts";
import type { Context } from "./context.ts";
import { type FlateStream, Flush } from "./flate.ts";

/** Octets up to which a message is compressed before `send` returns: 16 KiB of JSON take about as long as a turn may. */
const NOW_LENGTH = 16384;

/** §7.2.1 step 2: what the end of a flushed stream is, and is not sent. */
const TAIL_LENGTH = 4;

/** What a part that does not get smaller takes more, at most: 5 octets for each stored block, and what a flush adds. */
const overhead = (length: number): number => 64 + (length >>> 8);

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
  private readonly isFlushable: boolean;
  private isStepping = false;
  private isDropped = false;

  /** @param threshold  octets from which messages are compressed; Infinity for none */
  constructor(context: Context, threshold: number, isFlushable: boolean) {
    this.context = context;
    this.threshold = threshold;
    this.isFlushable = isFlushable;
  }

  takes(length: number, choice: boolean | undefined): boolean {
    return length !== 0 && (choice ?? length >= this.threshold);
  }

  isShort(length: number): boolean {
    return length <= NOW_LENGTH && this.context.take().step !== null;
  }

  change(octets: Uint8Array, start: number, end: number, part: MessagePart): Uint8Array | null {
    const stream = this.context.take();
    const output = sharedOutput();
    const capacity = this.capacityFor(end - start, part);
    try {
      stream.step!(octets, start, end, this.flush, output, 0, capacity);
    } catch (error) {
      return this.failed(error, part);
    }
    return this.result(stream, output, capacity, part);
  }

  changeLater(octets: Uint8Array, part: MessagePart, done: (changed: Uint8Array | null) => void): void {
    const stream = this.context.take();
    const capacity = this.capacityFor(octets.length, part);
    const output = host.allocate(capacity);
    this.isStepping = true;
    stream.stepLater(octets, 0, octets.length, this.flush, output, 0, capacity, (error) => {
      this.isStepping = false;
      if (this.isDropped) this.context.close();
      else if (error !== undefined) done(this.failed(error, part));
      else done(this.result(stream, output, capacity, part));
    });
  }

  /** Nothing more is sent. */
  drop(): void {
    this.isDropped = true;
    if (!this.isStepping) this.context.close();
  }

  private get flush(): Flush {
    return this.isFlushable ? Flush.Sync : Flush.Finish;
  }

  /** Room for a whole message where it gets smaller, for a part of one in any case. */
  private capacityFor(length: number, { isFirst, isLast }: MessagePart): number {
    return isFirst && isLast ? length + TAIL_LENGTH - 1 : length + overhead(length);
  }

  /** There was no memory for it: a whole message goes as it is, and the context begins anew. */
  private failed(error: unknown, { isFirst, isLast }: MessagePart): null {
    this.context.close();
    if (isFirst && isLast) return null;
    throw error;
  }

  /** What a step has made; null where it is a whole message that has not become smaller. */
  private result(stream: FlateStream, output: Uint8Array, capacity: number, part: MessagePart): Uint8Array | null {
    const { isFirst, isLast } = part;
    const { outputLeft } = stream;
    let length = capacity - outputLeft;
    if (isFirst && isLast && outputLeft === 0) {
      if (this.context.isTakenOver) stream.reset();
      this.context.give();
      return null;
    }
    if (isLast && this.isFlushable) length -= TAIL_LENGTH;
    else if (isLast) output[length++] = 0; // §7.2.3.4: behind a final block
    if (isLast) this.context.give();
    return viewOf(output, 0, length);
  }
}
