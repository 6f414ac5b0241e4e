// The WebSocket of the WHATWG on Node: its attributes, its events and their order, its exceptions. WebSockets Standard §3.
// It is a face on a light socket: frames, limits and the closing handshake are the connection's. test/node/whatwg/whatwg.md
// names the test of every attribute and algorithm.
//
// Between one event and the next every microtask runs, so that `await new Promise((resolve) => (ws.onmessage = resolve))` in
// a loop sees each message of a batch; meanwhile the connection is held, and decodes nothing that would come too early.

import { abnormalClosure } from "../../connection/closing.ts";
import { ReadyState } from "../../connection/life.ts";
import type { ConnectionSettings } from "../../connection/settings.ts";
import { UsageError } from "../../errors/classes.ts";
import { serializeExtensions } from "../../handshake/index.ts";
import { platform } from "../../runtime/platform.ts";
import { TaskQueue } from "../../runtime/tasks.ts";
import { showBy } from "../../socket/inspected.ts";
import { connectionSettings } from "../../socket/options.ts";
import { connectionOf, type Socket } from "../../socket/socket.ts";
import { messageOf } from "../message-of.ts";
import { clampedShort, domString, readArguments, type WebSocketOptions } from "./arguments.ts";
import { openSocket } from "./client.ts";
import { type EventHandler, EventHandlers, WebSocketEventTarget } from "./event-handlers.ts";
import { CloseEvent, ErrorEvent, MessageEvent } from "./events.ts";
import type { Opening } from "./opening.ts";
import { OpeningSettings } from "./options.ts";
import { type Sendable, SendQueue } from "./send-queue.ts";

const { CONNECTING, OPEN, CLOSING, CLOSED } = ReadyState;

/** A WebSocket client. WebSockets Standard §3.1. */
export class WebSocket extends WebSocketEventTarget {
  declare static readonly CONNECTING: 0;
  declare static readonly OPEN: 1;
  declare static readonly CLOSING: 2;
  declare static readonly CLOSED: 3;
  declare readonly CONNECTING: 0;
  declare readonly OPEN: 1;
  declare readonly CLOSING: 2;
  declare readonly CLOSED: 3;

  readonly #url: URL;
  readonly #origin: string;
  readonly #opening: Opening;
  readonly #sendQueue: SendQueue = new SendQueue();
  readonly #handlers: EventHandlers = new EventHandlers(this);
  readonly #tasks: TaskQueue = new TaskQueue();
  #state: ReadyState = CONNECTING;
  #protocol = "";
  #extensions = "";
  #binaryType: "blob" | "arraybuffer" = "blob";
  #socket: Socket<WebSocket> | null = null;
  /** An event whose task is next; what comes after it is held back. */
  #pending: (() => void) | null = null;
  #isStepping = false;
  /** Why there will be no connection: it was closed too early. */
  #refusal: UsageError | undefined;

  /**
   * @param url        ws, wss, http or https; absolute, without a fragment
   * @param protocols  subprotocols to ask for, or the options
   * @param options    see WebSocketOptions
   * @throws           DOMException SyntaxError for a URL or a subprotocol that is none; UsageError for a wrong option
   */
  constructor(
    url: string | URL,
    protocols: string | Iterable<string> | WebSocketOptions | undefined = undefined,
    options: WebSocketOptions | undefined = undefined,
  ) {
    // biome-ignore lint/complexity/noArguments: Web IDL counts arguments, and `length` is 1
    if (arguments.length === 0) throw new TypeError("WebSocket: a URL is needed");
    super();
    const given = readArguments(url, protocols, options);
    this.#url = given.url;
    this.#origin = given.url.origin;
    const asked = { ...given.options, protocols: given.protocols };
    const opening = new OpeningSettings(asked, { requiresProtocol: true });
    const settings: ConnectionSettings<Socket<WebSocket>> = connectionSettings(
      "client",
      { ...given.options, exact: true },
      opening.clock,
      WebSocket.#socketHandlers,
      platform,
    );
    this.#opening = openSocket<WebSocket>(this.#url, opening, settings, {
      opened: (socket) => this.#opened(socket),
      failed: (error) => this.#finish({ wasClean: false, code: 1006, reason: "" }, error),
    });
  }

  /** The URL, serialized, as it was given: redirections do not change it. */
  get url(): string {
    return this.#url.href;
  }

  get readyState(): ReadyState {
    if (this.#state !== OPEN) return this.#state;
    return this.#socket!.readyState === OPEN ? OPEN : CLOSING;
  }

  /** Payload octets that `send` took and that had not left when the present task began; what was discarded stays in it. */
  get bufferedAmount(): number {
    return this.#sendQueue.length;
  }

  /** What was agreed, as in Sec-WebSocket-Extensions. */
  get extensions(): string {
    return this.#extensions;
  }

  get protocol(): string {
    return this.#protocol;
  }

  get binaryType(): "blob" | "arraybuffer" {
    return this.#binaryType;
  }

  set binaryType(value: "blob" | "arraybuffer") {
    this.#binaryType = binaryTypeOf(value) ?? this.#binaryType;
  }

  /**
   * Sends a message: text, or octets, which are copied before this returns (a Blob's are read later, in order).
   *
   * @throws DOMException InvalidStateError while CONNECTING; after `close` the message is discarded
   */
  send(data: Sendable): void {
    // biome-ignore lint/complexity/noArguments: as above
    if (arguments.length === 0) throw new TypeError("WebSocket.send: data is needed");
    if (this.#state === CONNECTING) {
      throw new DOMException("WebSocket.send: the connection is not open yet", "InvalidStateError");
    }
    this.#sendQueue.send(data, this.readyState === OPEN);
  }

  /**
   * Closes the connection, after everything that was sent.
   *
   * @param code    1000, or 3000 to 4999
   * @param reason  at most 123 octets of UTF-8
   * @throws        DOMException InvalidAccessError for another code, SyntaxError for a longer reason
   */
  close(code: number | undefined = undefined, reason: string | undefined = undefined): void {
    const closeCode = code === undefined ? undefined : clampedShort(code);
    const closeReason = reason === undefined ? "" : domString(reason);
    if (closeCode !== undefined && closeCode !== 1000 && (closeCode < 3000 || closeCode > 4999)) {
      throw new DOMException(`WebSocket.close: ${closeCode} is neither 1000 nor 3000 to 4999`, "InvalidAccessError");
    }
    if (Buffer.byteLength(closeReason) > 123) {
      throw new DOMException("WebSocket.close: the reason is longer than 123 octets", "SyntaxError");
    }
    if (this.readyState >= CLOSING) return;
    const wasConnecting = this.#state === CONNECTING;
    this.#state = CLOSING;
    if (!wasConnecting) {
      this.#sendQueue.close(closeCode ?? (closeReason === "" ? undefined : 1000), closeReason);
      return;
    }
    this.#refusal = new UsageError("WS_NOT_OPEN", "closed before the connection was open");
    if (this.#socket === null) this.#opening.abort(this.#refusal);
    else this.#socket.terminate(); // the `open` event was about to be
  }

  get onopen(): EventHandler<Event> {
    return this.#handlers.get("open");
  }

  set onopen(handler: EventHandler<Event>) {
    this.#handlers.set("open", handler);
  }

  get onmessage(): EventHandler<MessageEvent> {
    return this.#handlers.get("message");
  }

  set onmessage(handler: EventHandler<MessageEvent>) {
    this.#handlers.set("message", handler);
  }

  // Read as the DOM's types have it, so that this class stands where they are asked for.
  get onerror(): EventHandler<Event> {
    return this.#handlers.get("error");
  }

  set onerror(handler: EventHandler<ErrorEvent>) {
    this.#handlers.set("error", handler);
  }

  get onclose(): EventHandler<CloseEvent> {
    return this.#handlers.get("close");
  }

  set onclose(handler: EventHandler<CloseEvent>) {
    this.#handlers.set("close", handler);
  }

  /** One set of handlers for the sockets of all; errors are in the close report. */
  static readonly #socketHandlers = {
    message: ({ data: self }: Socket<WebSocket>, data: string | Uint8Array): void => self!.#received(data),
    error: (): void => {},
    close: ({ data: self }: Socket<WebSocket>, code: number, reason: string): void => self!.#closed(code, reason),
  };

  #opened(socket: Socket<WebSocket>): void {
    this.#socket = socket;
    socket.data = this;
    this.#sendQueue.open(connectionOf(socket));
    this.#await(() => {
      if (this.#state !== CONNECTING) return;
      this.#state = OPEN;
      this.#protocol = socket.protocol;
      this.#extensions = serializeExtensions(socket.extensions);
      this.dispatchEvent(new Event("open"));
    });
  }

  #received(data: string | Uint8Array): void {
    this.#await(() => {
      if (this.readyState !== OPEN) return; // §3.1: messages that come after close() are dropped
      const shown =
        typeof data === "string" ? data : this.#binaryType === "blob" ? new Blob([data as BlobPart]) : data.buffer;
      this.dispatchEvent(new MessageEvent("message", { data: shown, origin: this.#origin }));
    });
  }

  /** Gives an event a task of its own; everything that follows on the connection waits for it. */
  #await(event: () => void): void {
    connectionOf(this.#socket!).gate.hold();
    this.#pending = event;
    if (this.#isStepping) return;
    this.#isStepping = true;
    this.#tasks.add(this.#step);
  }

  readonly #step = (): void => {
    if (this.#pending === null) connectionOf(this.#socket!).gate.release(); // which may bring the next one
    const event = this.#pending;
    this.#pending = null;
    this.#isStepping = event !== null;
    if (event === null) return;
    this.#tasks.add(this.#step);
    event();
  };

  #closed(code: number, reason: string): void {
    const { sent, received, error = this.#refusal } = this.#socket!.closeReport!;
    const wasClean = sent !== null && received !== null && code !== 1006;
    // RFC 6455 §7.2.1: a client whose transport is lost fails the connection, which the standard tells by `error`.
    this.#finish({ wasClean, code, reason }, wasClean ? undefined : (error ?? abnormalClosure(undefined)));
  }

  /** §3.2: the connection is closed; `error` comes first where it failed. */
  #finish(
    report: { readonly wasClean: boolean; readonly code: number; readonly reason: string },
    error: unknown,
  ): void {
    this.#sendQueue.end();
    this.#tasks.add(() => {
      this.#state = CLOSED;
      if (error === undefined) return;
      this.dispatchEvent(new ErrorEvent("error", { error, message: messageOf(error) }));
    });
    this.#tasks.add(() => this.dispatchEvent(new CloseEvent("close", report)));
  }
}

/** Web IDL §3.7: constants on the interface and its prototype; members that `for in` sees. */
function describeAsInterface(): void {
  const constants = { CONNECTING, OPEN, CLOSING, CLOSED };
  for (const [name, value] of Object.entries(constants)) {
    for (const holder of [WebSocket, WebSocket.prototype])
      Object.defineProperty(holder, name, { value, enumerable: true });
  }
  const attributes = ["url", "readyState", "bufferedAmount", "extensions", "protocol", "binaryType"];
  const handlers = ["onopen", "onmessage", "onerror", "onclose"];
  for (const name of [...attributes, ...handlers, "send", "close"]) {
    Object.defineProperty(WebSocket.prototype, name, { enumerable: true });
  }
  Object.defineProperty(WebSocket.prototype, Symbol.toStringTag, { value: "WebSocket", configurable: true });
}

describeAsInterface();
showBy(WebSocket.prototype, ["url", "readyState", "protocol", "binaryType", "bufferedAmount"]);

/** A value of the enumeration, if it is one. Web IDL §3.2.18. */
function binaryTypeOf(value: unknown): "blob" | "arraybuffer" | undefined {
  const text = domString(value);
  return text === "blob" || text === "arraybuffer" ? text : undefined;
}
