// The outbound half of a connection: whether a frame may be queued, and when what is queued leaves.
//
//   in a batch        at its end, at 64 KiB, or when the receiver finds that it has run for 1 ms
//   outside a batch   the tick's first send at once, later ones at the tick's end; all at its end where handlers await
//   transport behind  when it has taken what it was given
//
// outbox.ts makes octets of frames. States and answers are the owner's, who is told when output moves or passes a limit.

import { FIN_BIT, OPCODE_PING } from "../../assembly/constants.ts";
import { encodedHeaderLength } from "../codec/header.ts";
import { CloseCode } from "../codes.ts";
import { LimitError, UsageError } from "../errors/classes.ts";
import { host } from "../host.ts";
import type { Account } from "./budget.ts";
import type { Done } from "./calls.ts";
import type { OutboundExtension } from "./extension.ts";
import { TURN_MS, type Waiting } from "./later.ts";
import { Line } from "./line.ts";
import { isLent } from "./loans.ts";
import { BORROW_LENGTH, Outbox } from "./outbox.ts";
import type { PartsWay } from "./outgoing.ts";
import type { PreparedMessage } from "./prepared.ts";
import type { ConnectionSettings } from "./settings.ts";
import type { Transport } from "./transport.ts";

/** Whom a sender tells. */
export interface Outbound {
  /** Whether handlers are running whose output leaves when they end. */
  readonly inBatch: boolean;
  /** Output was written or taken. */
  outputMoved(): void;
  /** Unsent output would pass a limit, and nothing was queued; or the transport threw, and everything is lost. */
  outputFailed(error: unknown): void;
}

const nothing = new Uint8Array(0);

export class Sender<Context> implements Waiting {
  private readonly owner: Outbound;
  private readonly settings: ConnectionSettings<Context>;
  private readonly transport: Transport | undefined;
  private readonly account: Account;
  private readonly outbox: Outbox;
  /** Where an extension changes messages, or one comes in parts; null where nothing of the kind happens. */
  private line: Line | null;
  /** Octets of a message longer than may wait, which was admitted alone: they are not held against what follows it. */
  private loneLength = 0;
  /** What the transport had to pass on when it was last asked. */
  private transportLength = 0;
  /** Whether the tick's end will flush. */
  private awaitsTick = false;

  constructor(
    owner: Outbound,
    settings: ConnectionSettings<Context>,
    account: Account,
    transport: Transport | undefined,
    outbound: OutboundExtension | undefined,
  ) {
    this.owner = owner;
    this.settings = settings;
    this.account = account;
    this.transport = transport;
    this.outbox = new Outbox(settings.kernel, settings.role === "client", account);
    this.line = outbound === undefined ? null : this.makeLine(outbound);
  }

  private makeLine(outbound: OutboundExtension | undefined): Line {
    const moved = (): void => (this.transport === undefined ? this.owner.outputMoved() : this.flush());
    return new Line(this.outbox, outbound, this.settings.kernel, this.account, moved);
  }

  /** Payload octets of messages that the transport has not taken. */
  get payloadLength(): number {
    return this.outbox.payloadLength;
  }

  /** Octets that the transport has not taken, with what frames add to them, and what waits about as it will be. */
  get unsentLength(): number {
    return this.outbox.unsentLength;
  }

  /** Whether the transport has taken everything. */
  get isEmpty(): boolean {
    return !this.outbox.isPending && !this.outbox.isBehind && !this.isChanging;
  }

  /** Whether a message takes time, and others wait behind it. */
  private get isChanging(): boolean {
    return this.line?.isBusy === true;
  }

  /** Whether unsent output is at most half of what may be. */
  get hasDrained(): boolean {
    return this.outbox.unsentLength <= this.settings.maxBufferedAmount / 2;
  }

  /** Whether the transport still has what it was given last. */
  get isBehind(): boolean {
    return this.outbox.isBehind;
  }

  /** Whether it keeps memory that only others can free: the transport, or an extension at work. */
  get holds(): boolean {
    return this.isBehind || this.isChanging;
  }

  /** Whether the transport has less to pass on than when this was last asked: somebody takes it. */
  get moves(): boolean {
    const before = this.transportLength;
    this.transportLength = this.isBehind ? (this.transport?.unsentLength ?? 0) : 0;
    return this.transportLength < before;
  }

  /** Whether there is nothing that it has to remember. */
  get isAtRest(): boolean {
    return this.isEmpty && !this.awaitsTick && !this.outbox.isFlushing;
  }

  /** Queues a frame of text; false where a limit forbids it. `first` is its header's first octet. */
  sendText(first: number, text: string, done: Done | undefined, choice?: boolean): boolean {
    const isNear = this.amountWith(text.length * 3) > this.settings.maxBufferedAmount;
    if (!this.hasRoom(isNear ? host.utf8Length(text) : text.length, done)) return false;
    if (this.line === null) this.outbox.appendText(first, text, done);
    else this.line.appendText(first, text, done, choice);
    this.queued();
    return true;
  }

  /** Queues a frame of octets; false where a limit forbids it. */
  sendOctets(first: number, octets: Uint8Array, done: Done | undefined, choice?: boolean): boolean {
    const { length } = octets;
    const isHeld = length >= BORROW_LENGTH && isLent(octets); // a broadcast's octets are there already
    if (!this.hasRoom(length, done, isHeld ? 0 : length)) return false;
    if (this.line === null) this.outbox.appendOctets(first, octets, done);
    else this.line.appendOctets(first, octets, done, choice);
    this.queued();
    return true;
  }

  /** Queues a message that was encoded before; false where a limit forbids it. */
  sendPrepared(message: PreparedMessage, done: Done | undefined): boolean {
    const { frame, first, payloadLength } = message;
    // A client masks each frame for itself, and an extension has a state of its own for each connection.
    if (this.settings.role === "client" || this.line?.outbound !== undefined || this.isChanging)
      return this.sendOctets(first, message.payload, done, message.compress);
    const isHeld = frame.length >= BORROW_LENGTH && isLent(frame);
    if (!this.hasRoom(payloadLength, done, isHeld ? 0 : payloadLength)) return false;
    if (this.transport !== undefined && this.leavesAtOnce) {
      this.awaitTick();
      this.outbox.writeFrame(this.transport, frame, payloadLength, done);
      this.flushed();
    } else {
      this.outbox.appendFrame(frame, payloadLength, done);
      this.queued();
    }
    return true;
  }

  /** Queues a frame that somebody else has encoded, header first, in whatever parts; false where a limit forbids it. */
  sendEncoded(parts: readonly Uint8Array[], done: Done | undefined): boolean {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const payloadLength = length - encodedHeaderLength(parts[0]!);
    if (!this.hasRoom(payloadLength, done)) return false;
    if (this.line === null) this.outbox.appendEncoded(parts, length, payloadLength, done);
    else this.line.appendEncoded(parts, length, payloadLength, done);
    this.queued();
    return true;
  }

  /** Queues a ping that is to find out whether the peer is there: it waits behind no message that comes in parts. */
  sendKeepAlive(): void {
    if (!this.hasRoom(0, undefined)) return;
    if (this.line === null) this.outbox.appendOctets(FIN_BIT | OPCODE_PING, nothing, undefined);
    else this.line.appendOctets(FIN_BIT | OPCODE_PING, nothing, undefined, undefined, true);
    this.queued();
  }

  /** Queues a Close frame, which no limit forbids. */
  sendClose(first: number, payload: Uint8Array): void {
    if (this.line === null) this.outbox.appendOctets(first, payload, undefined);
    else this.line.appendOctets(first, payload, undefined, undefined);
    this.queued();
  }

  /** The way out of a message that comes in parts. */
  openParts(): PartsWay {
    this.line ??= this.makeLine(undefined);
    const { line, outbox } = this;
    return {
      kernel: this.settings.kernel,
      outbound: line.outbound,
      get unsentLength() {
        return outbox.unsentLength;
      },
      enter: (abort) =>
        new Promise((resolve, reject) => {
          line.enter(resolve, (error) => {
            reject(error);
            abort(error);
          });
        }),
      put: (first, octets, payloadLength, done) => {
        if (payloadLength === undefined) outbox.appendOctets(first, octets, done);
        else outbox.appendChanged(first, octets, payloadLength, done);
        this.queued();
      },
      leave: () => line.leave(),
      turn: turnsOf(this.settings),
    };
  }

  /** A Close is not to wait behind a message that comes in parts. */
  abandonParts(error: unknown): void {
    this.line?.abandonParts(error);
  }

  /** Writes what waits, if anything does: a batch ends, or has taken long. */
  flushPending(): void {
    if (this.outbox.isPending) this.flush();
  }

  /** Writes what waits. */
  flush(): void {
    if (this.transport === undefined) return;
    this.outbox.flush(this.transport);
    this.flushed();
  }

  /** Tells the owner what came of a write. */
  private flushed(): void {
    const fault = this.outbox.transportFault;
    if (fault !== null) {
      this.outbox.transportFault = null;
      this.owner.outputFailed(fault.error);
      return;
    }
    const error = this.outbox.isBehind ? this.account.claim(0) : null;
    if (error === null) this.owner.outputMoved();
    else this.owner.outputFailed(error);
  }

  /** The tick ends. */
  goOn(): void {
    this.awaitsTick = false;
    this.flushPending();
  }

  /** Gives what waits to whoever passed no transport. */
  *drain(): Generator<Uint8Array, void, void> {
    try {
      yield* this.outbox.drain();
    } finally {
      this.owner.outputMoved(); // also where the caller stops early
    }
  }

  /** The transport is done with what it did not take at once. */
  writeCompleted(): void {
    this.outbox.writeCompleted();
    this.flush();
  }

  /** Drops everything; every `done` is told why. */
  discard(error: unknown): void {
    this.line?.discard(error); // what waits there is in the outbox's sums
    this.outbox.discard(error);
  }

  /**
   * Whether `length` octets more may be queued; a frame that finds nothing waiting always may.
   *
   * @param kept  octets of memory that they keep from others
   */
  private hasRoom(length: number, done: Done | undefined, kept: number = length): boolean {
    const { outbox } = this;
    if (outbox.unsentLength === 0) return this.admitAlone(length);
    const { maxBufferedAmount } = this.settings;
    if (this.amountWith(length) > maxBufferedAmount) this.flush();
    if (outbox.isDiscarded) return this.refuse(done);
    if (outbox.unsentLength === 0) return this.admitAlone(length);
    const unsent = this.amountWith(length);
    const error =
      unsent > maxBufferedAmount
        ? amountError(maxBufferedAmount, unsent)
        : (outbox.isBehind || this.isChanging) && this.transport !== undefined
          ? this.account.claim(kept)
          : null;
    // Whoever was closed for it may have ended this one: their transports may be one.
    if (error === null) return outbox.isDiscarded ? this.refuse(done) : true;
    if (done !== undefined) queueMicrotask(() => done(error));
    this.owner.outputFailed(error);
    return false;
  }

  /** The connection closed meanwhile. */
  private refuse(done: Done | undefined): false {
    if (done !== undefined) queueMicrotask(() => done(new UsageError("WS_NOT_OPEN", "the connection is not open")));
    return false;
  }

  /** Whether what is queued now is written before anything else is queued. */
  private get leavesAtOnce(): boolean {
    const { isPending, isBehind, isFlushing } = this.outbox;
    return !this.owner.inBatch && !this.awaitsTick && !isPending && !isBehind && !isFlushing;
  }

  private admitAlone(length: number): true {
    this.loneLength = length > this.settings.maxBufferedAmount ? length : 0;
    return true;
  }

  /** What counts against the limit once `length` octets more are queued. */
  private amountWith(length: number): number {
    if (this.outbox.unsentLength < this.loneLength) this.loneLength = 0; // it is on its way out
    return this.outbox.unsentLength + length - this.loneLength;
  }

  /** Something was queued: does what the table above says. */
  private queued(): void {
    const { outbox } = this;
    if (this.transport === undefined) return;
    if (outbox.isBehind) {
      outbox.settleCharge();
    } else if (this.owner.inBatch || this.awaitsTick) {
      if (outbox.isFull) this.flush();
    } else {
      this.awaitTick();
      this.flush();
    }
  }

  /** Something is going to be sent in this tick: it waits for the tick's end, and for what follows it. */
  expectMore(): void {
    if (!this.awaitsTick && this.transport !== undefined) this.awaitTick();
  }

  /** What is sent in this tick after this leaves at its end. */
  private awaitTick(): void {
    this.awaitsTick = true;
    this.settings.tickEnd.add(this);
  }
}

function amountError(limit: number, actual: number): LimitError {
  const text = `maxBufferedAmount is passed: ${actual} octets, limit ${limit}; after a send that returns false wait for drain`;
  return new LimitError("WS_BUFFERED_AMOUNT", text, CloseCode.MessageTooBig, limit, actual);
}

/** Ends the turn of whoever calls it, every time that a turn has passed; where nobody else is served, never. */
function turnsOf<Context>({ nextTurn, now }: ConnectionSettings<Context>): () => Promise<void> | undefined {
  let startMs = now();
  return () => {
    if (nextTurn === null || now() - startMs < TURN_MS) return undefined;
    return new Promise((resolve) => {
      nextTurn.add({
        goOn() {
          startMs = now();
          resolve();
        },
      });
    });
  };
}
