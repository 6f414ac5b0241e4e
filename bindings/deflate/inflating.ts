// From compressed pieces to plain ones. RFC 7692 §7.2.2. A message that fits in the scratch region comes out as one piece, as
// if it had been sent plain. Limits count what comes out, as it comes out, and text is validated there (§6.2).

import {
  LONG_TEXT,
  RECORD_ASCII,
  RECORD_COMPRESSED,
  RECORD_MESSAGE_END,
  RECORD_TEXT,
  UTF8_COMPLETE,
  UTF8_INVALID,
  VIOLATION_INVALID_UTF8,
  VIOLATION_MESSAGE_TOO_LONG,
} from "../../assembly/constants.ts";
import { ChargedChain } from "../connection/charged-chain.ts";
import type { Flow, PieceConsumer, PieceSource } from "../connection/pieces.ts";
import { InvalidPayloadError, type PeerError } from "../errors/classes.ts";
import { errorOfViolation } from "../errors/violations.ts";
import { host } from "../host.ts";
import type { Context } from "./context.ts";
import { Inflation, type InflationSink } from "./inflation.ts";

/** Octets of an unfinished message that are gathered before a stream is taken for it, where it has none of its own. */
const GATHERED_LENGTH = 16384;

export class Inflating implements PieceConsumer, InflationSink {
  private readonly next: PieceConsumer;
  private readonly flow: Flow;
  private readonly context: Context;
  private readonly inflation: Inflation;
  private readonly source: PieceSource;
  /** The message under way: whether it is text, octets that went in and came out, and where its UTF-8 stands. */
  private isText = false;
  private wireLength = 0;
  private inflatedLength = 0;
  private utf8: number = UTF8_COMPLETE;
  private gathered: ChargedChain | null = null;

  constructor(next: PieceConsumer, flow: Flow, context: Context) {
    this.next = next;
    this.flow = flow;
    this.context = context;
    this.inflation = new Inflation(flow, context, this);
    const { octets, words } = flow.kernel;
    this.source = { octets, words, partOfChunk: () => null };
  }

  /** Whether no compressed message is unfinished. What is inflated elsewhere, the flow waits for. */
  get isAtRest(): boolean {
    return this.wireLength === 0;
  }

  piece(source: PieceSource, bits: number, start: number, end: number): void {
    if ((bits & RECORD_COMPRESSED) === 0) {
      this.next.piece(source, bits, start, end);
      return;
    }
    const isLast = (bits & RECORD_MESSAGE_END) !== 0;
    this.isText = (bits & RECORD_TEXT) !== 0;
    this.wireLength += end - start;
    if (isLast && this.wireLength === 0) {
      this.broken("there is none"); // §7.2.3.6: an empty message is an octet at least
    } else if (this.context.isTakenOver || this.context.isHeld || (isLast && this.gathered === null)) {
      this.inflation.start(source.octets, start, end, isLast, false);
    } else {
      this.gather(source.octets, start, end, isLast);
    }
  }

  drop(): void {
    this.gathered?.clear();
    this.gathered = null;
    this.inflation.drop();
    this.next.drop();
  }

  inflated(length: number, isEnd: boolean): boolean {
    this.inflatedLength += length;
    const error = this.judge(length, isEnd);
    if (error !== null) {
      this.flow.fail(error);
      return false;
    }
    let bits = isEnd ? RECORD_MESSAGE_END : 0;
    if (this.isText) bits |= this.isAscii ? RECORD_TEXT | RECORD_ASCII : RECORD_TEXT;
    if (isEnd) {
      this.wireLength = this.inflatedLength = 0;
      this.context.give();
    }
    const { scratchPtr } = this.flow.kernel;
    this.next.piece(this.source, bits, scratchPtr, scratchPtr + length);
    return true;
  }

  broken(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    const text = `a compressed message is no DEFLATE stream: ${why}`;
    this.flow.fail(new InvalidPayloadError("WS_INFLATE", text, 1007, { section: "RFC 7692 §7.2.2" }));
  }

  /** Keeps a part of a message until there is enough of it, or all. */
  private gather(octets: Uint8Array, start: number, end: number, isLast: boolean): void {
    this.gathered ??= new ChargedChain(this.flow.account);
    this.gathered.append(octets, start, end);
    if (isLast || this.gathered.length >= GATHERED_LENGTH) {
      const together = this.gathered.takeOctets();
      this.gathered = null;
      this.inflation.start(together, 0, together.length, isLast, true);
      return;
    }
    const error = this.flow.account.claim(0);
    if (error !== null) this.flow.fail(error);
  }

  private isAscii = true;

  private judge(length: number, isEnd: boolean): PeerError | null {
    const { maxMessageLength, skipUtf8 } = this.flow;
    if (this.inflatedLength > maxMessageLength)
      return errorOfViolation(VIOLATION_MESSAGE_TOO_LONG, {}, maxMessageLength, this.inflatedLength);
    if (this.isText && !skipUtf8 && !this.isValidText(length, isEnd))
      return errorOfViolation(VIOLATION_INVALID_UTF8, {});
    return null;
  }

  /** RFC 6455 §8.1, of the next octets of the text. */
  private isValidText(length: number, isEnd: boolean): boolean {
    const { kernel } = this.flow;
    const { scratchPtr } = kernel;
    this.isAscii = this.utf8 === UTF8_COMPLETE && (length === 0 || kernel.highBits(scratchPtr, length) === 0);
    if (this.isAscii) return true;
    const isWhole = isEnd && this.inflatedLength === length;
    if (isWhole && length >= LONG_TEXT && host.isUtf8 !== null)
      return host.isUtf8(host.part(kernel.octets, scratchPtr, length));
    const state = kernel.validateUtf8(scratchPtr, length, this.utf8);
    this.utf8 = isEnd ? UTF8_COMPLETE : state;
    return isEnd ? state === UTF8_COMPLETE : state !== UTF8_INVALID;
  }
}
