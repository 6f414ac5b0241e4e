// The types of `wsimd/ws` where it is required: a class that is a namespace too, as `module.exports` of the `ws` package is.
// `ws.d.mts` gives the same class to those who import.
//
// Programs that compile with `@types/ws` compile with these. So overloads are in its order, a parameter that it lacks widens
// one that it has, and a WebSocket of one is a WebSocket of the other. Read next: ws-options, ws-events, ws-parts.
// Sections are RFC 6455's where nothing else is said.

import { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Duplex, DuplexOptions } from "node:stream";
import type { URL } from "node:url";

import events = require("./ws-events.cjs");
import options = require("./ws-options.cjs");
import parts = require("./ws-parts.cjs");

// The class under a name that its namespace does not hide.
import WebSocketClass = WebSocket;

type Events = events.WebSocketEvents;
type On<E extends keyof Events> = events.ListenerOn<WebSocket, Events[E]>;
type Bare<E extends keyof Events> = events.Listener<Events[E]>;

type SocketClass = options.SocketClass;
type RequestClass = typeof IncomingMessage;
type ServerEvents<T extends SocketClass, U extends RequestClass> = events.WebSocketServerEvents<
  InstanceType<T>,
  InstanceType<U>
>;
type OnServer<T extends SocketClass, U extends RequestClass, E extends keyof ServerEvents<T, U>> = events.ListenerOn<
  WebSocket.Server<T>,
  ServerEvents<T, U>[E]
>;
type BareServer<T extends SocketClass, U extends RequestClass, E extends keyof ServerEvents<T, U>> = events.Listener<
  ServerEvents<T, U>[E]
>;

/** One connection: a client's, or one that a server accepted. */
declare class WebSocket extends EventEmitter {
  /** The handshake is not done. */
  static readonly CONNECTING: 0;
  /** Messages can be sent. */
  static readonly OPEN: 1;
  /** A Close was sent or received (§7.1.3). */
  static readonly CLOSING: 2;
  /** The connection is gone, or was never made. */
  static readonly CLOSED: 3;

  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSING: 2;
  readonly CLOSED: 3;

  /** Makes a socket without a connection, which `handleUpgrade` of a server with this class gives one. */
  constructor(address: null, protocols?: undefined, options?: options.DetachedOptions);
  /**
   * Connects as a client (§4.1).
   *
   * @param address  `ws:`, `wss:`, `http:`, `https:`, or `ws+unix:` with the path of a socket, `:` and the request's path
   * @throws         SyntaxError for an address or a subprotocol that cannot be; RangeError for a version
   */
  constructor(address: string | URL, options?: options.AnyClientOptions);
  /** @param protocols  subprotocols to offer, in order of preference (§1.9) */
  constructor(address: string | URL, protocols?: string | string[], options?: options.AnyClientOptions);

  /** How binary messages come; can be changed at any time. Default "nodebuffer". "blob" can be set too. */
  get binaryType(): "nodebuffer" | "arraybuffer" | "fragments";
  set binaryType(type: "nodebuffer" | "arraybuffer" | "fragments" | "blob");
  /** Octets that were sent and that the system has not taken. */
  readonly bufferedAmount: number;
  /** The extensions that were agreed, by name (§9.1). */
  readonly extensions: string;
  readonly isPaused: boolean;
  /** The subprotocol that was agreed, or the empty string (§4.1). */
  readonly protocol: string;
  readonly readyState: 0 | 1 | 2 | 3;
  /** The URL that was connected to, the last one after redirects; as a server undefined. */
  readonly url: string;

  /** The listener that was assigned, which leaves those of `addEventListener` alone. */
  onopen: ((event: events.Event) => void) | null;
  onerror: ((event: events.ErrorEvent) => void) | null;
  onclose: ((event: events.CloseEvent) => void) | null;
  onmessage: ((event: events.MessageEvent) => void) | null;

  /**
   * Starts the closing handshake (§7.1.2); nothing can be sent after it.
   *
   * @param code  1000, 3000 to 4999, or another that may be sent (§7.4); none: a Close without one
   * @param data  the reason: at most 123 octets of UTF-8 (§5.5.1)
   * @throws      TypeError for a code that must not be sent, RangeError for a longer reason
   */
  close(code?: number, data?: string | Buffer): void;
  /**
   * Sends a ping (§5.5.2).
   *
   * @param data  at most 125 octets; can be left out before the callback
   * @param mask  default: as a client, true; can be left out before the callback
   * @throws      Error while CONNECTING; RangeError for more octets
   */
  // biome-ignore lint/suspicious/noExplicitAny: whatever can be sent, or the callback
  ping(data?: any, mask?: boolean | ((error: Error) => void), callback?: (error: Error) => void): void;
  /** Sends a pong (§5.5.3); parameters are those of `ping`. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever can be sent, or the callback
  pong(data?: any, mask?: boolean | ((error: Error) => void), callback?: (error: Error) => void): void;
  /**
   * Sends a message, or a fragment of one (§5.6).
   *
   * @param data      not to be changed before the callback; as a server it may be written without a copy
   * @param callback  called when `data` was handed to the system, or with the reason why it was not
   * @throws          Error while CONNECTING; afterwards, where the socket is not open, only the callback learns of it
   */
  send(data: options.BufferLike, callback?: (error?: Error) => void): void;
  send(data: options.BufferLike, options: options.SendOptions, callback?: (error?: Error) => void): void;
  /** Destroys the connection at once: the peer gets no Close. */
  terminate(): void;
  /** Stops reading; messages that are read already still come. Without effect while CONNECTING or CLOSED. */
  pause(): void;
  /** Reads on. Without effect while CONNECTING or CLOSED. */
  resume(): void;

  addEventListener<K extends keyof events.WebSocketEventMap>(
    type: K,
    listener:
      | ((event: events.WebSocketEventMap[K]) => void)
      | { handleEvent(event: events.WebSocketEventMap[K]): void },
    options?: events.EventListenerOptions,
  ): void;
  removeEventListener<K extends keyof events.WebSocketEventMap>(
    type: K,
    listener:
      | ((event: events.WebSocketEventMap[K]) => void)
      | { handleEvent(event: events.WebSocketEventMap[K]): void },
  ): void;

  on(event: "close", listener: On<"close">): this;
  on(event: "error", listener: On<"error">): this;
  on(event: "message", listener: On<"message">): this;
  on(event: "open", listener: On<"open">): this;
  on(event: "ping" | "pong", listener: On<"ping">): this;
  on(event: "redirect", listener: On<"redirect">): this;
  on(event: "unexpected-response", listener: On<"unexpected-response">): this;
  on(event: "upgrade", listener: On<"upgrade">): this;
  // biome-ignore lint/suspicious/noExplicitAny: an event of the application
  on(event: string | symbol, listener: (this: WebSocket, ...args: any[]) => void): this;

  once(event: "close", listener: On<"close">): this;
  once(event: "error", listener: On<"error">): this;
  once(event: "message", listener: On<"message">): this;
  once(event: "open", listener: On<"open">): this;
  once(event: "ping" | "pong", listener: On<"ping">): this;
  once(event: "redirect", listener: On<"redirect">): this;
  once(event: "unexpected-response", listener: On<"unexpected-response">): this;
  once(event: "upgrade", listener: On<"upgrade">): this;
  // biome-ignore lint/suspicious/noExplicitAny: an event of the application
  once(event: string | symbol, listener: (this: WebSocket, ...args: any[]) => void): this;

  off(event: "close", listener: On<"close">): this;
  off(event: "error", listener: On<"error">): this;
  off(event: "message", listener: On<"message">): this;
  off(event: "open", listener: On<"open">): this;
  off(event: "ping" | "pong", listener: On<"ping">): this;
  off(event: "redirect", listener: On<"redirect">): this;
  off(event: "unexpected-response", listener: On<"unexpected-response">): this;
  off(event: "upgrade", listener: On<"upgrade">): this;
  // biome-ignore lint/suspicious/noExplicitAny: an event of the application
  off(event: string | symbol, listener: (this: WebSocket, ...args: any[]) => void): this;

  addListener(event: "close", listener: Bare<"close">): this;
  addListener(event: "error", listener: Bare<"error">): this;
  addListener(event: "message", listener: Bare<"message">): this;
  addListener(event: "open", listener: Bare<"open">): this;
  addListener(event: "ping" | "pong", listener: Bare<"ping">): this;
  addListener(event: "redirect", listener: Bare<"redirect">): this;
  addListener(event: "unexpected-response", listener: Bare<"unexpected-response">): this;
  addListener(event: "upgrade", listener: Bare<"upgrade">): this;
  // biome-ignore lint/suspicious/noExplicitAny: an event of the application
  addListener(event: string | symbol, listener: (...args: any[]) => void): this;

  removeListener(event: "close", listener: Bare<"close">): this;
  removeListener(event: "error", listener: Bare<"error">): this;
  removeListener(event: "message", listener: Bare<"message">): this;
  removeListener(event: "open", listener: Bare<"open">): this;
  removeListener(event: "ping" | "pong", listener: Bare<"ping">): this;
  removeListener(event: "redirect", listener: Bare<"redirect">): this;
  removeListener(event: "unexpected-response", listener: Bare<"unexpected-response">): this;
  removeListener(event: "upgrade", listener: Bare<"upgrade">): this;
  // biome-ignore lint/suspicious/noExplicitAny: an event of the application
  removeListener(event: string | symbol, listener: (...args: any[]) => void): this;
}

declare namespace WebSocket {
  // Not the class itself: an augmentation of this interface has to find one.
  const WebSocket: typeof WebSocketClass;
  interface WebSocket extends WebSocketClass {}

  export { WebSocket };

  export import AddressInfo = options.AddressInfo;
  export import CertMeta = options.CertMeta;
  export import ClientOptions = options.ClientOptions;
  export import Data = options.Data;
  export import FinishRequestCallback = options.FinishRequestCallback;
  export import PerMessageDeflateOptions = options.PerMessageDeflateOptions;
  export import RawData = options.RawData;
  export import SendOptions = options.SendOptions;
  export import ServerOptions = options.ServerOptions;
  export import VerifyClientCallbackAsync = options.VerifyClientCallbackAsync;
  export import VerifyClientCallbackSync = options.VerifyClientCallbackSync;

  export import CloseEvent = events.CloseEvent;
  export import ErrorCode = events.ErrorCode;
  export import ErrorEvent = events.ErrorEvent;
  export import Event = events.Event;
  export import EventListenerOptions = events.EventListenerOptions;
  export import MessageEvent = events.MessageEvent;
  export import WebSocketEventMap = events.WebSocketEventMap;
  export import WebSocketEvents = events.WebSocketEvents;
  export import WebSocketServerEvents = events.WebSocketServerEvents;

  export import extension = parts.extension;
  export import PerMessageDeflate = parts.PerMessageDeflate;
  export import Receiver = parts.Receiver;
  export import Sender = parts.Sender;
  export import subprotocol = parts.subprotocol;

  /** Accepts connections: on a port, on an HTTP server, or those it is handed. */
  class Server<
    T extends SocketClass = typeof WebSocketClass,
    U extends RequestClass = RequestClass,
  > extends EventEmitter {
    /** What it was made with, defaults filled in. */
    options: options.ServerOptions<T, U>;
    /** Declared by `@types/ws` and never set: see `options.path`. */
    path: string;
    /** The open connections; undefined where `clientTracking` is false. */
    clients: Set<InstanceType<T>>;

    /**
     * @param callback  told of `listening`, where `port` is given
     * @throws          TypeError unless one of `port`, `server` and `noServer` is given
     */
    constructor(options?: options.ServerOptions<T, U>, callback?: () => void);

    /**
     * Where it listens: an address, the path of a socket, or null after `close()`.
     *
     * @throws  Error with `noServer`
     */
    address(): options.AddressInfo | string | null;
    /** Accepts no more, and emits `close` once all connections are closed, which is the caller's part. */
    close(callback?: (error?: Error) => void): void;
    /**
     * Answers a handshake (§4.2) and calls back with the connection; a request that it refuses is answered too.
     *
     * @param socket       the request's; it is the connection's from here on
     * @param upgradeHead  octets that came behind the request
     */
    handleUpgrade(
      request: InstanceType<U>,
      socket: Duplex,
      upgradeHead: Buffer,
      callback: (client: InstanceType<T>, request: InstanceType<U>) => void,
    ): void;
    /** Whether `options.path` is the request's; meant to be overridden. */
    shouldHandle(request: InstanceType<U>): boolean | Promise<boolean>;

    on(event: "connection", listener: OnServer<T, U, "connection">): this;
    on(event: "error", listener: OnServer<T, U, "error">): this;
    on(event: "headers", listener: OnServer<T, U, "headers">): this;
    on(event: "close" | "listening", listener: OnServer<T, U, "close">): this;
    on(event: "wsClientError", listener: OnServer<T, U, "wsClientError">): this;
    // biome-ignore lint/suspicious/noExplicitAny: an event of the application
    on(event: string | symbol, listener: (this: Server<T>, ...args: any[]) => void): this;

    once(event: "connection", listener: OnServer<T, U, "connection">): this;
    once(event: "error", listener: OnServer<T, U, "error">): this;
    once(event: "headers", listener: OnServer<T, U, "headers">): this;
    once(event: "close" | "listening", listener: OnServer<T, U, "close">): this;
    once(event: "wsClientError", listener: OnServer<T, U, "wsClientError">): this;
    // biome-ignore lint/suspicious/noExplicitAny: an event of the application
    once(event: string | symbol, listener: (this: Server<T>, ...args: any[]) => void): this;

    off(event: "connection", listener: OnServer<T, U, "connection">): this;
    off(event: "error", listener: OnServer<T, U, "error">): this;
    off(event: "headers", listener: OnServer<T, U, "headers">): this;
    off(event: "close" | "listening", listener: OnServer<T, U, "close">): this;
    off(event: "wsClientError", listener: OnServer<T, U, "wsClientError">): this;
    // biome-ignore lint/suspicious/noExplicitAny: an event of the application
    off(event: string | symbol, listener: (this: Server<T>, ...args: any[]) => void): this;

    addListener(event: "connection", listener: BareServer<T, U, "connection">): this;
    addListener(event: "error", listener: BareServer<T, U, "error">): this;
    addListener(event: "headers", listener: BareServer<T, U, "headers">): this;
    addListener(event: "close" | "listening", listener: BareServer<T, U, "close">): this;
    addListener(event: "wsClientError", listener: BareServer<T, U, "wsClientError">): this;
    // biome-ignore lint/suspicious/noExplicitAny: an event of the application
    addListener(event: string | symbol, listener: (...args: any[]) => void): this;

    removeListener(event: "connection", listener: BareServer<T, U, "connection">): this;
    removeListener(event: "error", listener: BareServer<T, U, "error">): this;
    removeListener(event: "headers", listener: BareServer<T, U, "headers">): this;
    removeListener(event: "close" | "listening", listener: BareServer<T, U, "close">): this;
    removeListener(event: "wsClientError", listener: BareServer<T, U, "wsClientError">): this;
    // biome-ignore lint/suspicious/noExplicitAny: an event of the application
    removeListener(event: string | symbol, listener: (...args: any[]) => void): this;
  }

  export { Server, Server as WebSocketServer };

  /**
   * Makes a stream of a connection: what is written is sent, a message a chunk, and messages are read.
   *
   * @param options  the Duplex's; with `readableObjectMode` text is read as strings
   */
  function createWebSocketStream(websocket: WebSocketClass, options?: DuplexOptions): Duplex;

  export { createWebSocketStream };
}

export = WebSocket;
