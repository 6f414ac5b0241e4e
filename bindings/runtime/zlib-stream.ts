// A stream of zlib's by Node's public means: every step goes over the thread pool. Slow, and right everywhere.

import { createDeflateRaw, createInflateRaw, type DeflateRaw, type InflateRaw } from "node:zlib";
import { type DeflaterSettings, type FlateStream, Flush, type Stepped } from "../deflate/flate.ts";

/** A step under way, and how far its output is filled. */
interface Step {
  readonly output: Uint8Array;
  at: number;
  readonly end: number;
  readonly done: Stepped;
}

export class ZlibStream implements FlateStream {
  readonly step = null;
  inputLeft = 0;
  outputLeft = 0;
  private readonly make: () => DeflateRaw | InflateRaw;
  private stream: DeflateRaw | InflateRaw | null = null;
  private current: Step | null = null;
  /** Octets that came out and found no room. */
  private rest: Buffer | null = null;
  /** Octets given to the stream; whether it is at work on them, and whether it has ended. */
  private givenLength = 0;
  private isWorking = false;
  private hasEnded = false;
  /** What the stream failed of; it may work ahead of the steps. */
  private failure: { readonly error: unknown } | null = null;

  constructor(direction: "deflate" | "inflate", settings: DeflaterSettings) {
    this.make = () => (direction === "deflate" ? createDeflateRaw(settings) : createInflateRaw(settings));
  }

  stepLater(
    input: Uint8Array,
    inputStart: number,
    inputEnd: number,
    flush: Flush,
    output: Uint8Array,
    outputStart: number,
    outputEnd: number,
    done: Stepped,
  ): void {
    this.current = { output, at: outputStart, end: outputEnd, done };
    const stream = this.stream ?? this.open();
    // What was given is being worked on when its output has no room: then this step has nothing to give.
    if (!this.isWorking && !this.hasEnded && this.failure === null) {
      this.isWorking = true;
      this.givenLength += inputEnd - inputStart;
      const copy = Buffer.from(input.subarray(inputStart, inputEnd)); // it may be read after the step
      if (flush === Flush.Finish) {
        stream.end(copy);
      } else {
        stream.write(copy);
        stream.flush(flush, () => this.worked(stream));
      }
    }
    setImmediate(() => this.drain());
  }

  reset(): void {
    this.close();
    this.rest = null;
    this.givenLength = 0;
    this.isWorking = this.hasEnded = false;
    this.failure = null;
  }

  close(): void {
    this.stream?.close();
    this.stream = null;
  }

  private open(): DeflateRaw | InflateRaw {
    const stream = this.make();
    this.stream = stream;
    stream.on("readable", () => this.stream === stream && this.drain());
    stream.on("end", () => {
      if (this.stream !== stream) return;
      this.hasEnded = true;
      this.worked(stream);
    });
    stream.on("error", (error) => {
      if (this.stream !== stream) return;
      this.failure = { error };
      this.drain();
    });
    return stream;
  }

  private worked(stream: DeflateRaw | InflateRaw): void {
    if (this.stream !== stream) return;
    // Deno calls back for a flush before the event tells what went wrong with it.
    if (stream.errored) this.failure ??= { error: stream.errored };
    this.isWorking = false;
    this.drain();
  }

  /** Moves what has come out to the output of the step; where that is full, or nothing more comes, the step is done. */
  private drain(): void {
    const { current } = this;
    if (current === null) return;
    while (current.at < current.end) {
      this.rest ??= this.stream?.read() as Buffer | null;
      if (this.rest === null) break;
      const length = Math.min(this.rest.length, current.end - current.at);
      current.output.set(this.rest.subarray(0, length), current.at);
      current.at += length;
      this.rest = length === this.rest.length ? null : this.rest.subarray(length);
    }
    if (current.at === current.end) this.finish();
    else if (this.failure !== null) this.finish(this.failure.error);
    else if (!this.isWorking && this.rest === null) this.finish();
  }

  private finish(error?: unknown): void {
    const { current } = this;
    if (current === null) return;
    this.current = null;
    this.outputLeft = current.end - current.at;
    // A stream that has met its final block leaves what follows.
    this.inputLeft = this.hasEnded ? this.givenLength - (this.stream?.bytesWritten ?? 0) : 0;
    current.done(error);
  }
}
