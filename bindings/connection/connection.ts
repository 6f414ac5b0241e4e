// A WebSocket connection after its opening handshake, for both roles, without I/O: octets in, messages out; messages in,
// octets out. It owns the states and answers of RFC 6455 §5.5 and §7, and timeouts; receiver.ts has the inbound half,
// sender.ts the outbound, gate.ts what stops delivery. It knows no socket and keeps no timer: a shell brings octets and time,
// and carries octets away.

import {
  FIN_BIT,
  OPCODE_BINARY,
  OPCODE_CLOSE,
  OPCODE_PING,
  OPCODE_PONG,
  OPCODE_TEXT,
} from "../../assembly/constants.ts";
import { type OctetSource, octetsOf } from "../codec/octets.ts";
import { CloseCode } from "../codes.ts";
import { type LimitError, PeerError, UsageError } from "../errors/classes.ts";
import { host } from "../host.ts";
import { wrongOption } from "../options.ts";
import { callLast, type Done, rethrow, watchResult } from "./calls.ts";
import { type CloseReport, ClosingHandshake, closePayload, controlPayload, readClosePayload } from "./closing.ts";
import { type ConnectionOptions, madeWith } from "./made-with.ts";
import { Parts } from "./parts.ts";
import { checkMessageOptions, checkText, type MessageOptions, PreparedMessage } from "./prepared.ts";
import type { ConnectionPlace, ConnectionSettings } from "./settings.ts";
import { Heard, judgeSilence, silenceDeadlineMs } from "./silence.ts";

/** Where a connection is in its life. RFC 6455 §4, §7. The numbers are those of the WHATWG's WebSocket. */
export const ReadyState = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 } as const;
export type ReadyState = (typeof ReadyState)[keyof typeof ReadyState];

/** How one message is sent. */
export type SendOptions = MessageOptions;

/** A sans-IO WebSocket endpoint. RFC 6455. To its parts it is an Inbound, an Outbound and a Gated, which declarations leave out. */
// biome-ignore lint/suspicious/noExplicitAny: a connection whose handlers get the connection itself is its own context
export class Connection<Context = Connection<any>> extends Parts<Context> {
  private readonly context: Context;
  private state: ReadyState = ReadyState.OPEN;
  private closing: ClosingHandshake | null = null;
  /** Whether a `send` returned false and `drain` has to follow. */
  private needsDrain = false;
  /** Payload octets that were dropped when the connection closed, those included that passed a limit. @internal */
  lostLength = 0;
  /** Batches within batches: a handler that a shell runs may bring octets. */
  private batchDepth = 0;
  /** When the peer last said something, in whole ms. */
  private heardMs: number;
  private heard: Heard = Heard.Before;

  /**
   * @param options  options, validated here, or settings that many connections share
   * @param place    with settings: the transport and the handlers' first argument
   * @throws         UsageError for an option that is missing, misspelt or out of range
   */
  constructor(options: ConnectionOptions<Context> | ConnectionSettings<Context>, place: ConnectionPlace<Context> = {}) {
    const { settings, transport, extension, context } = madeWith(options, place);
    super(settings, transport, extension);
    this.context = context ?? (this as unknown as Context);
    this.heardMs = Math.round(this.settings.now());
  }

  get readyState(): ReadyState {
    return this.state;
  }

  /** @internal */
  get handlers(): ConnectionSettings<Context>["handlers"] {
    return this.settings.handlers;
  }

  get isPaused(): boolean {
    return this.knownGate?.isPaused === true;
  }

  /** What each side's Close said and who was first; null while nobody closes. */
  get closeReport(): CloseReport | null {
    if (this.closing === null) return null;
    const { first, sent, received, error } = this.closing;
    return { first, sent, received, error };
  }

  /** What the shell should do with the transport once `output` is empty: for those who passed no transport. */
  get transportAction(): "none" | "end" | "destroy" {
    return this.closing === null ? "none" : this.closing.transportAction;
  }

  /**
   * Takes octets from the peer and delivers what they complete before it returns. Never throws for what a peer sent.
   *
   * @param chunk    any octets; copied where they must wait, unless they may be overwritten
   * @param options  `mayOverwrite: true` gives the chunk's memory away: a large binary message may be handed out in it
   * @throws         UsageError where the chunk is not octets
   */
  receive(chunk: OctetSource, options?: { readonly mayOverwrite?: boolean }): void {
    const octets = octetsOf(chunk, "chunk");
    if (octets.length === 0) return;
    this.heard = Heard.SinceLook;
    this.receiver.receive(octets, options?.mayOverwrite === true);
  }

  /**
   * Takes octets that the shell had written to the start of the kernel's input region, from the event loop: as `receive`.
   *
   * @internal
   */
  receiveLanded(length: number): void {
    this.heard = Heard.SinceLook;
    this.receiver.receiveLanded(length);
  }

  /** The transport's input has ended. RFC 6455 §7.1.4. */
  receiveEnd(): void {
    this.receiver.receiveEnd();
  }

  /** The transport is gone, both ways, with or without an error of its own. */
  transportClosed(error?: unknown): void {
    this.busyReceiver?.endTurns();
    if (this.knownGate === null) this.transportLost(error);
    else this.knownGate.lose(error);
  }

  /** The transport is done with what it did not take at once. */
  writeCompleted(): void {
    this.heard = Heard.SinceLook;
    this.busySender?.writeCompleted();
  }

  /**
   * Sends a message.
   *
   * @param data     text; or octets, which are copied at once, but from BORROW_LENGTH octets on a server borrows them until
   *                 `done`; or a prepared message, which takes no options
   * @param options  see SendOptions
   * @param done     called once, when the transport has taken the message, or with the error that says it never will
   * @returns        whether the caller may go on: false when not OPEN (the message is discarded), and while more than half
   *                 of `maxBufferedAmount` is unsent (`drain` follows)
   * @throws         UsageError for data of another kind, and for octets sent as text that are not UTF-8; never for state
   */
  send(data: string | OctetSource | PreparedMessage, options?: SendOptions | Done, done?: Done): boolean {
    const finished = typeof options === "function" ? options : done;
    if (finished !== undefined && typeof finished !== "function") throw wrongOption("done", "a function", finished);
    const settings = typeof options === "function" ? undefined : options;
    if (settings !== undefined) checkMessageOptions("send", settings);
    let isQueued: boolean;
    if (typeof data === "string") {
      if (!this.isOpen(finished)) return false;
      const first = FIN_BIT | (settings?.binary === true ? OPCODE_BINARY : OPCODE_TEXT);
      isQueued = this.sender.sendText(first, data, finished);
    } else if (!(data instanceof Uint8Array) && data instanceof PreparedMessage) {
      if (settings?.binary !== undefined || settings?.trusted !== undefined)
        throw new UsageError("WS_OPTION", "a prepared message is sent without options: prepareMessage has them");
      if (!this.isOpen(finished)) return false;
      isQueued = this.sender.sendPrepared(data, finished);
    } else {
      const octets = octetsOf(data, "data", "a string, ");
      const isText = settings?.binary === false;
      if (isText && settings?.trusted !== true) checkText(octets);
      if (!this.isOpen(finished)) return false;
      isQueued = this.sender.sendOctets(FIN_BIT | (isText ? OPCODE_TEXT : OPCODE_BINARY), octets, finished);
    }
    if (isQueued) return this.mayGoOn();
    this.lostLength += payloadLengthOf(data);
    return false;
  }

  /**
   * Sends a ping. RFC 6455 §5.5.2.
   *
   * @param data  text or octets, at most 125 octets; copied
   * @returns     as `send`
   * @throws      UsageError for more than 125 octets
   */
  ping(data?: string | OctetSource): boolean {
    return this.sendControl(OPCODE_PING, controlPayload(data));
  }

  /** Sends a pong that answers no ping. RFC 6455 §5.5.3. As `ping`. */
  pong(data?: string | OctetSource): boolean {
    return this.sendControl(OPCODE_PONG, controlPayload(data));
  }

  /**
   * Starts the closing handshake. RFC 6455 §7.1.2. Messages that arrive before the peer's Close are still delivered.
   *
   * @param code    a code that may be sent (§7.4); left out: a Close without one
   * @param reason  at most 123 octets of UTF-8
   * @throws        UsageError for a code or a reason that may not be sent
   */
  close(code?: number, reason?: string | OctetSource): void {
    const payload = closePayload(code, reason);
    if (this.state !== ReadyState.OPEN) return;
    this.beginClosing(payload, "local");
  }

  /** Drops the connection at once: nothing more is delivered or sent. `close` is told 1006 unless a Close has come. */
  terminate(): void {
    this.finish();
  }

  /** Stops delivery after the message being delivered; what arrives meanwhile is kept. */
  pause(): void {
    this.gate.pause();
  }

  /** Delivers what was held back, before it returns, as far as one turn goes, and goes on. */
  resume(): void {
    this.gate.resume();
  }

  /** Writes now what would leave at the end of the batch or the tick. */
  flush(): void {
    this.busySender?.flush();
  }

  /** The octets to be sent, for those who passed no transport: each is valid until the next is asked for. */
  *output(): Generator<Uint8Array, void, void> {
    yield* this.sender.drain();
  }

  /** When `tick` must next be called, on the clock of `now`; Infinity where nothing is due. */
  get nextDeadlineMs(): number {
    if (this.state === ReadyState.CLOSED) return Number.POSITIVE_INFINITY;
    if (this.closing !== null) return this.closing.deadlineMs;
    if (this.isDeaf) return Number.POSITIVE_INFINITY;
    return silenceDeadlineMs(this.heardMs, this.heard, this.settings.idleTimeoutMs);
  }

  /**
   * Does what is due at `nowMs`: the ping of an idle connection, its close, the end of an unanswered close. Octets that came
   * since the last tick count as having come now: the oftener this is called, the more exact is the idle timeout.
   */
  tick(nowMs: number): void {
    if (this.closing !== null) {
      if (nowMs >= this.closing.deadlineMs) this.finish();
      return;
    }
    if (this.state === ReadyState.CLOSED) return;
    // Whoever does not listen hears no silence, unless the peer does not listen either.
    if (this.isDeaf) {
      this.heard = Heard.SinceLook;
      return;
    }
    // A peer that takes what it is sent may have no room for a pong: the ping waits behind that.
    if (this.busySender?.moves === true || this.heard === Heard.SinceLook) {
      this.heard = Heard.Before;
      this.heardMs = Math.round(nowMs);
      return;
    }
    if (!this.inBatch) this.relax();
    const verdict = judgeSilence(this.heardMs, this.heard, nowMs, this.settings.idleTimeoutMs);
    if (verdict === "close") this.close(CloseCode.GoingAway, "idle timeout");
    if (verdict !== "ping") return;
    this.heard = Heard.BeforePing;
    this.ping();
  }

  // What follows is called by the parts of the connection.

  /** @internal */
  get inBatch(): boolean {
    return this.batchDepth !== 0;
  }

  /** @internal */
  beginBatch(): void {
    this.batchDepth++;
  }

  /** @internal */
  batchTakesLong(): void {
    this.busySender?.flushPending();
  }

  /** @internal */
  endBatch(): void {
    if (--this.batchDepth !== 0) return;
    this.busySender?.flushPending();
    if (!this.inBatch) this.closing?.settle();
  }

  /** @internal */
  breakSilence(): void {
    this.heard = Heard.SinceLook;
  }

  /** @internal */
  turnEnded(): void {
    this.transport?.pause?.();
  }

  /** @internal */
  turnBegan(): void {
    if (!this.isClosed && !this.isPaused) this.transport?.resume?.();
  }

  /** @internal */
  receivedMessage(data: string | Uint8Array, isBinary: boolean): void {
    this.watch(this.settings.handlers.message?.(this.context, data, isBinary));
  }

  /** @internal */
  receivedControl(opcode: number, payload: Uint8Array): void {
    const { handlers } = this.settings;
    if (opcode === OPCODE_CLOSE) {
      this.receivedClose(payload);
    } else if (opcode === OPCODE_PING) {
      // §5.5.2: answered until the peer's Close, also after our own.
      if (!this.sender.sendOctets(FIN_BIT | OPCODE_PONG, payload, undefined)) return;
      this.watch(handlers.ping?.(this.context, payload));
    } else {
      this.watch(handlers.pong?.(this.context, payload));
    }
  }

  /** @internal */
  receivedViolation(error: PeerError): void {
    this.failConnection(error.closeCode, error);
  }

  /** @internal */
  receivedEnd(): void {
    if (this.state === ReadyState.CLOSED) return;
    this.receiver.stop();
    const closing = this.closing ?? this.waitForClose("peer");
    closing.inputEnded = true;
    closing.endsTransport = true;
    this.outputMoved();
  }

  /** @internal */
  handlerThrew(error: unknown): void {
    this.failConnection(CloseCode.InternalError, error);
  }

  /**
   * Runs a handler of the shell's own, such as `open`, as messages are delivered: what it sends leaves together, what it
   * throws fails the connection, and `close` is not told before it returns.
   */
  run(handler: () => unknown): void {
    this.beginBatch();
    try {
      this.watch(handler());
    } catch (error) {
      this.handlerThrew(error);
    } finally {
      this.endBatch();
    }
  }

  /** @internal */
  get isClosed(): boolean {
    return this.state === ReadyState.CLOSED;
  }

  /** @internal */
  transportLost(error: unknown): void {
    this.finish(error, "peer");
  }

  /** @internal */
  outputMoved(): void {
    const { busySender: sender, closing } = this;
    if (this.needsDrain && sender?.hasDrained !== false) {
      this.needsDrain = false;
      if (this.state === ReadyState.OPEN) this.run(() => this.settings.handlers.drain?.(this.context));
    }
    if (closing === null || !closing.endsTransport || sender?.isEmpty === false) return;
    if (closing.transportAction === "none") {
      closing.transportAction = "end";
      callLast(() => this.transport?.end());
    }
    if (closing.inputEnded) this.finish();
  }

  /** @internal */
  outputFailed(error: unknown): void {
    if (!this.hasFailed) this.report(error);
    this.finish(error);
  }

  /**
   * Lets go of everything: others need the memory, and this connection has most of it. Unsent output goes with the connection,
   * for nobody reads it; without any, the peer is told why. The application hears of it when the others are served.
   *
   * @internal
   */
  evict(error: LimitError): void {
    this.receiver.stop();
    this.knownGate?.keeper?.drop(error);
    const isUnread = this.busySender?.isBehind === true;
    const isTold = this.hasFailed;
    this.beginBatch();
    if (isUnread) this.finish(error);
    queueMicrotask(() => {
      if (isUnread && !isTold) this.report(error);
      else if (!this.isClosed) this.receivedViolation(error);
      this.endBatch();
    });
  }

  /** A handler's promise that rejects is a handler that throws. */
  private watch(result: unknown): void {
    if (result === undefined) return;
    const isPromise = watchResult(result, (error) =>
      this.run(() => {
        throw error;
      }),
    );
    // What it sends when it has awaited comes after the batch, often in the same tick: that leaves together too.
    if (isPromise && !this.isClosed) this.sender.expectMore();
  }

  /** Whether the application does not listen now, and the peer has nothing to make up for. */
  private get isDeaf(): boolean {
    const gate = this.knownGate;
    return gate?.isPaused === true && !gate.isStalled && this.busySender?.isBehind !== true;
  }

  /** Whether it failed before, and `error` knows why: what becomes of its Close is no news. */
  private get hasFailed(): boolean {
    return this.closing?.failed === true;
  }

  /** Whether this connection is open for sending; where not, `done` learns why. */
  private isOpen(done: Done | undefined): boolean {
    if (this.state === ReadyState.OPEN) return true;
    if (done !== undefined) queueMicrotask(() => done(new UsageError("WS_NOT_OPEN", "the connection is not open")));
    return false;
  }

  private sendControl(opcode: number, payload: Uint8Array): boolean {
    return this.isOpen(undefined) && this.sender.sendOctets(FIN_BIT | opcode, payload, undefined) && this.mayGoOn();
  }

  /** Whether unsent output is below half of what may be; where not, `drain` follows. False where sending closed the connection. */
  private mayGoOn(): boolean {
    if (this.sender.hasDrained) return !this.isClosed;
    this.needsDrain = true;
    return false;
  }

  private waitForClose(first: "local" | "peer"): ClosingHandshake {
    this.state = ReadyState.CLOSING;
    this.closing = new ClosingHandshake(first, this.settings.now() + this.settings.closeTimeoutMs);
    return this.closing;
  }

  private beginClosing(payload: Uint8Array, first: "local" | "peer"): ClosingHandshake {
    const closing = this.waitForClose(first);
    closing.sent = readClosePayload(payload);
    this.sender.sendClose(FIN_BIT | OPCODE_CLOSE, payload);
    return closing;
  }

  /** The peer's Close: answered if we sent none, and the end of what it may say. RFC 6455 §5.5.1, §7.1.4. */
  private receivedClose(payload: Uint8Array): void {
    this.receiver.stop();
    // The answer repeats the code alone.
    const closing = this.closing ?? this.beginClosing(payload.slice(0, 2), "peer");
    closing.received = readClosePayload(payload);
    // §7.1.1: the server ends the transport first; a client leaves it that, for the closing timeout.
    if (this.settings.role === "server") closing.endsTransport = true;
    this.outputMoved();
  }

  /** Fails the connection. RFC 6455 §7.1.7. The transport is half-closed, so that the peer can read why. */
  private failConnection(code: number, error: unknown): void {
    if (this.state !== ReadyState.CLOSED && this.closing?.failed !== true) {
      this.receiver.stop();
      const closing = this.closing ?? this.beginClosing(closePayload(code, ""), "local");
      closing.failed = true;
      closing.error = error;
      closing.endsTransport = true;
      closing.inputEnded ||= this.receiver.endWaits;
      if (this.isPaused) this.transport?.resume?.(); // to see the peer's FIN
      this.outputMoved();
    }
    this.report(error);
  }

  /** Tells `error`; what no `error` handler takes is rethrown if it is our application's fault, never if the peer's. */
  private report(error: unknown): void {
    const { handlers } = this.settings;
    if (handlers.error !== undefined) callLast(() => handlers.error?.(this.context, error));
    else if (!(error instanceof PeerError)) rethrow(error);
  }

  /** The connection is closed. RFC 6455 §7.1.4. Inside a batch, `close` is told at its end. */
  private finish(error?: unknown, first: "local" | "peer" = "local"): void {
    if (this.state === ReadyState.CLOSED) return;
    this.receiver.stop();
    this.state = ReadyState.CLOSED;
    this.closing ??= new ClosingHandshake(first, Number.POSITIVE_INFINITY);
    const { closing } = this;
    closing.error ??= error;
    closing.transportAction = "destroy";
    this.lostLength += this.bufferedAmount;
    this.busySender?.discard(error ?? new UsageError("WS_NOT_OPEN", "the connection closed before this was sent"));
    callLast(() => this.transport?.destroy());
    const { code, reason } = closing.received ?? { code: CloseCode.AbnormalClosure, reason: "" };
    closing.told = () => callLast(() => this.settings.handlers.close?.(this.context, code, reason));
    if (!this.inBatch) closing.settle();
  }
}

/** Octets that a message has as a payload. */
function payloadLengthOf(data: string | OctetSource | PreparedMessage): number {
  if (typeof data === "string") return host.utf8Length(data);
  return data instanceof PreparedMessage ? data.payloadLength : data.byteLength;
}
