// The messages of a socket as streams, and a client in the shape of the web's WebSocketStream.

import type { OctetSource } from "../codec/octets.ts";
import { abnormalClosure } from "../connection/closing.ts";
import type { Message } from "../connection/inbox.ts";
import { UsageError } from "../errors/classes.ts";
import { serializeExtensions } from "../handshake/index.ts";
import { checkOptionNames } from "../options.ts";
import type { Socket } from "../socket/socket.ts";
import { type ConnectOptions, connect, type StreamSource } from "./connect.ts";

/** The messages of a socket, both ways. */
export interface MessageStreams {
  /** What arrives, strings and octets; no more is read ahead than the peer may send unasked, about 1 MiB. Cancelled, it closes. */
  readonly readable: ReadableStream<Message>;
  /** What is sent: each write is a message, and settles when that is taken. Closed, it closes; aborted, it closes as well. */
  readonly writable: WritableStream<string | OctetSource>;
}

/**
 * Makes streams of a socket's messages.
 *
 * @param socket  one without a `message` or `stream` handler; the streams have its messages from now on
 * @throws        UsageError where a handler has them
 */
export function messageStreams<Data>(socket: Socket<Data>): MessageStreams {
  const messages = socket[Symbol.asyncIterator]();
  const readable = new ReadableStream<Message>(
    {
      async pull(controller) {
        const { done, value } = await messages.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel(reason) {
        closeFor(socket, reason);
        await messages.return?.();
      },
    },
    { highWaterMark: 0 },
  );
  const writable = new WritableStream<string | OctetSource>({
    write: (message) =>
      new Promise((resolve, reject) => {
        socket.send(message, (error?: unknown) => (error === undefined || error === null ? resolve() : reject(error)));
      }),
    close: () => socket.close(),
    abort: (reason) => closeFor(socket, reason),
  });
  return { readable, writable };
}

/** How a connection is closed, or was. */
export interface WebSocketCloseInfo {
  /** A code that may be sent; left out: a Close without one. */
  readonly closeCode?: number | undefined;
  /** At most 123 octets of UTF-8; with a reason alone the code is 1000. */
  readonly reason?: string | undefined;
}

const closeInfoNames: ReadonlySet<string> = new Set(["closeCode", "reason"]);

/** Closes as a reason of `cancel` or `abort` says that has a code, such as an error of the web's, and else without one. */
function closeFor<Data>(socket: Socket<Data>, reason: unknown): void {
  const { closeCode, reason: text } = (typeof reason === "object" ? (reason ?? {}) : {}) as WebSocketCloseInfo;
  if (typeof closeCode === "number") socket.close(closeCode, typeof text === "string" ? text : "");
  else socket.close();
}

/** What an open WebSocketStream has. */
export interface WebSocketOpenInfo extends MessageStreams {
  /** The subprotocol agreed, "" for none. */
  readonly protocol: string;
  /** The extensions agreed, as the field has them; "" for none. */
  readonly extensions: string;
}

/** Options of a WebSocketStream: those of connect, without its handlers, and what it talks over. */
export interface WebSocketStreamOptions
  extends Omit<ConnectOptions, "message" | "stream" | "open" | "error" | "close" | "data"> {
  /** Streams, or a function that makes them. */
  readonly streams: StreamSource;
}

/** A client in the shape of the web's WebSocketStream, over streams that it is given. */
export class WebSocketStream {
  readonly url: string;
  /** Fulfilled when the opening handshake is done; rejects as connect does. */
  readonly opened: Promise<WebSocketOpenInfo>;
  /** Fulfilled when a closing handshake has closed the connection; rejects with what it failed of otherwise. */
  readonly closed: Promise<Required<WebSocketCloseInfo>>;
  private readonly canceller = new AbortController();
  private socket: Socket | null = null;

  /** @throws UsageError for a URL that is none, and where there are no streams */
  constructor(url: string | URL, options: WebSocketStreamOptions) {
    if (typeof options !== "object" || options === null || options.streams === undefined)
      throw new UsageError("WS_OPTION", "a WebSocketStream needs `streams`: a pair, or a function that makes one");
    if (!URL.canParse(url)) throw new UsageError("WS_OPTION", `a WebSocketStream needs a URL, not ${String(url)}`);
    const { streams, signal, ...others } = options;
    this.url = new URL(url).href;
    signal?.addEventListener("abort", () => this.canceller.abort(signal.reason), { once: true });
    if (signal?.aborted) this.canceller.abort(signal.reason);
    let failure: unknown;
    let settle!: (closed: Required<WebSocketCloseInfo>) => void;
    let reject!: (error: unknown) => void;
    this.closed = new Promise((resolve, refuse) => {
      settle = resolve;
      reject = refuse;
    });
    this.opened = connect(url, streams, {
      ...others,
      signal: this.canceller.signal,
      error: (_socket, error) => {
        failure ??= error;
      },
      close: ({ closeReport }, closeCode, reason) => {
        if (closeReport?.received && failure === undefined) settle({ closeCode, reason });
        else reject(failure ?? abnormalClosure(closeReport?.error));
      },
    }).then((socket) => {
      this.socket = socket;
      return {
        ...messageStreams(socket),
        protocol: socket.protocol,
        extensions: serializeExtensions(socket.extensions),
      };
    });
    this.opened.catch(reject);
    this.closed.catch(() => {}); // whoever wants to know asks
  }

  /**
   * Starts the closing handshake, or gives the opening one up.
   *
   * @throws UsageError for a code or a reason that may not be sent
   */
  close(info: WebSocketCloseInfo = {}): void {
    checkOptionNames("close", info, closeInfoNames);
    const { reason = "", closeCode = reason === "" ? undefined : 1000 } = info;
    if (this.socket !== null) this.socket.close(closeCode, reason);
    else this.canceller.abort(new UsageError("WS_NOT_OPEN", "closed before the opening handshake was done"));
  }
}
