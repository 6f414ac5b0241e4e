// A message on its way in, for a `for await`: its parts wait here until they are asked for. Knows no frames and no connection:
// streaming.ts puts parts in, and is told when there is room for more.

import { UsageError } from "../errors/classes.ts";

/** What a part is: a string of text, octets of anything else (and of text with `text: "bytes"`). */
export type MessagePiece = string | Uint8Array;

/** Whom a stream tells. */
export interface StreamOwner {
  /** A part was taken, of so many octets. */
  taken(length: number): void;
  /** Its loop has been told of the end, or nobody wants the rest. */
  finished(): void;
}

interface Waiting {
  readonly piece: MessagePiece;
  readonly length: number;
}

interface Reader {
  readonly resolve: (result: IteratorResult<MessagePiece, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

const done: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** A message that is delivered as it arrives. Iterated over once: `break` drops the rest of it, and nothing but that. */
export class MessageStream implements AsyncIterable<MessagePiece> {
  readonly isBinary: boolean;
  private readonly owner: StreamOwner;
  private waiting: Waiting[] = [];
  private readers: Reader[] = [];
  private isRead = false;
  private isLeft = false;
  private hasEnded = false;
  private failure: { readonly error: unknown } | null = null;

  /** @internal */
  constructor(isBinary: boolean, owner: StreamOwner) {
    this.isBinary = isBinary;
    this.owner = owner;
  }

  /**
   * The parts, as they arrive: at most about 128 KiB wait, then the peer is slowed down. Octets are the loop's to keep.
   *
   * @throws UsageError where it was iterated over before. The loop throws what the connection failed of, and a WsimdError,
   *         WS_ABNORMAL_CLOSURE, where it ended before the message did
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<MessagePiece> {
    if (this.isRead) throw new UsageError("WS_ARGUMENT", "a message's stream is iterated over once");
    this.isRead = true;
    const loop: AsyncIterableIterator<MessagePiece> = {
      next: () => this.next(),
      return: () => {
        this.leave();
        return Promise.resolve(done);
      },
      [Symbol.asyncIterator]: () => loop,
    };
    return loop;
  }

  /** Whether a loop was made. @internal */
  get wasRead(): boolean {
    return this.isRead;
  }

  /** @internal */
  put(piece: MessagePiece, length: number): void {
    if (this.isLeft) return;
    const reader = this.readers.shift();
    if (reader === undefined) {
      this.waiting.push({ piece, length });
      return;
    }
    reader.resolve({ done: false, value: piece });
    this.owner.taken(length);
  }

  /** Whether nobody wants the rest. @internal */
  get wasLeft(): boolean {
    return this.isLeft;
  }

  /** Nothing more comes. @internal */
  end(): void {
    this.hasEnded = true;
    const readers = this.readers.splice(0);
    for (const reader of readers) reader.resolve(done);
    if (readers.length !== 0) this.owner.finished();
  }

  /** The rest will not come; what waits is still given. @internal */
  fail(error: unknown): void {
    if (this.hasEnded || this.isLeft) return;
    this.hasEnded = true;
    const [reader, ...others] = this.readers.splice(0);
    if (reader === undefined) this.failure = { error };
    else reader.reject(error);
    for (const other of others) other.resolve(done);
  }

  /** Drops the rest. @internal */
  leave(): void {
    if (this.isLeft) return;
    this.isLeft = true;
    this.waiting = [];
    for (const reader of this.readers.splice(0)) reader.resolve(done);
    this.owner.finished();
  }

  private next(): Promise<IteratorResult<MessagePiece, undefined>> {
    const oldest = this.waiting.shift();
    if (oldest !== undefined) {
      this.owner.taken(oldest.length);
      return Promise.resolve({ done: false, value: oldest.piece });
    }
    const { failure } = this;
    this.failure = null;
    if (failure !== null) return Promise.reject(failure.error);
    if (this.hasEnded || this.isLeft) {
      this.owner.finished();
      return Promise.resolve(done);
    }
    return new Promise((resolve, reject) => this.readers.push({ resolve, reject }));
  }
}
