// ws's WebSocket: an EventEmitter around a connection, of a client or handed over by a server. Names with an underscore are not
// in ws's documentation, but packages use them; docs/drop-in.md lists which.
//
// It keeps no listeners of its own on itself: applications call `removeAllListeners`.

import { EventEmitter } from "node:events";
import type { ClientRequest } from "node:http";
import type { Socket as NetSocket } from "node:net";
import type { Duplex } from "node:stream";
import type { URL } from "node:url";
import {
  FIN_BIT,
  OPCODE_BINARY,
  OPCODE_CONTINUATION,
  OPCODE_PING,
  OPCODE_PONG,
  OPCODE_TEXT,
} from "../../assembly/constants.ts";
import { flushAtExit, forgetAtExit } from "../node/exit.ts";
import { type BinaryType, binaryData, binaryTypes } from "./binary-type.ts";
import { closePayload } from "./close-payload.ts";
import { type Endpoint, EndpointConnection, settingsFor } from "./connection.ts";
import { ConnectionSender } from "./connection-sender.ts";
import { isBlob, lengthOf, payloadFrom } from "./data.ts";
import { notOpenError, wsError } from "./errors.ts";
import {
  addListener,
  attribute,
  type CloseEvent,
  type ErrorEvent,
  type Event,
  type Listener,
  type MessageEvent,
  removeListener,
  setAttribute,
} from "./event-target.ts";
import { limitFragments } from "./fragment-limit.ts";
import { maxMessageLengthOf } from "./limits.ts";
import { type ClientOptions, clientOptions, Opening } from "./opening.ts";
import { Order } from "./order.ts";
import { PerMessageDeflate } from "./permessage-deflate.ts";
import type { Extensions, SendCallback, SendOptions } from "./sender.ts";
import { prepareToRead, SocketTransport } from "./transport.ts";

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

/** What a peer has to answer a Close, ms. */
export const CLOSE_TIMEOUT_MS = 30_000;

/** What a socket is set up with. */
export interface SocketOptions {
  readonly allowSynchronousEvents?: boolean | undefined;
  readonly generateMask?: ((key: Buffer) => void) | undefined;
  readonly maxFragments?: number | undefined;
  /** Octets; 0 for no limit. */
  readonly maxPayload?: number | undefined;
  readonly skipUTF8Validation?: boolean | undefined;
}

/** What one is made with, of either role. */
export interface CommonOptions {
  readonly autoPong?: boolean | undefined;
  readonly maxPendingAutoPongs?: number | undefined;
  /** Milliseconds; default 30,000. */
  readonly closeTimeout?: number | undefined;
}

const nothing = Buffer.alloc(0);

export class WebSocket extends EventEmitter implements Endpoint {
  static readonly CONNECTING: 0 = CONNECTING;
  static readonly OPEN: 1 = OPEN;
  static readonly CLOSING: 2 = CLOSING;
  static readonly CLOSED: 3 = CLOSED;

  declare readonly CONNECTING: 0;
  declare readonly OPEN: 1;
  declare readonly CLOSING: 2;
  declare readonly CLOSED: 3;

  _binaryType: BinaryType = "nodebuffer";
  _closeCode = 1006;
  _closeMessage: Buffer = nothing;
  _extensions: Extensions = {};
  _isServer: boolean;
  _paused = false;
  _protocol = "";
  _readyState: 0 | 1 | 2 | 3 = CONNECTING;
  _socket: Duplex | null = null;
  _url: string | undefined = undefined;
  _req: ClientRequest | null = null;
  private readonly common: CommonOptions;
  private connection: EndpointConnection | null = null;
  private transport: SocketTransport | null = null;
  private opening: Opening | null = null;
  private sender: ConnectionSender | null = null;
  private generateMask: ((key: Buffer) => void) | undefined = undefined;
  /** What is being read; null where nothing ever was. */
  private order: Order | null = null;
  private closeTimer: NodeJS.Timeout | undefined = undefined;
  /** Octets that were given to `send` too late. */
  private lostLength = 0;
  private isInsideMessage = false;
  private isOver = false;
  private errorEmitted = false;
  /** Told when it is closed, before anybody else: whoever keeps it. */
  private keeper: ((websocket: WebSocket) => void) | null = null;

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
    super();
    this._isServer = address === null;
    if (address === null) {
      this.common = options ?? {};
      return;
    }
    const read = clientOptions(protocols, options);
    this.common = read;
    prepareToRead();
    this.opening = new Opening(this, address, read);
  }

  get binaryType(): BinaryType {
    return this._binaryType;
  }

  /** What is no such type is ignored. */
  set binaryType(type: BinaryType) {
    if (binaryTypes.includes(type)) this._binaryType = type;
  }

  /** Payload octets that the kernel has not taken, and those that were sent too late. */
  get bufferedAmount(): number {
    return (this.connection?.bufferedAmount ?? 0) + (this.order?.length ?? 0) + this.lostLength;
  }

  /** Names of the extensions that were agreed, with commas. */
  get extensions(): string {
    return Object.keys(this._extensions).join();
  }

  get isPaused(): boolean {
    return this._paused;
  }

  get protocol(): string {
    return this._protocol;
  }

  get readyState(): 0 | 1 | 2 | 3 {
    return this._readyState;
  }

  get url(): string | undefined {
    return this._url;
  }

  /** Writes frames that others encoded; see connection-sender.ts. */
  get _sender(): ConnectionSender | null {
    if (this.connection === null) return null;
    this.sender ??= new ConnectionSender(this._socket!, this._extensions, this.connection, this.generateMask);
    return this.sender;
  }

  get _receiver(): object | null {
    return this.connection;
  }

  get _closeFrameReceived(): boolean {
    return (this.connection?.closeReport?.received ?? null) !== null;
  }

  get _closeFrameSent(): boolean {
    return (this.connection?.closeReport?.sent ?? null) !== null;
  }

  /** Whether both sides sent a Close: what `wasClean` says. */
  get closedCleanly(): boolean {
    return this._closeFrameReceived && this._closeFrameSent;
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
      skipUtf8Validation: options.skipUTF8Validation === true,
    });
    const deflate = this._extensions[PerMessageDeflate.extensionName]?.forConnection();
    const extension = options.maxFragments ? limitFragments(deflate, options.maxFragments) : deflate;
    this._socket = socket;
    this.generateMask = options.generateMask;
    this.transport = new SocketTransport(socket, () => this.over());
    this.connection = new EndpointConnection(settings, this.transport, this, extension, {
      autoPong: this.common.autoPong === true,
      maxPendingAutoPongs: this.common.maxPendingAutoPongs ?? 0,
      allowSynchronousEvents: options.allowSynchronousEvents !== false,
    });
    const { setTimeout, setNoDelay } = socket as Duplex & Partial<Pick<NetSocket, "setTimeout" | "setNoDelay">>;
    setTimeout?.call(socket as NetSocket, 0);
    setNoDelay?.call(socket as NetSocket);
    flushAtExit(this.connection);
    this.transport.begin(this.connection, head);
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
      this.opening?.abort();
      return;
    }
    const payload = closePayload(code, data);
    this._readyState = CLOSING;
    this.startCloseTimer();
    const close = (): void =>
      payload.length === 0 ? this.connection!.close() : this.connection!.close(code, payload.subarray(2));
    this.inOrder(close, 0, undefined);
  }

  /** Drops the connection at once. */
  terminate(): void {
    if (this._readyState === CLOSED) return;
    if (this._readyState === CONNECTING) {
      this.opening?.abort();
      return;
    }
    this._readyState = CLOSING;
    this.connection!.terminate();
  }

  /** Stops delivery. Nothing, where it is not open or closed already. */
  pause(): void {
    if (this._readyState === CONNECTING || this._readyState === CLOSED) return;
    this._paused = true;
    this.connection!.pause();
  }

  /** Goes on. */
  resume(): void {
    if (this._readyState === CONNECTING || this._readyState === CLOSED) return;
    this._paused = false;
    this.connection!.resume();
  }

  /**
   * Sends a ping.
   *
   * @param data  at most 125 octets
   * @param mask  whether it is masked; default as the role demands
   * @throws      RangeError for more, Error while connecting
   */
  ping(data?: unknown, mask?: boolean | SendCallback, callback?: SendCallback): void {
    this.sendControl(OPCODE_PING, data, mask, callback);
  }

  /** Sends a pong; as `ping`. */
  pong(data?: unknown, mask?: boolean | SendCallback, callback?: SendCallback): void {
    this.sendControl(OPCODE_PONG, data, mask, callback);
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
    const { binary, compress, fin, mask } = typeof options === "function" || !options ? noOptions : options;
    if (this._readyState !== OPEN) {
      this.tooLate(data, done);
      return;
    }
    const isText = binary === undefined ? typeof data === "string" || typeof data === "number" : !binary;
    const opcode = this.isInsideMessage ? OPCODE_CONTINUATION : isText ? OPCODE_TEXT : OPCODE_BINARY;
    const isWhole = fin !== false;
    // A message that comes in fragments is not compressed: nobody knows how long it will be.
    const mayCompress = compress !== false && isWhole && !this.isInsideMessage ? undefined : false;
    this.isInsideMessage = !isWhole;
    this.sendFrame(isWhole ? opcode | FIN_BIT : opcode, data, mayCompress, mask, done);
  }

  addEventListener(type: "message", listener: Listener<MessageEvent>, options?: { readonly once?: boolean }): void;
  addEventListener(type: "close", listener: Listener<CloseEvent>, options?: { readonly once?: boolean }): void;
  addEventListener(type: "error", listener: Listener<ErrorEvent>, options?: { readonly once?: boolean }): void;
  addEventListener(type: "open", listener: Listener<Event>, options?: { readonly once?: boolean }): void;
  addEventListener(type: string, listener: Listener<never>, options: { readonly once?: boolean } = {}): void {
    addListener(this, type, listener as Listener<Event>, options.once === true);
  }

  removeEventListener(type: string, listener: unknown): void {
    removeListener(this, type, listener);
  }

  get onopen(): ((event: Event) => void) | null {
    return attribute(this, "open");
  }

  set onopen(handler: ((event: Event) => void) | null) {
    setAttribute(this, "open", handler);
  }

  get onmessage(): ((event: MessageEvent) => void) | null {
    return attribute(this, "message");
  }

  set onmessage(handler: ((event: MessageEvent) => void) | null) {
    setAttribute(this, "message", handler);
  }

  get onclose(): ((event: CloseEvent) => void) | null {
    return attribute(this, "close");
  }

  set onclose(handler: ((event: CloseEvent) => void) | null) {
    setAttribute(this, "close", handler);
  }

  get onerror(): ((event: ErrorEvent) => void) | null {
    return attribute(this, "error");
  }

  set onerror(handler: ((event: ErrorEvent) => void) | null) {
    setAttribute(this, "error", handler);
  }

  // What follows is called by the connection, by the opening and by servers.

  /** @internal */
  received(data: Buffer, isBinary: boolean): void {
    const value = isBinary && this._binaryType !== "nodebuffer" ? binaryData(data, this._binaryType) : data;
    this.emit("message", value, isBinary);
  }

  /** @internal */
  receivedControl(event: "ping" | "pong", data: Buffer): void {
    this.emit(event, data);
  }

  /** @internal */
  closes(): void {
    this._readyState = CLOSING;
    this.startCloseTimer();
  }

  /** What a peer did wrong crashes nobody who does not listen. @internal */
  failed(error: unknown): void {
    if (this.errorEmitted) return;
    this.errorEmitted = true;
    if (this.listenerCount("error") !== 0) this.emit("error", wsError(error));
  }

  /** @internal */
  ended(code: number, reason: string): void {
    this._closeCode = code;
    this._closeMessage = reason === "" ? nothing : Buffer.from(reason);
    this._readyState = CLOSING;
    this.isOver = true;
    if (this.transport!.isGone) this.emitClose();
  }

  /** The stream is gone. */
  private over(): void {
    if (this.isOver) this.emitClose();
  }

  /** It is closed. @internal */
  emitClose(): void {
    if (this._readyState === CLOSED) return;
    clearTimeout(this.closeTimer);
    if (this.connection !== null) forgetAtExit(this.connection);
    this.order?.drop(notOpenError(CLOSED));
    this._readyState = CLOSED;
    this.keeper?.(this);
    this.emit("close", this._closeCode, this._closeMessage);
  }

  /** Makes a server hear when it is closed. @internal */
  keptBy(keeper: (websocket: WebSocket) => void): void {
    this.keeper = keeper;
  }

  /** The handshake fails. @internal */
  closing(): void {
    this._readyState = CLOSING;
  }

  /** It has failed. @internal */
  openingFailed(error: unknown): void {
    this._readyState = CLOSING;
    this.errorEmitted = true;
    this.emit("error", error);
    this.emitClose();
  }

  private startCloseTimer(): void {
    if (this.closeTimer !== undefined) return;
    const end = (): void => this.connection!.terminate();
    this.closeTimer = setTimeout(end, this.common.closeTimeout ?? CLOSE_TIMEOUT_MS);
  }

  private sendControl(
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
      this.tooLate(given, done);
      return;
    }
    if (lengthOf(given) > 125)
      throw new RangeError(`a control frame has at most 125 octets (RFC 6455 §5.5), not ${lengthOf(given)}`);
    const isMasked = isBare || typeof mask === "function" ? undefined : mask;
    this.sendFrame(opcode | FIN_BIT, given, false, isMasked, done);
  }

  /** Sends a frame as soon as what it is made of is there. */
  private sendFrame(
    first: number,
    data: unknown,
    compress: boolean | undefined,
    mask: boolean | undefined,
    callback: SendCallback | undefined,
  ): void {
    const isOwnMasking = this.generateMask !== undefined || (mask !== undefined && mask === this._isServer);
    const done = callback && ((error?: unknown): void => void process.nextTick(callback, error as Error | undefined));
    if (isBlob(data)) {
      const send = async (): Promise<void> =>
        this.put(first, Buffer.from(await data.arrayBuffer()), compress, isOwnMasking, mask, done);
      this.inOrder(() => send().catch((error) => this.blobFailed(error, done)), data.size, done);
      return;
    }
    const payload = payloadFrom(data);
    if (this.order?.isWaiting !== true) {
      this.put(first, payload, compress, isOwnMasking, mask, done);
      return;
    }
    this.inOrder(() => this.put(first, payload, compress, isOwnMasking, mask, done), lengthOf(payload), done);
  }

  private put(
    first: number,
    payload: string | Buffer,
    compress: boolean | undefined,
    isOwnMasking: boolean,
    mask: boolean | undefined,
    done: ((error?: unknown) => void) | undefined,
  ): void {
    if (isOwnMasking) this._sender!.sendMasked(first, payload, mask ?? !this._isServer, done);
    else this.connection!.sendFrame(first, payload, done, compress);
  }

  private inOrder(step: () => void | Promise<void>, length: number, done: ((error: Error) => void) | undefined): void {
    this.order ??= new Order();
    this.order.add(step, length, done ?? (() => {}));
  }

  /** A Blob could not be read: nothing may be sent in its place. */
  private blobFailed(error: Error, done: ((error: Error) => void) | undefined): void {
    done?.(error);
    this.order!.drop(error);
    this.failed(error);
    this.terminate();
  }

  /** What is sent when it is closing counts as never sent. */
  private tooLate(data: unknown, callback: SendCallback | undefined): void {
    if (data) this.lostLength += lengthOf(data);
    if (callback !== undefined) process.nextTick(callback, notOpenError(this._readyState));
  }
}

const noOptions: SendOptions = {};

// WHATWG HTML §9.3: the states are the object's, too, and what it has is found by whoever lists it.
for (const [name, value] of Object.entries({ CONNECTING, OPEN, CLOSING, CLOSED })) {
  Object.defineProperty(WebSocket.prototype, name, { enumerable: true, value });
}
const listed = [
  "binaryType",
  "bufferedAmount",
  "extensions",
  "isPaused",
  "protocol",
  "readyState",
  "url",
  "onopen",
  "onmessage",
  "onclose",
  "onerror",
];
for (const name of listed) Object.defineProperty(WebSocket.prototype, name, { enumerable: true });
