// The stream of one direction of one connection. Where its window is taken over from one message to the next the connection has
// a stream of its own, from the first message that needs it; where not, it takes one of its settings' for each message.

import type { FlateStream } from "./flate.ts";

/** Idle streams that are kept: as many messages may be under way at once without making one. */
const IDLE_COUNT = 4;

/** Streams of one kind that no message is using. */
export class StreamPool {
  private readonly idle: FlateStream[] = [];
  private readonly make: () => FlateStream;

  constructor(make: () => FlateStream) {
    this.make = make;
  }

  take(): FlateStream {
    return this.idle.pop() ?? this.make();
  }

  /** Takes a stream back, its message over. */
  give(stream: FlateStream): void {
    if (this.idle.length >= IDLE_COUNT) {
      stream.close();
      return;
    }
    stream.reset();
    this.idle.push(stream);
  }
}

export class Context {
  readonly isTakenOver: boolean;
  private readonly pool: StreamPool;
  private stream: FlateStream | null = null;

  constructor(pool: StreamPool, isTakenOver: boolean) {
    this.pool = pool;
    this.isTakenOver = isTakenOver;
  }

  /** Whether a stream is held: for a message, or for those to come. */
  get isHeld(): boolean {
    return this.stream !== null;
  }

  /** The stream of the message under way, which begins with it where there is none. */
  take(): FlateStream {
    this.stream ??= this.pool.take();
    return this.stream;
  }

  /** The message is over. */
  give(): void {
    if (this.isTakenOver || this.stream === null) return;
    this.pool.give(this.stream);
    this.stream = null;
  }

  /** Lets go of the stream, whatever it was doing. */
  close(): void {
    this.stream?.close();
    this.stream = null;
  }
}
