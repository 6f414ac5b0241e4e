// The life of a connection, from the end of its opening handshake: OPEN, CLOSING, CLOSED, and whatever leads from one to the
// next: a Close, the end or the loss of the transport, a failure, others' need of memory. RFC 6455 §7. Handlers run in
// batches: what they throw fails the connection, and `close` is told when no other is running.
// Knows no message: connection.ts has what is received and sent meanwhile.

import { FIN_BIT, OPCODE_CLOSE } from "../../assembly/constants.ts";
import type { OctetSource } from "../codec/octets.ts";
import { CloseCode } from "../codes.ts";
import { type LimitError, PeerError, UsageError, WsimdError } from "../errors/classes.ts";
import { callLast, rethrow, watchResult } from "./calls.ts";
import {
  type CloseReport,
  ClosingHandshake,
  closePayload,
  isAbnormalClosure,
  readClosePayload,
  unfinishedMessage,
} from "./closing.ts";
import type { ConnectionExtension } from "./extension.ts";
import { Parts } from "./parts.ts";
import type { ConnectionSettings } from "./settings.ts";
import type { Transport } from "./transport.ts";

/** Where a connection is in its life. RFC 6455 §4, §7. The numbers are those of the WHATWG's WebSocket. */
export const ReadyState = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 } as const;
export type ReadyState = (typeof ReadyState)[keyof typeof ReadyState];

export abstract class Life<Context> extends Parts<Context> {
  /** What handlers get as their first argument. @internal */
  protected readonly context: Context;
  /** @internal */
  protected state: ReadyState = ReadyState.OPEN;
  /** @internal */
  protected closing: ClosingHandshake | null = null;
  /** Payload octets that were dropped when the connection closed, those included that passed a limit. @internal */
  lostLength = 0;
  /** What a loop was told, or a message's source threw: nobody need be told again by a handler that awaited it. @internal */
  protected known: Set<unknown> | null = null;
  /** Batches within batches: a handler that a shell runs may bring octets. */
  private batchDepth = 0;

  /** @param context  left out: the connection itself */
  constructor(
    settings: ConnectionSettings<Context>,
    transport: Transport | undefined,
    extension: ConnectionExtension | undefined,
    context: Context | undefined,
  ) {
    super(settings, transport, extension);
    this.context = context ?? (this as unknown as Context);
  }

  get readyState(): ReadyState {
    return this.state;
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

  // What follows is called by the parts of the connection.

  /** @internal */
  get isClosed(): boolean {
    return this.state === ReadyState.CLOSED;
  }

  /** What a message's loop is told that the connection closed in. @internal */
  get closeError(): unknown {
    const { error, failed } = this.closing ?? {};
    const told = failed === true || error instanceof WsimdError ? error : unfinishedMessage(error);
    this.know(told);
    return told;
  }

  /** @internal */
  protected know(error: unknown): void {
    this.known ??= new Set();
    this.known.add(error);
  }

  /** @internal */
  get inBatch(): boolean {
    return this.batchDepth !== 0;
  }

  /** @internal */
  beginBatch(): void {
    this.batchDepth++;
  }

  /** @internal */
  endBatch(): void {
    if (--this.batchDepth !== 0) return;
    this.busySender?.flushPending();
    if (!this.inBatch) this.closing?.settle();
  }

  /** @internal */
  receivedEnd(): void {
    if (this.state === ReadyState.CLOSED) return;
    this.receiver.stop();
    const closing = this.closing ?? this.waitForClose("peer");
    closing.inputEnded = true;
    closing.endsTransport = true;
    this.endTransport(closing);
  }

  /** @internal */
  receivedViolation(error: PeerError): void {
    this.failConnection(error.closeCode, error);
  }

  /** @internal */
  handlerThrew(error: unknown): void {
    if (this.known?.has(error) === true) return;
    this.failConnection(CloseCode.InternalError, error);
  }

  /** @internal */
  transportLost(error: unknown): void {
    this.finish(error, "peer");
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
    const isUnread = this.busySender?.holds === true;
    const isTold = this.hasFailed;
    this.beginBatch();
    if (isUnread) this.finish(error);
    queueMicrotask(() => {
      if (isUnread && !isTold) this.report(error);
      else if (!this.isClosed) this.receivedViolation(error);
      this.endBatch();
    });
  }

  // What follows is called by the connection.

  /** The transport is gone, which is told behind what has come: until then nothing is sent, for the closing timeout at most. @internal */
  protected outputLost(error: unknown): void {
    if (this.state === ReadyState.CLOSED) return;
    if (this.closing === null) this.waitForClose("peer");
    this.dropOutput(error);
  }

  private dropOutput(error: unknown): void {
    this.lostLength += this.bufferedAmount;
    this.busySender?.discard(error ?? new UsageError("WS_NOT_OPEN", "the connection closed before this was sent"));
  }

  /** A handler's promise that rejects is a handler that throws. @internal */
  protected watch(result: unknown): void {
    if (result === undefined) return;
    const isPromise = watchResult(result, (error) =>
      this.run(() => {
        throw error;
      }),
    );
    // What it sends when it has awaited comes after the batch, often in the same tick: that leaves together too.
    if (isPromise && !this.isClosed) this.sender.expectMore();
  }

  /** The peer's Close: answered if we sent none, and the end of what it may say. RFC 6455 §5.5.1, §7.1.4. @internal */
  protected receivedClose(payload: Uint8Array): void {
    this.abandonParts(unfinishedMessage(undefined));
    this.receiver.stop();
    const closing = this.closing ?? this.beginClosing(this.answerTo(payload), "peer");
    closing.received = readClosePayload(payload);
    if (this.endsFirst) closing.endsTransport = true;
    this.endTransport(closing);
  }

  /** The payload that answers a Close: it repeats the code alone. RFC 6455 §5.5.1. @internal */
  protected answerTo(payload: Uint8Array): Uint8Array {
    return payload.slice(0, 2);
  }

  /** §7.1.1: the server ends the transport first; a client leaves it that, for the closing timeout. @internal */
  protected get endsFirst(): boolean {
    return this.settings.role === "server";
  }

  /** Half-closes the transport where that is due and the output is out; if its input has ended too, it is over. @internal */
  protected endTransport(closing: ClosingHandshake): void {
    if (!closing.endsTransport || this.busySender?.isEmpty === false) return;
    if (closing.transportAction === "none") {
      closing.transportAction = "end";
      callLast(() => this.transport?.end());
    }
    if (closing.inputEnded) this.finish();
  }

  /** The connection is closed. RFC 6455 §7.1.4. Inside a batch, `close` is told at its end. @internal */
  protected finish(error?: unknown, first: "local" | "peer" = "local"): void {
    if (this.state === ReadyState.CLOSED) return;
    this.receiver.stop();
    this.state = ReadyState.CLOSED;
    this.closing ??= new ClosingHandshake(first, Number.POSITIVE_INFINITY);
    const { closing } = this;
    closing.error ??= error;
    closing.transportAction = "destroy";
    this.dropOutput(error);
    this.extension?.drop?.();
    callLast(() => this.transport?.destroy());
    const { code, reason } = closing.received ?? { code: CloseCode.AbnormalClosure, reason: "" };
    closing.told = () => callLast(() => this.settings.handlers.close?.(this.context, code, reason));
    if (!this.inBatch) closing.settle();
  }

  /** Whether it failed before, and `error` knows why: what becomes of its Close is no news. */
  private get hasFailed(): boolean {
    return this.closing?.failed === true;
  }

  /** A Close is not to wait behind a message that comes in parts: that is lost, and what waits behind it. */
  private abandonParts(error: unknown): void {
    const before = this.bufferedAmount;
    this.busySender?.abandonParts(error);
    this.lostLength += before - this.bufferedAmount;
  }

  /** @internal */
  protected waitForClose(first: "local" | "peer"): ClosingHandshake {
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

  /** Fails the connection. RFC 6455 §7.1.7. The transport is half-closed, so that the peer can read why. */
  private failConnection(code: number, error: unknown): void {
    if (this.state !== ReadyState.CLOSED && this.closing?.failed !== true) {
      this.abandonParts(error);
      this.receiver.stop();
      const closing = this.closing ?? this.beginClosing(closePayload(code, ""), "local");
      closing.failed = true;
      closing.error = error;
      closing.endsTransport = true;
      closing.inputEnded ||= this.receiver.endWaits;
      if (this.isPaused || this.receiver.isWaiting) this.transport?.resume?.(); // to see the peer's FIN
      this.endTransport(closing);
    }
    this.report(error);
    if (this.receiver.isLost) this.finish(error); // nobody would say so again: what it waited for is dropped
  }

  /** Tells `error`; what no `error` handler takes is rethrown if it is our application's fault, never if the peer's. */
  private report(error: unknown): void {
    const { handlers } = this.settings;
    if (handlers.error !== undefined) callLast(() => handlers.error?.(this.context, error));
    else if (!(error instanceof PeerError) && !isAbnormalClosure(error)) rethrow(error);
  }
}
