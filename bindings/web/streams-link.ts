// A pair of streams as a link. What is read is copied into the kernel's input region: a chunk may be in others' hands yet,
// so nothing is unmasked in it. What is written is a copy of its own, for a stream may hold it until somebody reads. Reading a
// stream that is always full takes no event of the loop: there a link lets others work.

import { octetsOf } from "../codec/octets.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { BaseLink } from "../socket/base-link.ts";
import type { LinkSink } from "../socket/link.ts";
import { nextTask } from "./platform.ts";
import { checkPair, type OctetReader, type OctetWriter, type StreamPair } from "./streams.ts";

/** Octets, and ms, after which whoever waits for the event loop is let in. */
const TURN_LENGTH = 1_048_576;
const TURN_MS = 10;

export class StreamsLink extends BaseLink {
  /** Resolves when nothing is told any more. */
  readonly over: Promise<void>;
  private tellOver!: () => void;
  private readonly reader: OctetReader;
  private readonly writer: OctetWriter;
  private readonly region: Uint8Array;
  private isReading = false;
  private isPaused = false;

  /**
   * @param pair    locked to this link from now on
   * @param kernel  whose input region what is read goes to
   * @throws        UsageError for what is no pair of streams, or is locked
   */
  constructor(pair: StreamPair, kernel: Kernel, remoteAddress?: string) {
    super(remoteAddress);
    checkPair(pair);
    this.reader = pair.readable.getReader();
    this.writer = pair.writable.getWriter();
    this.region = kernel.inputView(kernel.inputCapacity);
    this.over = new Promise((resolve) => (this.tellOver = resolve));
    this.writer.closed.catch((error: unknown) => this.fail(error));
  }

  read(sink: LinkSink): void {
    this.sink = sink;
    this.readOn();
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    this.readOn();
  }

  protected put(octets: Uint8Array): void {
    const { length } = octets;
    this.waits(length);
    this.writer.write(new Uint8Array(octets)).then(
      () => this.taken(length),
      (error: unknown) => this.fail(error),
    );
  }

  protected shutDown(): void {
    this.writer.close().then(
      () => this.outputOver(),
      (error: unknown) => this.fail(error),
    );
  }

  private readOn(): void {
    if (!this.isReading && !this.isPaused && !this.inputEnded && !this.isGone) void this.readAll();
  }

  /** Reads until it is paused, or the input ends. */
  private async readAll(): Promise<void> {
    this.isReading = true;
    let hasEnded = false;
    let length = 0;
    let startMs = performance.now();
    try {
      while (!this.isPaused && !this.isGone) {
        const { done, value } = await this.reader.read();
        hasEnded = done;
        if (done || this.isGone) break;
        length += this.bring(octetsOf(value as Uint8Array, "a chunk of the stream"));
        if (length < TURN_LENGTH && performance.now() - startMs < TURN_MS) continue;
        await nextTask();
        length = 0;
        startMs = performance.now();
      }
    } catch (error) {
      this.fail(error);
    }
    this.isReading = false;
    if (hasEnded) this.inputOver();
  }

  /** Gives the sink a chunk, as much at a time as fits the region. */
  private bring(chunk: Uint8Array): number {
    const { region } = this;
    for (let at = 0; at < chunk.length && !this.isGone; at += region.length) {
      const part = chunk.subarray(at, at + region.length);
      region.set(part);
      this.sink!.landed(region, part.length);
    }
    return chunk.length;
  }

  protected drop(error: unknown): void {
    const ignore = (): void => {}; // a stream that broke off says so again
    if (!this.inputEnded) this.reader.cancel(error).catch(ignore);
    if (!this.outputEnded) this.writer.abort(error).catch(ignore);
    // Behind what is told of the end.
    queueMicrotask(() => queueMicrotask(this.tellOver));
  }
}
