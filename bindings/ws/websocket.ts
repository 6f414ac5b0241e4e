// ws's WebSocket: an EventEmitter around a connection, of a client or handed over by a server. Names with an underscore are not
// in ws's documentation, but packages use them; docs/drop-in.md lists which.
//
// It keeps no listeners of its own on itself: applications call `removeAllListeners`.

import type { Socket as NetSocket } from "node:net";
import type { Duplex } from "node:stream";
import type { URL } from "node:url";
import { OPCODE_PING, OPCODE_PONG } from "../../assembly/constants.ts";
import type { CloseReport } from "../connection/closing.ts";
import { flushAtExit, forgetAtExit } from "../runtime/exit.ts";
import { binaryData } from "./binary-type.ts";
import { closePayload } from "./close-payload.ts";
import { type Endpoint, EndpointConnection, mannersFor, settingsFor } from "./connection.ts";
import { ConnectionSender } from "./connection-sender.ts";
import { lengthOf } from "./data.ts";
import { enumerate } from "./enumerate.ts";
import { notOpenError, wsError } from "./errors.ts";
import { EventTargetEmitter } from "./event-target.ts";
import { limitFragments } from "./fragment-limit.ts";
import { maxMessageLengthOf } from "./limits.ts";
import { loneListener } from "./lone-listener.ts";
import { Opening } from "./opening.ts";
import {
  type ClientOptions,
  type CommonOptions,
  clientOptions,
  commonDefaults,
  type SocketOptions,
} from "./options.ts";
import { type Origin, Outgoing } from "./outgoing.ts";
import { PerMessageDeflate } from "./permessage-deflate.ts";
import { States, WebSocketProperties } from "./properties.ts";
import type { SendCallback, SendOptions } from "./sender.ts";
import { prepareToRead, SocketTransport, type TransportOwner } from "./transport.ts";

const { CONNECTING, OPEN, CLOSING, CLOSED } = States;

/** Whoever keeps a WebSocket while it lives. */
export interface Keeper {
  _forget(websocket: WebSocket): void;
}

export class WebSocket extends WebSocketProperties implements Endpoint, Origin, TransportOwner {
  declare static readonly CONNECTING: 0;
  declare static readonly OPEN: 1;
  declare static readonly CLOSING: 2;
  declare static readonly CLOSED: 3;

  readonly #common: CommonOptions;
  #socket: Duplex | null = null;
  /** Null while it connects, and where that has failed. */
  #connection: EndpointConnection | null = null;
  #transport: SocketTransport | null = null;
  #opening: Opening | null = null;
  #frames: ConnectionSender | null = null;
  #generateMask: ((key: Buffer) => void) | undefined = undefined;
  #outgoing: Outgoing | null = null;
  #closeTimer: NodeJS.Timeout | undefined = undefined;
  /** Octets that were given to `send` too late. */
  #lostLength = 0;
  #isOver = false;
  #errorEmitted = false;
  /** Told when it is closed, before anybody else: whoever keeps it. */
  #keeper: Keeper | null = null;

  /**
   * @param address    where to connect to; null for a server's, which `setSocket` opens
   * @param protocols  subprotocols to offer; or the options
   * @throws           SyntaxError for a URL or a subprotocol that cannot be, RangeError for a version, UsageError for a limit
   */
  constructor(
    address: string | URL | null,
    protocols?: string | readonly string[] | ClientOptions | null,
    options?: ClientOptions,
  ) {
    super(address === null);
    if (address === null) {
      this.#common = options ?? {};
      return;
    }
    const read = clientOptions(protocols, options);
    this.#common = read;
    prepareToRead();
    this.#opening = new Opening(this, address, read);
  }

  /** Octets that the kernel has not taken, headers included, and payload octets of what was sent too late. */
  get bufferedAmount(): number {
    return (this.#connection?.unsentLength ?? 0) + (this.#outgoing?.waitingLength ?? 0) + this.#lostLength;
  }

  /** Its socket, once it is open. What was sent is written before anybody does something with that. */
  get _socket(): Duplex | null {
    this.#connection?.flush();
    return this.#socket;
  }

  /** Writes frames that others encoded; see connection-sender.ts. */
  get _sender(): ConnectionSender | null {
    if (this.#connection === null) return null;
    this.#frames ??= new ConnectionSender(this.#socket!, this._extensions, this.#connection, this.#generateMask);
    return this.#frames;
  }

  get _receiver(): object | null {
    return this.#connection;
  }

  protected get _closeReport(): CloseReport | null {
    return this.#connection === null ? null : this.#connection.closeReport;
  }

  /**
   * Opens it on a stream whose handshake is done.
   *
   * @param head  octets that were read of it already
   */
  setSocket(socket: Duplex, head: Uint8Array, options: SocketOptions): void {
    const role = this._isServer ? "server" : "client";
    const settings = settingsFor(role, {
      maxMessageLength: maxMessageLengthOf(options.maxPayload ?? 0),
      skipUtf8Validation: Boolean(options.skipUTF8Validation),
    });
    const deflate = this._extensions[PerMessageDeflate.extensionName]?.forConnection();
    const { maxFragments = 0 } = options;
    const extension = maxFragments > 0 ? limitFragments(deflate, maxFragments) : deflate;
    this.#socket = socket;
    this.#generateMask = options.generateMask;
    this.#transport = new SocketTransport(socket, this);
    this.#connection = new EndpointConnection(
      settings,
      this.#transport,
      this,
      extension,
      mannersFor(this.#common, options),
    );
    const { setTimeout, setNoDelay } = socket as Duplex & Partial<Pick<NetSocket, "setTimeout" | "setNoDelay">>;
    setTimeout?.call(socket as NetSocket, 0);
    setNoDelay?.call(socket as NetSocket);
    flushAtExit(this.#connection);
    this.#transport.begin(this.#connection, head);
    this._readyState = OPEN;
    this.emit("open");
  }

  /**
   * Starts the closing handshake; a handshake that opens is given up.
   *
   * @throws  TypeError, RangeError for a code or a reason that may not be sent. RFC 6455 §7.4
   */
  close(code?: number, data?: string | Uint8Array): void {
    if (this._readyState === CLOSED || this._readyState === CLOSING) return;
    if (this._readyState === CONNECTING) {
      this.#opening?.abort();
      return;
    }
    const payload = closePayload(code, data);
    this._readyState = CLOSING;
    this.#startCloseTimer();
    this.#way.inOrder(() =>
      payload.length === 0 ? this.#connection!.close() : this.#connection!.close(code, payload.subarray(2)),
    );
  }

  /** Drops the connection at once. */
  terminate(): void {
    if (this._readyState === CLOSED) return;
    if (this._readyState === CONNECTING) {
      this.#opening?.abort();
      return;
    }
    this._readyState = CLOSING;
    this.#connection?.flush(); // what was sent is as far as ws would have it: with the kernel, which may still deliver it
    this.#connection?.terminate();
  }

  /** Stops delivery. Nothing, where it is not open or closed already. */
  pause(): void {
    if (this._readyState === CONNECTING || this._readyState === CLOSED) return;
    this._paused = true;
    this.#connection?.pause();
  }

  /** Goes on. */
  resume(): void {
    if (this._readyState === CONNECTING || this._readyState === CLOSED) return;
    this._paused = false;
    this.#connection?.resume();
  }

  /**
   * Sends a ping.
   *
   * @param data  at most 125 octets
   * @param mask  whether it is masked; default as the role demands
   * @throws      RangeError for more, Error while connecting
   */
  ping(data?: unknown, mask?: boolean | SendCallback, callback?: SendCallback): void {
    this.#sendControl(OPCODE_PING, data, mask, callback);
  }

  /** Sends a pong; as `ping`. */
  pong(data?: unknown, mask?: boolean | SendCallback, callback?: SendCallback): void {
    this.#sendControl(OPCODE_PONG, data, mask, callback);
  }

  /**
   * Sends a message, or a fragment of one.
   *
   * @param data      a string as text, octets, a Blob, a number as text, what Buffer.from takes. Octets are borrowed until the callback
   * @param callback  called in a later tick, when it is written, or with the error that says it will never be
   * @throws          Error while connecting, TypeError for data of no such kind
   */
  send(data: unknown, options?: SendOptions | SendCallback | null, callback?: SendCallback): void {
    if (this._readyState === CONNECTING) throw notOpenError(CONNECTING);
    const done = typeof options === "function" ? options : callback;
    if (this._readyState !== OPEN) this.#tooLate(data, done);
    else this.#way.send(data, typeof options === "function" || !options ? noOptions : options, done);
  }

  // What follows is called by the connection, by the opening and by servers.

  /** @internal */
  _received(data: Buffer, isBinary: boolean): void {
    const value = isBinary && this._binaryType !== "nodebuffer" ? binaryData(data, this._binaryType) : data;
    const listener = loneListener(this);
    if (listener === undefined) this.emit("message", value, isBinary);
    else listener.call(this, value, isBinary);
  }

  /** @internal */
  _receivedControl(event: "ping" | "pong", data: Buffer): void {
    this.emit(event, data);
  }

  /** @internal */
  get _masksItself(): boolean {
    return this.#generateMask !== undefined;
  }

  /** @internal */
  _sendingFailed(error: unknown): void {
    this._failed(error);
    this.terminate();
  }

  /** @internal */
  _closes(): void {
    this._readyState = CLOSING;
    this.#startCloseTimer();
  }

  /** What a peer did wrong crashes nobody who does not listen. @internal */
  _failed(error: unknown): void {
    if (this.#errorEmitted) return;
    this.#errorEmitted = true;
    if (this.listenerCount("error") !== 0) this.emit("error", wsError(error));
  }

  /** @internal */
  _ended(code: number, reason: string): void {
    this._closeCode = code;
    this._closeMessage = Buffer.from(reason);
    this._readyState = CLOSING;
    this.#isOver = true;
    if (this.#transport!.isGone) this.emitClose();
  }

  /** @internal */
  _streamClosed(): void {
    if (this.#isOver) this.emitClose();
  }

  /** It is closed. @internal */
  emitClose(): void {
    if (this._readyState === CLOSED) return;
    clearTimeout(this.#closeTimer);
    if (this.#connection !== null) forgetAtExit(this.#connection);
    this.#connection?.forget();
    this.#outgoing?.drop(notOpenError(CLOSED));
    this._readyState = CLOSED;
    this.#keeper?._forget(this);
    this.emit("close", this._closeCode, this._closeMessage);
  }

  /** Makes a server hear when it is closed. @internal */
  _keptBy(keeper: Keeper): void {
    this.#keeper = keeper;
  }

  /** The handshake fails. @internal */
  _closing(): void {
    this._readyState = CLOSING;
    this.#errorEmitted = true;
  }

  /** It has failed. @internal */
  _openingFailed(error: unknown): void {
    this._closing();
    this.emit("error", error);
    this.emitClose();
  }

  /** Made by the first who sends. */
  get #way(): Outgoing {
    this.#outgoing ??= new Outgoing(this, this.#connection!);
    return this.#outgoing;
  }

  #startCloseTimer(): void {
    if (this.#closeTimer !== undefined) return;
    const end = (): void => {
      this.#transport!.bringAll();
      this.#connection!.terminate();
    };
    this.#closeTimer = setTimeout(end, this.#common.closeTimeout ?? commonDefaults.closeTimeout);
  }

  #sendControl(
    opcode: number,
    data: unknown,
    mask: boolean | SendCallback | undefined,
    callback: SendCallback | undefined,
  ): void {
    if (this._readyState === CONNECTING) throw notOpenError(CONNECTING);
    const isBare = typeof data === "function";
    const done = isBare ? (data as SendCallback) : typeof mask === "function" ? mask : callback;
    const given = isBare ? undefined : data;
    if (this._readyState !== OPEN) {
      this.#tooLate(given, done);
      return;
    }
    const isMasked = isBare || typeof mask === "function" ? undefined : mask;
    this.#way.control(opcode, given, isMasked, done);
  }

  /** What is sent when it is closing counts as never sent. */
  #tooLate(data: unknown, callback: SendCallback | undefined): void {
    this.#lostLength += lengthOf(data);
    if (callback === undefined) return;
    this.#connection?.flush(); // whose callbacks come first
    queueMicrotask(() => process.nextTick(callback, notOpenError(this._readyState)));
  }
}

const noOptions: SendOptions = {};

// WHATWG HTML §9.3: the states are the class's and the object's, and what it has is found by whoever lists it. All of it is the
// prototype's own, where ws has it: who instruments applications looks there.
for (const base of [EventTargetEmitter, WebSocketProperties])
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(base.prototype)))
    if (name !== "constructor") Object.defineProperty(WebSocket.prototype, name, property);
for (const [name, value] of Object.entries(States))
  for (const owner of [WebSocket, WebSocket.prototype]) Object.defineProperty(owner, name, { enumerable: true, value });
enumerate(WebSocket.prototype, ["bufferedAmount"]);
