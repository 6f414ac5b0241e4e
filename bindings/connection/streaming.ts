// The consumer of pieces that delivers long messages as they arrive. One at a time: what follows a message on the connection
// waits until its loop was told of the end and has had its tick, and the transport waits where too much of it is not taken.

import { RECORD_ASCII, RECORD_MESSAGE_END, RECORD_TEXT } from "../../assembly/constants.ts";
import { copyOctets, copyOf } from "../codec/octets.ts";
import { characterLength, incompleteLength, receivedText } from "../codec/received-text.ts";
import { host } from "../host.ts";
import type { Later, Waiting } from "./later.ts";
import { MessageStream, type StreamOwner } from "./message-stream.ts";
import type { MessageSink, Messages } from "./messages.ts";
import type { Flow, PieceConsumer, PieceSource } from "./pieces.ts";

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

const nothing = new Uint8Array(0);

export class Streaming<Context> implements PieceConsumer, StreamOwner, Waiting {
  private readonly sink: StreamSink;
  private readonly next: Messages<Context>;
  private readonly flow: Flow;
  private readonly rules: StreamRules;
  private current: MessageStream | null = null;
  /** Octets of the message so far; of those, what its loop has not taken. */
  private length = 0;
  private waitingLength = 0;
  /** Whether the message's end has come. */
  private hasEnd = false;
  private isWaiting = false;
  private isScheduled = false;
  /** The octets of a character that the last piece has cut. */
  private cut: Uint8Array = nothing;

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
    else this.put(this.current, source, bits, start, end);
    this.settle();
    if (isEnd) this.current?.end();
  }

  drop(): void {
    const { current } = this;
    this.current = null;
    this.charge(-this.waitingLength);
    this.next.drop();
    // When this is over the connection knows why.
    if (current !== null) queueMicrotask(() => current.fail(this.sink.closeError));
  }

  taken(length: number): void {
    this.charge(-Math.min(length, this.waitingLength));
    if (!this.hasEnd && this.waitingLength <= MARK / 2) this.goOnSoon();
  }

  finished(): void {
    this.charge(-this.waitingLength);
    this.goOnSoon();
  }

  goOn(): void {
    this.isScheduled = false;
    if (!this.isWaiting) return;
    this.isWaiting = false;
    if (this.hasEnd) this.current = null;
    this.flow.proceed(() => {});
  }

  private begin(source: PieceSource, bits: number, start: number, end: number): void {
    const stream = new MessageStream((bits & RECORD_TEXT) === 0, this);
    this.current = stream;
    const earlier = this.next.takeUnfinished();
    this.cut = nothing;
    if (earlier !== null) {
      this.put(
        stream,
        { octets: earlier, words: null, partOfChunk: () => null },
        bits & ~RECORD_ASCII,
        0,
        earlier.length,
      );
    }
    this.put(stream, source, bits, start, end);
    const result = this.sink.receivedStream(stream);
    const leave = (): void => {
      if (!stream.wasRead) stream.leave();
    };
    if (result instanceof Promise) result.then(leave, leave);
    else leave();
  }

  private put(stream: MessageStream, source: PieceSource, bits: number, start: number, end: number): void {
    if (stream.wasLeft || start === end) return;
    const isText = (bits & RECORD_TEXT) !== 0 && !this.rules.textAsOctets;
    const piece = isText ? this.text(source.octets, bits, start, end) : this.next.binary(source, start, end);
    if (piece.length === 0) return; // a part of a character
    const length = end - start;
    this.charge(length);
    stream.put(piece, length);
    const error = this.flow.account.claim(0);
    if (error !== null) this.flow.fail(error);
  }

  /** The text of a piece: characters that it cuts wait for the next one. */
  private text(octets: Uint8Array, bits: number, start: number, end: number): string {
    const { kernel } = this.flow;
    const { cut } = this;
    let head = "";
    let from = start;
    if (cut.length !== 0) {
      const length = Math.min(characterLength(cut[0]!) - cut.length, end - start);
      const joined = host.allocate(cut.length + length);
      joined.set(cut);
      copyOctets(octets, start, start + length, joined, cut.length);
      from += length;
      if (joined.length < characterLength(cut[0]!)) {
        this.cut = joined;
        return "";
      }
      head = host.utf8Text(joined, 0, joined.length);
    }
    if (bits & RECORD_ASCII) {
      this.cut = nothing;
      return head + host.asciiText(octets, from, end);
    }
    const edge = end - incompleteLength(octets, from, end);
    this.cut = edge === end ? nothing : copyOf(octets, edge, end);
    return edge === from ? head : head + receivedText(kernel, octets, from, edge);
  }

  /** Has what follows wait where the message is over, or too much of it is not taken. */
  private settle(): void {
    const { current } = this;
    if (current === null) return; // the connection is closed
    if (this.hasEnd && current.wasLeft) this.current = null;
    else if (this.hasEnd || this.waitingLength >= MARK) {
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

  private charge(change: number): void {
    this.waitingLength += change;
    this.flow.account.charge(change);
  }
}
