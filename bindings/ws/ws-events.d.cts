// The events of `wsimd/ws`: what EventEmitter listeners get, what EventTarget listeners get, and the codes of errors.

import type { ClientRequest, IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Data, RawData } from "./ws-options.cjs";

import type WebSocket = require("./ws.cjs");

/** What listeners of a WebSocket are called with. */
export interface WebSocketEvents {
  /** Last of all: the peer's code and reason, 1005 where its Close had none, 1006 where there was no Close (§7.1.5). */
  close: [code: number, reason: Buffer];
  /** Before `close`. Where the peer broke the protocol, `error.code` is an `ErrorCode`. */
  error: [error: Error];
  /** `data` belongs to the listener; text too comes as octets: see `isBinary`. */
  message: [data: RawData, isBinary: boolean];
  open: [];
  /** It is answered by then, unless `autoPong` is false. */
  ping: [data: Buffer];
  pong: [data: Buffer];
  /** Before a redirect is followed; `request` can still be changed. */
  redirect: [url: string, request: ClientRequest];
  /** The answer was not 101 (§4.1). With a listener, the caller ends the request; without, `error` is emitted. */
  "unexpected-response": [request: ClientRequest, response: IncomingMessage];
  /** The answer was 101; before `open`. */
  upgrade: [response: IncomingMessage];
}

/** What listeners of a server are called with. */
export interface WebSocketServerEvents<Client = WebSocket, Request = IncomingMessage> {
  close: [];
  connection: [websocket: Client, request: Request];
  /** An error of the HTTP server. */
  error: [error: Error];
  /** Before the answer to a handshake is written: `headers`, a line each, may be changed in place. */
  headers: [headers: string[], request: Request];
  listening: [];
  /** A handshake that is refused. With a listener, the caller answers and closes `socket`. */
  wsClientError: [error: Error, socket: Duplex, request: Request];
}

/** A listener, with the emitter as `this`. */
export type ListenerOn<Emitter, Args extends unknown[]> = (this: Emitter, ...args: Args) => void;

/** A listener, whatever its `this`. */
export type Listener<Args extends unknown[]> = (...args: Args) => void;

/** `error.code` of an `error` event that the peer's octets caused. */
export type ErrorCode =
  | "WS_ERR_EXPECTED_FIN"
  | "WS_ERR_EXPECTED_MASK"
  | "WS_ERR_INVALID_CLOSE_CODE"
  | "WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH"
  | "WS_ERR_INVALID_OPCODE"
  | "WS_ERR_INVALID_UTF8"
  | "WS_ERR_TOO_MANY_BUFFERED_PARTS"
  | "WS_ERR_UNEXPECTED_MASK"
  | "WS_ERR_UNEXPECTED_RSV_1"
  | "WS_ERR_UNEXPECTED_RSV_2_3"
  | "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH"
  | "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH";

/** What `addEventListener` and `onopen` give. */
export interface Event {
  type: string;
  target: WebSocket;
}

export interface ErrorEvent {
  // biome-ignore lint/suspicious/noExplicitAny: whatever was emitted
  error: any;
  message: string;
  type: string;
  target: WebSocket;
}

export interface CloseEvent {
  /** Both ends sent a Close (§7.1.4). */
  wasClean: boolean;
  code: number;
  reason: string;
  type: string;
  target: WebSocket;
}

export interface MessageEvent {
  data: Data;
  type: string;
  target: WebSocket;
}

/** By the `type` that `addEventListener` takes; other types are ignored. */
export interface WebSocketEventMap {
  open: Event;
  error: ErrorEvent;
  close: CloseEvent;
  message: MessageEvent;
}

export interface EventListenerOptions {
  /** Remove the listener before it is called. Default false. */
  once?: boolean | undefined;
}
