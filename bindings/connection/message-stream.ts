// A message on its way in, for a `for await`: its octets wait here, in blocks, until they are asked for. Knows no frames and no
// connection: streaming.ts puts octets in, and is told when there is room for more.

import { giveBlock, LARGEST_BLOCK, takeBlock } from "../codec/blocks.ts";
import { copyOctets } from "../codec/octets.ts";
import { UsageError } from "../errors/classes.ts";
import { host } from "../host.ts";
import type { TextPieces } from "./text-pieces.ts";

/** A part of a message: a string of text, octets of anything else (and of text with `text: "bytes"`). */
export type ReceivedPart = string | Uint8Array;

/** Whom a stream tells. */
export interface StreamOwner {
  /** It holds so many octets of memory more, or less. */
  holds(change: number): void;
  /** Something was taken. */
  taken(stream: MessageStream): void;
  /** Its loop has been told of the end, or nobody wants the rest. */
  finished(stream: MessageStream): void;
}

/** A block, as far as it is filled. */
interface Filled {
  readonly block: Uint8Array;
  length: number;
  isAscii: boolean;
}

interface Reader {
  readonly resolve: (result: IteratorResult<ReceivedPart, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

const done: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** A message that is delivered as it arrives. Iterated over once; `break` drops the rest of it, and nothing but that. */
export class MessageStream implements AsyncIterable<ReceivedPart> {
  readonly isBinary: boolean;
  private readonly owner: StreamOwner;
  private readonly text: TextPieces | null;
  private waiting: Filled[] = [];
  /** What a lending loop has, until it asks for more. */
  private lent: Filled | null = null;
  private reader: Reader | null = null;
  private state: "new" | "read" | "lending" | "left" = "new";
  private hasEnded = false;
  private failure: { readonly error: unknown } | null = null;

  /** @param text  makes strings; null where parts are octets. @internal */
  constructor(isBinary: boolean, owner: StreamOwner, text: TextPieces | null) {
    this.isBinary = isBinary;
    this.owner = owner;
    this.text = text;
  }

  /**
   * The parts as they arrive: at most about 128 KiB wait, then the peer is slowed down. Octets are the loop's to keep.
   *
   * @throws UsageError where it was iterated over before. The loop throws what the connection failed of, and a WsimdError,
   *         WS_ABNORMAL_CLOSURE, where it closed before the message ended
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<ReceivedPart> {
    return this.iterate("read");
  }

  /** The same as octets, text too, each part valid until the next is asked for: nothing is allocated. `sendStream` reads it so. */
  lend(): AsyncIterableIterator<Uint8Array> {
    return this.iterate("lending") as AsyncIterableIterator<Uint8Array>;
  }

  /** Whether a loop was made, or nobody wants one. @internal */
  get isTaken(): boolean {
    return this.state !== "new";
  }

  /** Whether nobody wants the rest. @internal */
  get wasLeft(): boolean {
    return this.state === "left";
  }

  /** Octets that wait. @internal */
  get waitingLength(): number {
    let sum = 0;
    for (const { length } of this.waiting) sum += length;
    return sum;
  }

  /** Takes octets, borrowed until this returns. @internal */
  put(octets: Uint8Array, start: number, end: number, isAscii: boolean): void {
    if (this.state === "left") return;
    const { reader } = this;
    if (reader === null || this.state === "lending") {
      this.keep(octets, start, end, isAscii);
      if (reader !== null) this.give(reader);
      return;
    }
    const part = this.partOf(octets, start, end, isAscii);
    if (part.length === 0) return; // less than a character
    this.reader = null;
    reader.resolve({ done: false, value: part });
  }

  /** Nothing more comes. @internal */
  end(): void {
    this.hasEnded = true;
    const { reader } = this;
    this.reader = null;
    reader?.resolve(done);
    if (reader !== null) this.owner.finished(this);
  }

  /** The rest will not come; what waits is still given. @internal */
  fail(error: unknown): void {
    if (this.hasEnded || this.state === "left") return;
    this.hasEnded = true;
    const { reader } = this;
    this.reader = null;
    if (reader === null) this.failure = { error };
    else reader.reject(error);
  }

  /** Drops the rest. @internal */
  leave(): void {
    if (this.state === "left") return;
    this.state = "left";
    this.giveBack();
    for (const filled of this.waiting.splice(0)) this.release(filled);
    this.reader?.resolve(done);
    this.reader = null;
    this.owner.finished(this);
  }

  private iterate(state: "read" | "lending"): AsyncIterableIterator<ReceivedPart> {
    if (this.state !== "new")
      throw new UsageError(
        "WS_ARGUMENT",
        "a message's stream is read once, by a loop that begins before its handler is over",
      );
    this.state = state;
    const loop: AsyncIterableIterator<ReceivedPart> = {
      next: () => this.next(),
      return: () => {
        this.leave();
        return Promise.resolve(done);
      },
      [Symbol.asyncIterator]: () => loop,
    };
    return loop;
  }

  private next(): Promise<IteratorResult<ReceivedPart, undefined>> {
    this.giveBack();
    return new Promise((resolve, reject) => {
      // One after the other: nobody asks for the next part before it has this one.
      if (this.reader === null) this.give({ resolve, reject });
      else reject(new UsageError("WS_ARGUMENT", "a message's stream has one part at a time"));
    });
  }

  /** Gives a reader what waits, or has it wait. */
  private give(reader: Reader): void {
    this.reader = null;
    for (let oldest = this.waiting.shift(); oldest !== undefined; oldest = this.waiting.shift()) {
      const part = this.take(oldest);
      this.owner.taken(this);
      if (part.length === 0) continue;
      reader.resolve({ done: false, value: part });
      return;
    }
    const { failure } = this;
    this.failure = null;
    if (failure !== null) {
      reader.reject(failure.error);
    } else if (this.hasEnded || this.state === "left") {
      reader.resolve(done);
      this.owner.finished(this);
    } else {
      this.reader = reader;
    }
  }

  private take(filled: Filled): ReceivedPart {
    if (this.state === "lending") {
      this.lent = filled;
      return host.part(filled.block, 0, filled.length);
    }
    const part = this.partOf(filled.block, 0, filled.length, filled.isAscii);
    this.release(filled);
    return part;
  }

  private partOf(octets: Uint8Array, start: number, end: number, isAscii: boolean): ReceivedPart {
    return this.text === null ? host.copyOf(octets, start, end) : this.text.next(octets, start, end, isAscii);
  }

  /** Copies octets to the last block, and to more of them. */
  private keep(octets: Uint8Array, start: number, end: number, isAscii: boolean): void {
    for (let at = start; at < end; ) {
      let last = this.waiting.at(-1);
      if (last === undefined || last.length === last.block.length) {
        last = { block: takeBlock(LARGEST_BLOCK), length: 0, isAscii: true };
        this.waiting.push(last);
        this.owner.holds(last.block.length);
      }
      const length = Math.min(end - at, last.block.length - last.length);
      copyOctets(octets, at, at + length, last.block, last.length);
      last.length += length;
      last.isAscii &&= isAscii;
      at += length;
    }
  }

  private giveBack(): void {
    const { lent } = this;
    this.lent = null;
    if (lent !== null) this.release(lent);
  }

  private release({ block }: Filled): void {
    giveBlock(block);
    this.owner.holds(-block.length);
  }
}
