// From pieces to messages: a string, or octets in one piece, for a handler to keep.

import { RECORD_ASCII, RECORD_MESSAGE_END, RECORD_TEXT } from "../../assembly/constants.ts";
import { viewOf } from "../codec/octets.ts";
import { receivedText } from "../codec/received-text.ts";
import { LimitError, type PeerError } from "../errors/classes.ts";
import { host } from "../host.ts";
import type { Account } from "./budget.ts";
import { ChargedChain } from "./charged-chain.ts";
import type { PieceConsumer, PieceSource } from "./pieces.ts";
import type { ConnectionSettings } from "./settings.ts";
import { SHARED_LENGTH, Slab } from "./slab.ts";

/** Whom messages are given to. */
export interface MessageSink {
  receivedMessage(data: string | Uint8Array, isBinary: boolean): void;
  receivedViolation(error: PeerError): void;
}

export class Messages<Context> implements PieceConsumer {
  private readonly sink: MessageSink;
  private readonly settings: ConnectionSettings<Context>;
  private readonly account: Account;
  /** The pieces of an unfinished message, and whether all are ASCII. */
  private unfinished: ChargedChain | null = null;
  private isAscii = true;
  private slab: Slab | null = null;

  constructor(sink: MessageSink, settings: ConnectionSettings<Context>, account: Account) {
    this.sink = sink;
    this.settings = settings;
    this.account = account;
  }

  piece(source: PieceSource, bits: number, start: number, end: number): void {
    if (this.unfinished === null) {
      if (bits & RECORD_MESSAGE_END) this.deliverWhole(source, bits, start, end);
      else if (start !== end) this.append(new ChargedChain(this.account), source, bits, start, end);
      return;
    }
    if (start !== end && !this.append(this.unfinished, source, bits, start, end)) return;
    if (bits & RECORD_MESSAGE_END) this.deliverUnfinished(this.unfinished, bits);
  }

  drop(): void {
    this.unfinished?.clear();
    this.unfinished = null;
    this.slab = null;
  }

  /** The octets of an unfinished message so far, which somebody else goes on with; null where there are none. */
  takeUnfinished(): Uint8Array | null {
    const { unfinished } = this;
    this.unfinished = null;
    return unfinished === null ? null : unfinished.takeOctets();
  }

  /** Whether no message is unfinished. */
  get isAtRest(): boolean {
    return this.unfinished === null;
  }

  /** Octets for a handler to keep. */
  copy({ octets, words }: PieceSource, start: number, end: number): Uint8Array {
    const length = end - start;
    if (length > SHARED_LENGTH) return host.copyOf(octets, start, end);
    if (length === 0 || this.settings.exact) {
      const copy = host.allocate(length);
      copy.set(viewOf(octets, start, end));
      return copy;
    }
    this.slab ??= new Slab();
    return this.slab.copy(octets, words, start, end);
  }

  /** The same, which may be a part of the chunk they came in. */
  binary(source: PieceSource, start: number, end: number): Uint8Array {
    // A chunk that is ours serves as the memory of its messages: allocation is what binary costs.
    const part = this.settings.exact ? null : source.partOfChunk(start, end);
    return part ?? this.copy(source, start, end);
  }

  /** A message in one piece, straight from where it was decoded. */
  private deliverWhole(source: PieceSource, bits: number, start: number, end: number): void {
    const { octets } = source;
    if (!(bits & RECORD_TEXT)) {
      this.sink.receivedMessage(this.binary(source, start, end), true);
    } else if (this.settings.textAsOctets) {
      this.sink.receivedMessage(this.binary(source, start, end), false);
    } else {
      const text =
        bits & RECORD_ASCII
          ? host.asciiText(octets, start, end)
          : receivedText(this.settings.kernel, octets, start, end);
      this.sink.receivedMessage(text, false);
    }
  }

  private deliverUnfinished(message: ChargedChain, bits: number): void {
    const isText = (bits & RECORD_TEXT) !== 0;
    const asString = isText && !this.settings.textAsOctets;
    this.unfinished = null;
    this.sink.receivedMessage(
      asString ? message.takeText(this.settings.kernel, this.isAscii) : message.takeOctets(),
      !isText,
    );
  }

  /** Appends a piece to the unfinished message; false where a limit forbids it, or the connection is closed meanwhile. */
  private append(message: ChargedChain, source: PieceSource, bits: number, start: number, end: number): boolean {
    const { maxTextLength } = this.settings;
    const length = message.length + end - start;
    if (bits & RECORD_TEXT && length > maxTextLength) {
      this.sink.receivedViolation(textError(maxTextLength, length));
      return false;
    }
    if (message.length === 0) this.isAscii = true;
    this.unfinished = message;
    message.append(source.octets, start, end);
    if (!(bits & RECORD_ASCII)) this.isAscii = false;
    // Asked for when the octets are out of linear memory: others may be closed for it.
    const error = this.account.claim(0);
    if (error === null) return this.unfinished !== null; // dropped where a transport, told of the others' end, ended this too
    this.sink.receivedViolation(error);
    return false;
  }
}

function textError(limit: number, actual: number): LimitError {
  const text = `a text message is longer than a string can be: ${actual} octets, limit ${limit}`;
  return new LimitError("WS_TEXT_TOO_LONG", text, 1009, limit, actual, { section: "RFC 6455 §10.4" });
}
