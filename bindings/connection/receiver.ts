// The inbound half of a connection: from chunks to messages and control frames, in order, whatever handlers do meanwhile.
//
//   chunk -> input region -> decode -> batch of records -> whole messages at once; pieces -> block chain -> message
//
// A handler may feed this connection (the chunk queues behind the batch), feed another (the batch spills), pause (the
// decoded tail is copied out, undecoded octets stay raw, a violation waits), throw, close or terminate (the rest is dropped).
// Knows nothing of states, answers or output: its owner is told what came.

import {
  CONTROL_BIT,
  OPCODE_BITS,
  RECORD_ASCII,
  RECORD_MESSAGE_END,
  RECORD_TEXT,
  RECORD_WORDS,
} from "../../assembly/constants.ts";
import { type Batch, giveBatch, takeBatch } from "../codec/batch.ts";
import { viewOf } from "../codec/octets.ts";
import { WireState } from "../codec/wire.ts";
import { LimitError, type PeerError } from "../errors/classes.ts";
import { host } from "../host.ts";
import { heldOctets } from "./budget.ts";
import { ChargedChain } from "./charged-chain.ts";
import type { ConnectionSettings } from "./settings.ts";
import { SHARED_LENGTH, Slab } from "./slab.ts";

/** Messages delivered between two looks at the clock while output waits. */
export const MESSAGES_PER_LOOK = 32;

/** Whom a receiver tells what came. */
export interface Inbound {
  beginBatch(): void;
  /** At least MESSAGES_PER_LOOK records are about to be delivered. */
  beginLongBatch(): void;
  endBatch(): void;
  receivedMessage(data: string | Uint8Array, isBinary: boolean): void;
  receivedControl(opcode: number, payload: Uint8Array): void;
  receivedViolation(error: PeerError): void;
  receivedEnd(): void;
  /** A handler threw. */
  handlerThrew(error: unknown): void;
}

export class Receiver<Context> {
  private readonly owner: Inbound;
  private readonly settings: ConnectionSettings<Context>;
  private readonly wire: WireState = new WireState();
  /** The pieces of an unfinished message, and whether all are ASCII. */
  private message: ChargedChain | null = null;
  private messageIsAscii = true;
  /** A batch that a pause stopped, in memory of its own. */
  private held: Batch | null = null;
  /** Octets that wait behind a batch or a pause. */
  private queued: ChargedChain | null = null;
  private slab: Slab | null = null;
  private isDelivering = false;
  private isPaused = false;
  private isStopped = false;
  private hasEnded = false;

  constructor(owner: Inbound, settings: ConnectionSettings<Context>) {
    this.owner = owner;
    this.settings = settings;
  }

  /** Whether `pause` is in force. */
  get paused(): boolean {
    return this.isPaused;
  }

  /** Whether delivery has ended for good. */
  get stopped(): boolean {
    return this.isStopped;
  }

  /** Octets decoded since the opening handshake. */
  get byteOffset(): number {
    return this.wire.streamOffset;
  }

  /** Takes a chunk. @param mayOverwrite  whether its octets are ours from now on */
  receive(chunk: Uint8Array, mayOverwrite: boolean): void {
    if (this.isStopped) return;
    if (this.isDelivering || this.isPaused) {
      if (!this.hasRoom(chunk.length)) return;
      this.queued ??= new ChargedChain();
      this.queued.append(chunk, 0, chunk.length);
      return;
    }
    this.deliverAll(chunk, mayOverwrite);
  }

  /** The transport's end of input: the owner hears of it after what came before. */
  receiveEnd(): void {
    this.hasEnded = true;
    if (!this.isDelivering && (this.isStopped || !this.isPaused)) this.deliverAll(null, false);
  }

  /** Stops delivery after the message being delivered. */
  pause(): void {
    this.isPaused = true;
  }

  /** Goes on with what a pause held back, before this returns. */
  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    if (!this.isDelivering && !this.isStopped) this.deliverAll(null, false);
  }

  /** Ends delivery for good: what is not delivered is dropped. */
  stop(): void {
    this.isStopped = true;
    this.held = null;
    this.queued?.clear();
    this.queued = null;
    this.slab = null;
    this.dropMessage();
  }

  /** Lets go of memory that only a busy connection needs. */
  relax(): void {
    this.slab = null;
  }

  private deliverAll(chunk: Uint8Array | null, mayOverwrite: boolean): void {
    this.isDelivering = true;
    this.owner.beginBatch();
    try {
      if (chunk !== null) this.consume(chunk, mayOverwrite);
      if (this.held !== null || this.queued !== null) this.deliverQueued();
      if (this.hasEnded && (this.isStopped || !this.isPaused)) {
        this.hasEnded = false;
        this.owner.receivedEnd();
      }
    } finally {
      this.isDelivering = false;
      this.owner.endBatch();
    }
  }

  private deliverQueued(): void {
    while (!this.isPaused && !this.isStopped) {
      if (this.held !== null) {
        const batch = this.held;
        this.held = null;
        this.deliver(batch);
        if (!batch.isDone && !this.isStopped) this.held = batch;
      } else if (this.queued !== null) {
        const octets = this.queued.takeOctets();
        this.queued = null;
        this.consume(octets, true);
      } else {
        return;
      }
    }
  }

  /** Decodes a chunk, or queues the part of it that a spill or a pause leaves. */
  private consume(chunk: Uint8Array, mayOverwrite: boolean): void {
    const { wire } = this;
    const { rules, kernel } = this.settings;
    const batch = takeBatch(kernel);
    for (let at = 0; at < chunk.length && !this.isStopped; ) {
      const from = at;
      at = wire.fill(batch, chunk, from);
      // Only where nothing of it waits: a handler may give its message's memory away.
      if (mayOverwrite && at === chunk.length) batch.useChunk(chunk, from);
      do {
        wire.decode(batch, rules);
        this.deliver(batch);
        if (this.isPaused && !batch.isDone) batch.spill();
        if (batch.octets !== kernel.octets && !this.isStopped) {
          this.requeue(batch.spilledRaw, chunk, at);
          batch.spilledRaw = null;
          if (!batch.isDone) {
            kernel.input.release(batch);
            this.held = batch;
            return;
          }
          giveBatch(batch);
          return;
        }
      } while (batch.rawPtr !== batch.rawEnd && !this.isStopped);
      if (this.isPaused && at < chunk.length) {
        this.requeue(null, chunk, at);
        break;
      }
    }
    giveBatch(batch);
  }

  /** Queues raw octets and the rest of a chunk before whatever queued meanwhile. */
  private requeue(raw: Uint8Array | null, chunk: Uint8Array, at: number): void {
    if (raw === null && at === chunk.length) return;
    const front = new ChargedChain();
    if (raw !== null) front.append(raw, 0, raw.length);
    front.append(chunk, at, chunk.length);
    if (this.queued !== null) {
      const later = this.queued.takeOctets();
      front.append(later, 0, later.length);
    }
    this.queued = front;
  }

  /** Delivers a batch until it ends, the connection pauses or delivery stops. */
  private deliver(batch: Batch): void {
    if (batch.count >= MESSAGES_PER_LOOK) this.owner.beginLongBatch();
    try {
      while (batch.index < batch.count) {
        if (this.isPaused) return;
        const word = batch.index++ * RECORD_WORDS;
        const bits = batch.records[word]!;
        const start = batch.records[word + 1]! - batch.base;
        const end = start + batch.records[word + 2]!;
        if (bits & CONTROL_BIT) this.owner.receivedControl(bits & OPCODE_BITS, this.copy(batch, start, end));
        else if (bits & RECORD_MESSAGE_END && this.message === null) this.deliverWhole(batch, bits, start, end);
        else this.deliverPiece(batch.octets, bits, start, end);
        if (this.isStopped) return;
      }
      if (this.isPaused || batch.violation === null) return;
      const error = batch.violation;
      batch.violation = null;
      this.owner.receivedViolation(error);
    } catch (error) {
      this.owner.handlerThrew(error);
    }
  }

  /** A message in one piece, straight from where it was decoded. */
  private deliverWhole(batch: Batch, bits: number, start: number, end: number): void {
    const { octets } = batch;
    if (!(bits & RECORD_TEXT)) {
      this.owner.receivedMessage(this.binary(batch, start, end), true);
    } else if (this.settings.textAsOctets) {
      this.owner.receivedMessage(this.binary(batch, start, end), false);
    } else {
      const text = bits & RECORD_ASCII ? host.asciiText(octets, start, end) : host.utf8Text(octets, start, end);
      this.owner.receivedMessage(text, false);
    }
  }

  /** A piece of a message that comes in several. */
  private deliverPiece(octets: Uint8Array, bits: number, start: number, end: number): void {
    if (end !== start) {
      if (!this.appendPiece(octets, bits, start, end)) return;
    }
    if (!(bits & RECORD_MESSAGE_END)) return;
    const message = this.message!;
    const isText = (bits & RECORD_TEXT) !== 0;
    const asString = isText && !this.settings.textAsOctets;
    this.message = null;
    this.owner.receivedMessage(asString ? message.takeText(this.messageIsAscii) : message.takeOctets(), !isText);
  }

  private appendPiece(octets: Uint8Array, bits: number, start: number, end: number): boolean {
    const { maxTextLength } = this.settings;
    if (this.message === null) {
      this.message = new ChargedChain();
      this.messageIsAscii = true;
    }
    const { message } = this;
    const length = message.length + end - start;
    if (bits & RECORD_TEXT && length > maxTextLength) {
      this.owner.receivedViolation(
        tooLong("WS_TEXT_TOO_LONG", "a text message is longer than a string can be", maxTextLength, length),
      );
      return false;
    }
    if (!this.hasRoom(end - start)) return false;
    message.append(octets, start, end);
    if (!(bits & RECORD_ASCII)) this.messageIsAscii = false;
    return true;
  }

  /** Whether the thread may hold `length` octets more; where not, the connection fails. */
  private hasRoom(length: number): boolean {
    const { maxProcessBuffered } = this.settings;
    const sum = heldOctets() + length;
    if (sum <= maxProcessBuffered) return true;
    this.owner.receivedViolation(
      tooLong("WS_PROCESS_BUFFERED", "maxProcessBuffered is used up", maxProcessBuffered, sum),
    );
    return false;
  }

  private dropMessage(): void {
    if (this.message === null) return;
    this.message.clear();
    this.message = null;
  }

  /** Octets for a handler to keep. */
  private binary(batch: Batch, start: number, end: number): Uint8Array {
    // A chunk that is ours serves as the memory of its messages: allocation is what binary costs.
    if (batch.chunk !== null && !this.settings.exact) {
      const part = batch.partOfChunk(start, end);
      if (part !== null) return part;
    }
    return this.copy(batch, start, end);
  }

  private copy({ octets, kernel }: Batch, start: number, end: number): Uint8Array {
    const length = end - start;
    if (length > SHARED_LENGTH || this.settings.exact) {
      const copy = host.allocate(length);
      copy.set(viewOf(octets, start, end));
      return copy;
    }
    this.slab ??= new Slab();
    return this.slab.copy(octets, octets === kernel.octets ? kernel.words : null, start, end);
  }
}

function tooLong(code: string, text: string, limit: number, actual: number): LimitError {
  return new LimitError(code, `${text}: ${actual} octets, limit ${limit}`, 1009, limit, actual, {
    section: "RFC 6455 §10.4",
  });
}
