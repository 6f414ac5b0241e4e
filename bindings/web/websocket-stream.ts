// A client in the shape of the web's WebSocketStream, over streams that it is given.

import { abnormalClosure, closePayload } from "../connection/closing.ts";
import { handlerNames } from "../connection/settings.ts";
import { UsageError } from "../errors/classes.ts";
import { serializeExtensions } from "../handshake/index.ts";
import { checkOptionNames } from "../options.ts";
import { clientHandshakeNames, signalOption } from "../socket/client-handshake.ts";
import { socketOptionNames } from "../socket/options.ts";
import type { Socket } from "../socket/socket.ts";
import { type ConnectOptions, connect, type StreamSource } from "./connect.ts";
import { type MessageStreams, messageStreams } from "./message-streams.ts";

/** How a connection is closed, or was. */
export interface WebSocketCloseInfo {
  /** A code that may be sent; left out: a Close without one. */
  readonly closeCode?: number | undefined;
  /** At most 123 octets of UTF-8; with a reason alone the code is 1000. */
  readonly reason?: string | undefined;
}

const closeInfoNames: ReadonlySet<string> = new Set(["closeCode", "reason"]);

/** What an open WebSocketStream has. */
export interface WebSocketOpenInfo extends MessageStreams {
  /** The subprotocol agreed, "" for none. */
  readonly protocol: string;
  /** The extensions agreed, as the field has them; "" for none. */
  readonly extensions: string;
}

/** Options of a WebSocketStream: those of connect, without its handlers, and what it talks over. */
export interface WebSocketStreamOptions extends Omit<ConnectOptions, "open" | "data" | (typeof handlerNames)[number]> {
  /** Streams, or a function that makes them. */
  readonly streams: StreamSource;
}

const optionNames: ReadonlySet<string> = new Set(
  ["streams", ...clientHandshakeNames, ...socketOptionNames].filter(
    (name) => !(handlerNames as readonly string[]).includes(name),
  ),
);

/** @throws UsageError for what is no URL */
function hrefOf(url: string | URL): string {
  try {
    return new URL(url).href;
  } catch {
    throw new UsageError("WS_OPTION", `a WebSocketStream needs a URL, not ${String(url)}`);
  }
}

/** A client in the shape of the web's WebSocketStream. */
export class WebSocketStream {
  readonly url: string;
  /** Fulfilled when the opening handshake is done; rejects as connect does. */
  readonly opened: Promise<WebSocketOpenInfo>;
  /** Fulfilled when a closing handshake has closed the connection; rejects with what it failed of otherwise. */
  readonly closed: Promise<Required<WebSocketCloseInfo>>;
  private readonly canceller = new AbortController();
  private socket: Socket | null = null;

  /** @throws UsageError for a URL that is none, an option that it does not know, and where there are no streams */
  constructor(url: string | URL, options: WebSocketStreamOptions) {
    this.url = hrefOf(url);
    checkOptionNames("WebSocketStream", options, optionNames);
    const { streams, ...others } = options;
    if (streams === undefined)
      throw new UsageError("WS_OPTION", "a WebSocketStream needs `streams`: a pair, or a function that makes one");
    let failure: { readonly error: unknown } | undefined;
    let settle!: (closed: Required<WebSocketCloseInfo>) => void;
    let reject!: (error: unknown) => void;
    this.closed = new Promise((resolve, refuse) => {
      settle = resolve;
      reject = refuse;
    });
    this.opened = this.open(url, streams, {
      ...others,
      open: (socket) => {
        this.socket = socket;
      },
      error: (_socket, error) => {
        failure ??= { error };
      },
      close: ({ closeReport }, closeCode, reason) => {
        if (failure === undefined && closeReport!.received !== null) settle({ closeCode, reason });
        else reject(failure === undefined ? abnormalClosure(closeReport!.error) : failure.error);
      },
    });
    this.opened.catch(reject);
    this.closed.catch(() => {}); // whoever wants to know asks
  }

  private async open(
    url: string | URL,
    streams: StreamSource,
    { signal: given, ...options }: ConnectOptions,
  ): Promise<WebSocketOpenInfo> {
    const signal = signalOption(given);
    const { canceller } = this;
    const abort = (): void => canceller.abort(signal!.reason);
    signal?.addEventListener("abort", abort);
    if (signal?.aborted) abort();
    try {
      const socket = await connect(url, streams, { ...options, signal: canceller.signal });
      const { protocol, extensions } = socket;
      return { ...messageStreams(socket), protocol, extensions: serializeExtensions(extensions) };
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /**
   * Starts the closing handshake, or gives the opening one up.
   *
   * @throws UsageError for a code or a reason that may not be sent
   */
  close(info: WebSocketCloseInfo = {}): void {
    checkOptionNames("close", info, closeInfoNames);
    const { reason = "", closeCode = reason === "" ? undefined : 1000 } = info;
    closePayload(closeCode, reason);
    if (this.socket !== null) this.socket.close(closeCode, reason);
    else this.canceller.abort(new UsageError("WS_NOT_OPEN", "closed before the opening handshake was done"));
  }
}
