// The inbound half of a connection: from chunks to pieces and control frames, in order, whatever handlers do meanwhile.
//
//   chunk -> input region -> decode -> batch of records -> pieces, to messages.ts or streaming.ts; control frames, to the owner
//
// A handler may feed this connection (the chunk queues behind the batch), feed another (the batch spills), pause (the
// decoded tail is copied out, undecoded octets stay raw, a violation waits), throw, close or terminate (the rest is dropped).
// Where a shell has others to serve, a turn ends after TURN_MS, or after TURN_LENGTH octets that came in large chunks, one after
// the other: what is left waits for the next, with the transport. Knows nothing of states or output: its owner is told what came.

import { CONTROL_BIT, OPCODE_BITS, RECORD_WORDS } from "../../assembly/constants.ts";
import { type Batch, giveBatch, takeBatch } from "../codec/batch.ts";
import { type WireRules, WireState } from "../codec/wire.ts";
import { Backlog } from "./backlog.ts";
import type { Account } from "./budget.ts";
import type { ConnectionExtension } from "./extension.ts";
import { type FlowOwner, PieceFlow } from "./flow.ts";
import { type Later, TURN_MS, type Waiting } from "./later.ts";
import { Messages } from "./messages.ts";
import type { PieceConsumer } from "./pieces.ts";
import type { ConnectionSettings } from "./settings.ts";
import { Streaming, type StreamSink } from "./streaming.ts";

/** Whom a receiver tells what came. */
export interface Inbound extends StreamSink {
  beginBatch(): void;
  /** A batch has taken long: its output should not wait for its end. */
  batchTakesLong(): void;
  endBatch(): void;
  /** The turn is over: the transport brings no more until the next one. */
  turnEnded(): void;
  turnBegan(): void;
  transportClosed(error: unknown): void;
  receivedControl(opcode: number, payload: Uint8Array): void;
  receivedEnd(): void;
  /** A handler threw. */
  handlerThrew(error: unknown): void;
}

/** Records delivered between two looks at the clock. */
const RECORDS_PER_LOOK = 32;

/** The time after which output leaves a batch that is not over. */
const BATCH_MS = 1;

/** Octets in large chunks after which a turn is over. */
const TURN_LENGTH = 524288;

/** Octets from which a chunk is a large one: there may be more where it came from, and the event loop reads that first. */
const LARGE_CHUNK = 65536;

/** Octets of what a turn left that are decoded at a time: what another turn leaves of them is copied again. */
const WINDOW_LENGTH = 16384;

export class Receiver<Context> implements Waiting, FlowOwner {
  private readonly owner: Inbound;
  private readonly settings: ConnectionSettings<Context>;
  private readonly account: Account;
  private readonly rules: WireRules;
  private readonly wire: WireState = new WireState();
  private readonly messages: Messages<Context>;
  /** Who is given what is decoded, and who makes messages, or streams, of it. */
  private readonly pieces: PieceConsumer;
  private readonly end: PieceConsumer;
  /** Whether a consumer of pieces has it wait, and the transport: also when delivery has ended meanwhile. */
  isWaiting = false;
  /** Where consumers of pieces may have it wait; null where none does. */
  private readonly flow: PieceFlow | null;
  /** What waits; null where nothing ever did. */
  private backlog: Backlog | null = null;
  private isDelivering = false;
  private isPaused = false;
  private isStopped = false;
  private hasEnded = false;
  /** Records delivered in this turn; when it began and when its output last left, 0 before the clock is asked. */
  private recordCount = 0;
  private turnStartMs = 0;
  private batchStartMs = 0;
  /** Octets that came in large chunks, one after the other. */
  private largeLength = 0;
  /** Whether the turn is over, and the next one has not begun. */
  private isYielding = false;
  /** Where it waits for the next turn; null where nobody else is served. */
  private turns: Later | null;

  /** @param byteOffset  octets decoded before */
  constructor(
    owner: Inbound,
    settings: ConnectionSettings<Context>,
    account: Account,
    byteOffset: number,
    extension: ConnectionExtension | undefined,
  ) {
    this.owner = owner;
    this.settings = settings;
    this.account = account;
    this.turns = settings.nextTurn;
    this.wire.streamOffset = byteOffset;
    this.messages = new Messages(owner, settings, account);
    const isStreaming = settings.handlers.stream !== undefined;
    const flow = isStreaming || extension !== undefined ? new PieceFlow(this, owner, account, settings) : null;
    const end = isStreaming ? new Streaming(owner, this.messages, flow!, settings) : this.messages;
    this.pieces = extension === undefined ? end : extension.consume(end, flow!);
    this.end = end;
    this.flow = flow;
    this.rules =
      extension === undefined
        ? settings.rules
        : { ...settings.rules, config: settings.rules.config | (extension.allowedRsv << 4) };
  }

  /** Whether `pause` is in force. */
  get paused(): boolean {
    return this.isPaused;
  }

  /** Whether delivery has ended for good. */
  get stopped(): boolean {
    return this.isStopped;
  }

  /** Whether delivery, and the transport, wait for a turn or for a consumer of pieces. */
  get yielding(): boolean {
    return this.isYielding || this.isWaiting;
  }

  /** Whether the transport is gone, which is not told yet. */
  get isLost(): boolean {
    return this.flow?.isLost === true;
  }

  /** Whether there is nothing that it has to remember: it may be made anew for the next octets. */
  get isAtRest(): boolean {
    if (this.isDelivering || this.waits || this.isStopped || this.hasEnded) return false;
    return (
      this.backlog?.isEmpty !== false &&
      this.flow?.isAtRest !== false &&
      !this.wire.isInside &&
      this.pieces.isAtRest === true &&
      this.end.isAtRest === true &&
      this.messages.isAtRest
    );
  }

  /** Whether the transport's end waits for what came before it. */
  get endWaits(): boolean {
    return this.hasEnded;
  }

  /** Octets decoded since the opening handshake. */
  get byteOffset(): number {
    return this.wire.streamOffset;
  }

  /** Takes a chunk. @param mayOverwrite  whether its octets are ours from now on */
  receive(chunk: Uint8Array, mayOverwrite: boolean): void {
    if (this.isStopped) return;
    if (!this.isDelivering && !this.waits) {
      this.beginTurn(chunk.length);
      this.deliverAll(chunk, mayOverwrite);
      return;
    }
    this.queue(chunk, 0, chunk.length);
  }

  /** Takes octets that lie at the start of the kernel's input region, which nobody holds. */
  receiveLanded(length: number): void {
    if (this.isStopped) return;
    if (!this.isDelivering && !this.waits) {
      this.beginTurn(length);
      this.deliverAll(null, false, length);
      return;
    }
    const { octets, inputPtr } = this.settings.kernel;
    this.queue(octets, inputPtr, inputPtr + length);
  }

  /** The transport's end of input: the owner hears of it after what came before. */
  receiveEnd(): void {
    this.hasEnded = true;
    if (!this.isDelivering && (this.isStopped || !this.waits)) this.deliverAll(null, false);
  }

  /** Stops delivery after the message being delivered. */
  pause(): void {
    this.isPaused = true;
  }

  /** Goes on with what a pause held back, before this returns, as long as the turn lasts that it was in. */
  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    if (!this.isDelivering && !this.isStopped && !this.yielding) this.deliverAll(null, false);
  }

  /** A consumer of pieces waits no more. */
  proceed(): void {
    this.beginTurn(0);
    if (!this.waits) this.deliverAll(null, false);
    if (!this.yielding && !this.isLost) this.owner.turnBegan();
  }

  /** The next turn begins. */
  goOn(): void {
    if (!this.isYielding) return;
    this.isYielding = false;
    this.beginTurn(0);
    if (!this.isStopped && !this.waits) this.deliverAll(null, false);
    if (!this.yielding) this.owner.turnBegan(); // also where delivery has ended: the peer's FIN is still to come
  }

  /**
   * Delivers what waits for a turn, and takes no turns any more: the transport is gone, and what has come of it is here.
   *
   * @returns  false where the owner is told of the loss again, behind what the consumer of pieces works on
   */
  endTurns(error: unknown): boolean {
    this.turns = null;
    this.goOn();
    if (!this.isWaiting || this.isStopped) return true;
    this.flow?.keepLoss(error);
    return false;
  }

  /** Ends delivery for good: what is not delivered is dropped. */
  stop(): void {
    this.isStopped = true;
    this.backlog?.clear();
    this.flow?.drop();
    this.pieces.drop();
  }

  /** Keeps octets that come behind a batch or a pause. */
  private queue(octets: Uint8Array, start: number, end: number): void {
    this.waiting.queue(octets, start, end);
    this.checkAccount();
  }

  private get waiting(): Backlog {
    this.backlog ??= new Backlog(this.account);
    return this.backlog;
  }

  /** Delivers a chunk, or what has landed, and then whatever waits. */
  private deliverAll(chunk: Uint8Array | null, mayOverwrite: boolean, landedLength = 0): void {
    this.isDelivering = true;
    this.owner.beginBatch();
    try {
      if (chunk !== null) this.consume(chunk, 0, mayOverwrite);
      else if (landedLength !== 0) this.consumeLanded(landedLength);
      while (!this.waits && !this.isStopped && this.deliverWaiting());
      if (this.backlog !== null && this.backlog.settleCharge() !== 0) this.checkAccount();
      if (this.hasEnded && (this.isStopped || !this.waits)) {
        this.hasEnded = false;
        this.owner.receivedEnd();
      }
    } finally {
      this.isDelivering = false;
      if (this.largeLength >= TURN_LENGTH && this.turns !== null) this.isYielding = true;
      this.owner.endBatch(); // a transport that answers at once may bring more, which waits for the next turn
      if (this.isYielding && !this.isStopped) this.yieldTurn();
      else if (this.isWaiting && !this.isStopped) this.owner.turnEnded();
    }
  }

  /** Whether anything keeps what comes from being delivered now. */
  private get waits(): boolean {
    return this.isPaused || this.isYielding || this.isWaiting;
  }

  /** A chunk comes, or a turn: large chunks follow each other before anybody else is read from. */
  private beginTurn(length: number): void {
    this.recordCount = this.turnStartMs = 0;
    this.largeLength = length < LARGE_CHUNK ? 0 : this.largeLength + length;
  }

  /** More waits than before: where that is too much, whoever waits with most is closed. */
  private checkAccount(): void {
    const error = this.account.claim(0);
    if (error === null) return;
    this.owner.beginBatch(); // `error` is told before the `close` that a Close which nobody takes may lead to
    this.owner.receivedViolation(error);
    this.owner.endBatch();
  }

  /** Delivers the oldest of what waits; false where nothing does. */
  private deliverWaiting(): boolean {
    const work = this.flow === null ? null : this.flow.take();
    if (work !== null) {
      this.call(work);
      return true;
    }
    const { backlog } = this;
    if (backlog === null) return false;
    const batch = backlog.takeBatch();
    if (batch !== null) {
      this.deliver(batch);
      if (!batch.isDone && !this.isStopped) backlog.putBack(batch);
      return true;
    }
    const left = backlog.takeLeftover();
    if (left !== undefined) {
      this.consume(left.octets, left.at, true, WINDOW_LENGTH);
      return true;
    }
    const queued = backlog.takeQueued();
    if (queued !== undefined) this.consume(queued, 0, true);
    return queued !== undefined;
  }

  /** Decodes a chunk from `start` on, and keeps what a spill or a pause leaves of it. */
  private consume(chunk: Uint8Array, start: number, isOurs: boolean, window = Number.POSITIVE_INFINITY): void {
    const batch = takeBatch(this.settings.kernel);
    for (let at = start; at < chunk.length && !this.isStopped; ) {
      const from = at;
      at = this.wire.fill(batch, chunk, from, window);
      // Only where nothing of it waits: a handler may give its message's memory away.
      if (isOurs && at === chunk.length) batch.useChunk(chunk, from);
      const isThrough = this.deliverRegion(batch);
      if (!isThrough || (this.waits && !this.isStopped)) {
        this.waiting.keepRest(chunk, at, isOurs);
        if (isThrough) break;
        this.waiting.keepBatch(batch);
        return;
      }
    }
    giveBatch(batch);
  }

  /** The same with what has landed in the input region. */
  private consumeLanded(length: number): void {
    const batch = takeBatch(this.settings.kernel);
    this.wire.adopt(batch, length);
    if (this.deliverRegion(batch)) giveBatch(batch);
    else this.waiting.keepBatch(batch);
  }

  /** Delivers what is in the input region; false where some of it is left, which has spilled. */
  private deliverRegion(batch: Batch): boolean {
    do {
      this.wire.decode(batch, this.rules);
      this.deliver(batch);
      if (this.waits && !batch.isDone) batch.spill();
      if (batch.octets !== batch.kernel.octets && !this.isStopped) return false;
    } while (batch.rawPtr !== batch.rawEnd && !this.isStopped);
    return true;
  }

  private call(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.owner.handlerThrew(error);
    }
  }

  /** Delivers a batch until it ends, the connection pauses, the turn is over or delivery stops. */
  private deliver(batch: Batch): void {
    const { count, rawPtr, rawEnd } = batch;
    // What is cut into batches of few records, as long text is, takes time too.
    if (this.turnStartMs === 0 && (count >= RECORDS_PER_LOOK || rawPtr !== rawEnd)) {
      this.turnStartMs = this.batchStartMs = this.settings.now();
    }
    try {
      while (batch.index < batch.count) {
        if (this.waits) return;
        const word = batch.index++ * RECORD_WORDS;
        const bits = batch.records[word]!;
        const start = batch.records[word + 1]! - batch.base;
        const end = start + batch.records[word + 2]!;
        if (bits & CONTROL_BIT) this.owner.receivedControl(bits & OPCODE_BITS, this.messages.copy(batch, start, end));
        else this.pieces.piece(batch, bits, start, end);
        if (this.isStopped) return;
        if (++this.recordCount % RECORDS_PER_LOOK === 0) this.lookAtClock();
      }
      if (this.waits || batch.violation === null) return;
      const error = batch.violation;
      batch.violation = null;
      this.owner.receivedViolation(error);
    } catch (error) {
      this.owner.handlerThrew(error);
    }
  }

  lookAtClock(): void {
    const nowMs = this.settings.now();
    if (this.turnStartMs === 0) this.turnStartMs = this.batchStartMs = nowMs;
    if (nowMs - this.turnStartMs >= TURN_MS && this.turns !== null) {
      this.isYielding = true;
    } else if (nowMs - this.batchStartMs >= BATCH_MS) {
      this.batchStartMs = nowMs;
      this.owner.batchTakesLong();
    }
  }

  private yieldTurn(): void {
    this.largeLength = 0;
    this.owner.turnEnded();
    this.turns?.add(this);
  }
}
