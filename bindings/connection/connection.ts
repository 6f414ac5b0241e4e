// A WebSocket connection after its opening handshake, for both roles, without I/O: octets in, messages out; messages in,
// octets out. It owns the answers of RFC 6455 §5.5 and the timeouts; life.ts has the states and whatever ends it (§7),
// receiver.ts the inbound half, sender.ts the outbound, gate.ts what stops delivery. It knows no socket and keeps no timer: a
// shell brings octets and time, and carries octets away.

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
import { UsageError } from "../errors/classes.ts";
import { host } from "../host.ts";
import { wrongOption } from "../options.ts";
import type { Done } from "./calls.ts";
import { controlPayload } from "./closing.ts";
import { Life, ReadyState } from "./life.ts";
import { type ConnectionOptions, madeWith } from "./made-with.ts";
import { MessageStream } from "./message-stream.ts";
import { checkSource, leaveSource, type MessageSource, OutgoingMessage } from "./outgoing.ts";
import { checkMessageOptions, checkText, type MessageOptions, PreparedMessage } from "./prepared.ts";
import type { ConnectionPlace, ConnectionSettings } from "./settings.ts";
import { Heard, judgeSilence, silenceDeadlineMs } from "./silence.ts";

/** How one message is sent. */
export type SendOptions = MessageOptions;

/** A sans-IO WebSocket endpoint. RFC 6455. To its parts it is an Owner (parts.ts), which declarations leave out. */
// biome-ignore lint/suspicious/noExplicitAny: a connection whose handlers get the connection itself is its own context
export class Connection<Context = Connection<any>> extends Life<Context> {
  /** Whether a `send` returned false and `drain` has to follow. */
  private needsDrain = false;
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
    super(settings, transport, extension, context);
    this.heardMs = Math.round(this.settings.now());
  }

  /** @internal */
  get handlers(): ConnectionSettings<Context>["handlers"] {
    return this.settings.handlers;
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
    if (this.busyReceiver?.endTurns(error) === false) {
      this.outputLost(error);
      return;
    }
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
      isQueued = this.sender.sendText(first, data, finished, settings?.compress);
    } else if (!(data instanceof Uint8Array) && data instanceof PreparedMessage) {
      if (settings?.binary !== undefined || settings?.trusted !== undefined || settings?.compress !== undefined)
        throw new UsageError("WS_OPTION", "a prepared message is sent without options: prepareMessage has them");
      if (!this.isOpen(finished)) return false;
      isQueued = this.sender.sendPrepared(data, finished);
    } else {
      const octets = octetsOf(data, "data", "a string, ");
      const isText = settings?.binary === false;
      if (isText && settings?.trusted !== true) checkText(octets);
      if (!this.isOpen(finished)) return false;
      isQueued = this.sender.sendOctets(
        FIN_BIT | (isText ? OPCODE_TEXT : OPCODE_BINARY),
        octets,
        finished,
        settings?.compress,
      );
    }
    if (isQueued) return this.mayGoOn();
    this.lostLength += payloadLengthOf(data);
    return false;
  }

  /**
   * Sends one message of parts that an iterable gives, without knowing its length: a frame for each, as they come and no faster
   * than the transport takes them. RFC 6455 §5.4. What is sent meanwhile waits behind it; pings and pongs go in between.
   *
   * @param source   strings or octets; the first part says which of text and binary it is, unless `binary` does. Large octets
   *                 are borrowed until the next part is asked for. A message that is received as a stream goes on as it is
   * @param options  see SendOptions; octets sent as text are validated part by part
   * @returns        true when the transport has taken all of it, false where the connection was not open, or closed first.
   *                 Rejects with what the source throws, and with a UsageError for what cannot be sent: a message that was
   *                 begun cannot be ended then, and the connection fails with 1011
   */
  async sendStream(source: MessageSource, options: SendOptions = {}): Promise<boolean> {
    checkSource(source);
    checkMessageOptions("sendStream", options);
    if (this.state !== ReadyState.OPEN) {
      leaveSource(source);
      return false;
    }
    const isPassedOn = source instanceof MessageStream;
    const parts = isPassedOn ? source.lend() : source;
    const way = this.sender.openParts();
    const message = new OutgoingMessage(way, isPassedOn ? optionsOf(source, options) : options);
    try {
      await message.send(parts);
      return true;
    } catch (error) {
      leaveSource(source);
      if (message.isAborted) return false;
      if (message.hasBegun) {
        this.run(() => this.handlerThrew(error));
        this.know(error);
      } else {
        way.leave();
      }
      throw error;
    }
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
    this.sender.sendKeepAlive();
  }

  // What follows is called by the parts of the connection.

  /** @internal */
  batchTakesLong(): void {
    this.busySender?.flushPending();
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
  receivedStream(stream: MessageStream): unknown {
    const result = this.settings.handlers.stream!(this.context, stream);
    const isPromise = typeof (result as PromiseLike<unknown> | undefined)?.then === "function";
    const watched = isPromise ? Promise.resolve(result) : result;
    this.watch(watched);
    return watched;
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
  outputMoved(): void {
    const { busySender: sender, closing } = this;
    if (this.needsDrain && sender?.hasDrained !== false) {
      this.needsDrain = false;
      if (this.state === ReadyState.OPEN) this.run(() => this.settings.handlers.drain?.(this.context));
    }
    if (closing !== null) this.endTransport(closing);
  }

  /** Whether the application does not listen now, and the peer has nothing to make up for. */
  private get isDeaf(): boolean {
    const gate = this.knownGate;
    const isStopped = gate?.isPaused === true ? !gate.isStalled : this.busyReceiver?.isWaiting === true;
    return isStopped && this.busySender?.isBehind !== true;
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
}

/** How a message is sent that is being received: as what it is, if nothing else is said. Its text was validated. */
function optionsOf({ isBinary }: MessageStream, options: SendOptions): SendOptions {
  return { ...options, binary: options.binary ?? isBinary, trusted: options.trusted ?? !isBinary };
}

/** Octets that a message has as a payload. */
function payloadLengthOf(data: string | OctetSource | PreparedMessage): number {
  if (typeof data === "string") return host.utf8Length(data);
  return data instanceof PreparedMessage ? data.payloadLength : data.byteLength;
}
