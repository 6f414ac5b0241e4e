// The consumer of pieces that delivers long messages as they arrive. One at a time: what follows a message on the connection
// waits until its loop was told of the end and has had its tick, and the transport waits where too much of it is not taken.

import { RECORD_ASCII, RECORD_MESSAGE_END, RECORD_TEXT } from "../../assembly/constants.ts";
import type { Later, Waiting } from "./later.ts";
import { MessageStream, type StreamOwner } from "./message-stream.ts";
import type { MessageSink, Messages } from "./messages.ts";
import type { Flow, PieceConsumer, PieceSource } from "./pieces.ts";
import { TextPieces } from "./text-pieces.ts";

/** Whom streams are given to. */
export interface StreamSink extends MessageSink {
  /** Calls the handler, and returns what that gave: a promise is ours to watch. */
  receivedStream(stream: MessageStream): unknown;
  /** What a loop is told whose message will not be whole. */
  readonly closeError: unknown;
}

/** How streams are delivered. */
export interface StreamRules {
  /** Octets from which a message is streamed. */
  readonly streamFrom: number;
  readonly textAsOctets: boolean;
  readonly tickEnd: Later;
}

/** Octets that wait for a loop before the peer is slowed down; at half of them it goes on. */
const MARK = 131072;

export class Streaming<Context> implements PieceConsumer, StreamOwner, Waiting {
  private readonly sink: StreamSink;
  private readonly next: Messages<Context>;
  private readonly flow: Flow;
  private readonly rules: StreamRules;
  private current: MessageStream | null = null;
  /** Octets of the message so far, and octets of memory that hold what its loop has not taken. */
  private length = 0;
  private heldLength = 0;
  /** Whether the message's end has come. */
  private hasEnd = false;
  private isWaiting = false;
  private isScheduled = false;
  private isDropped = false;

  constructor(sink: StreamSink, next: Messages<Context>, flow: Flow, rules: StreamRules) {
    this.sink = sink;
    this.next = next;
    this.flow = flow;
    this.rules = rules;
  }

  get isAtRest(): boolean {
    return this.current === null && this.length === 0;
  }

  piece(source: PieceSource, bits: number, start: number, end: number): void {
    const isEnd = (bits & RECORD_MESSAGE_END) !== 0;
    this.length += end - start;
    const isWhole = this.current === null && this.length < this.rules.streamFrom;
    if (isEnd) this.length = 0;
    if (isWhole) {
      this.next.piece(source, bits, start, end);
      return;
    }
    this.hasEnd = isEnd;
    if (this.current === null) this.begin(source, bits, start, end);
    else this.put(this.current, source.octets, (bits & RECORD_ASCII) !== 0, start, end);
    this.settle();
    if (isEnd) this.current?.end();
  }

  drop(): void {
    const { current } = this;
    this.current = null;
    this.isDropped = true;
    this.flow.account.charge(-this.heldLength); // what a loop may still read is the application's
    this.next.drop();
    // When this is over the connection knows why.
    if (current !== null) queueMicrotask(() => current.fail(this.sink.closeError));
  }

  holds(change: number): void {
    this.heldLength += change;
    if (!this.isDropped) this.flow.account.charge(change);
  }

  taken(stream: MessageStream): void {
    if (stream === this.current && !this.hasEnd && stream.waitingLength <= MARK / 2) this.goOnSoon();
  }

  finished(stream: MessageStream): void {
    if (stream === this.current) this.goOnSoon();
  }

  goOn(): void {
    this.isScheduled = false;
    if (!this.isWaiting) return;
    this.isWaiting = false;
    if (this.hasEnd) this.current = null;
    this.flow.proceed(() => {});
  }

  private begin(source: PieceSource, bits: number, start: number, end: number): void {
    const isText = (bits & RECORD_TEXT) !== 0;
    const asString = isText && !this.rules.textAsOctets;
    const stream = new MessageStream(!isText, this, asString ? new TextPieces(this.flow.kernel) : null);
    this.current = stream;
    const earlier = this.next.takeUnfinished();
    if (earlier !== null) this.put(stream, earlier, false, 0, earlier.length);
    this.put(stream, source.octets, (bits & RECORD_ASCII) !== 0, start, end);
    if (this.isDropped) return; // there was no room for it
    const result = this.sink.receivedStream(stream);
    const leave = (): void => {
      if (!stream.isTaken) stream.leave();
    };
    if (result instanceof Promise) result.then(leave, leave);
    else leave();
  }

  private put(stream: MessageStream, octets: Uint8Array, isAscii: boolean, start: number, end: number): void {
    if (start === end) return;
    stream.put(octets, start, end, isAscii);
    const error = this.flow.account.claim(0);
    if (error !== null) this.flow.fail(error);
  }

  /** Has what follows wait where the message is over, or too much of it is not taken. */
  private settle(): void {
    const { current } = this;
    if (current === null) return; // the connection is closed
    if (this.hasEnd && current.wasLeft) this.current = null;
    else if (this.hasEnd || current.waitingLength >= MARK) {
      this.isWaiting = true;
      this.flow.wait();
    }
  }

  /** Goes on when the loop has had its tick. */
  private goOnSoon(): void {
    if (this.isScheduled || !this.isWaiting) return;
    this.isScheduled = true;
    this.rules.tickEnd.add(this);
  }
}
