// connect() over a pair of streams: the opening handshake of a client, and the socket that it leads to. RFC 6455 §4.1.

import { copyOf } from "../codec/octets.ts";
import { inboxHandlers } from "../connection/loops.ts";
import { type ConnectionSettings, handlerNames } from "../connection/settings.ts";
import { HandshakeError } from "../errors/classes.ts";
import { createHandshakeRequest, type HandshakeRequest, type ResponseHead } from "../handshake/index.ts";
import { checkOptionNames, functionOption } from "../options.ts";
import {
  AnswerReader,
  agreementOf,
  type ClientHandshakeOptions,
  ClientHandshakeSettings,
  clientHandshakeNames,
  handshakeTimeout,
  noAnswer,
} from "../socket/client-handshake.ts";
import { Clock, type Timed } from "../socket/clock.ts";
import type { LinkSink } from "../socket/link.ts";
import { Membership } from "../socket/membership.ts";
import { connectionSettings, pick, type SocketOptions, socketOptionNames } from "../socket/options.ts";
import { type ClientHandlers, connectionOf, Socket, sinkOf } from "../socket/socket.ts";
import { platform } from "./platform.ts";
import { checkPair, type StreamPair } from "./streams.ts";
import { StreamsLink } from "./streams-link.ts";

/** Where a client wants to go. */
export interface DialTarget {
  /** A name or an address; an IPv6 address without its brackets. */
  readonly hostname: string;
  readonly port: number;
  /** Whether the streams have to go over TLS: whoever makes them sees to it. */
  readonly secure: boolean;
  /** Aborted when the opening handshake is given up. */
  readonly signal: AbortSignal;
}

/** What a client talks over: streams, or who makes them. */
export type StreamSource = StreamPair | ((target: DialTarget) => StreamPair | Promise<StreamPair>);

/** Options of connect. */
export interface ConnectOptions<Data = unknown> extends ClientHandlers<Data>, SocketOptions, ClientHandshakeOptions {
  /** What the socket's `data` is at first. */
  readonly data?: Data | undefined;
}

const optionNames: ReadonlySet<string> = new Set([...socketOptionNames, ...clientHandshakeNames, "open", "data"]);

/**
 * Opens a WebSocket over a pair of streams. RFC 6455 §4.1.
 *
 * @param url      ws, wss, http or https: what the request says, and where a function is told to go
 * @param streams  locked, and the socket's from now on; or a function that makes them. Where this rejects they are closed,
 *                 unless it is for an argument
 * @param options  handlers, limits, and what the request says besides
 * @returns        the open socket. Rejects with a UsageError for an argument that is wrong, with a HandshakeError for an
 *                 answer that is, with the streams' error where they break off, and with the signal's reason
 */
export async function connect<Data = unknown>(
  url: string | URL,
  streams: StreamSource,
  options: ConnectOptions<Data> = {},
): Promise<Socket<Data>> {
  checkOptionNames("connect", options, optionNames);
  functionOption("open", options.open as unknown);
  if (typeof streams !== "function") checkPair(streams);
  const handshake = new ClientHandshakeSettings(options, platform);
  const clock = options.clock ?? new Clock();
  const handlers = inboxHandlers(pick(options, handlerNames));
  const settings = connectionSettings("client", options, clock, handlers, platform);
  const request = createHandshakeRequest({ ...handshake.request, url });
  const exchange = new Exchange(request, handshake, settings, clock);
  const { link, response, rest } = await exchange.run(streams);
  try {
    handshake.signal?.throwIfAborted();
    if (link.isGone) throw noAnswer(); // it broke off meanwhile, and nobody was told
    const agreed = agreementOf(response, request, false);
    const extension = handshake.deflate?.forClient(agreed.extensions, response.httpStatus);
    const socket = new Socket<Data>(link, settings, { ...agreed, extension });
    socket.data = options.data;
    const sink = sinkOf(socket, new Membership(socket, clock));
    link.read(sink);
    connectionOf(socket).run(() => options.open?.(socket, response));
    if (rest.length !== 0) sink.arrived(rest);
    link.resume();
    return socket;
  } catch (error) {
    link.destroy();
    if (error instanceof HandshakeError) error.response = response;
    throw error;
  }
}

/** What a request led to. */
interface Exchanged {
  readonly link: StreamsLink;
  readonly response: ResponseHead;
  readonly rest: Uint8Array;
}

/** One request and its answer: no longer than its time, or its signal. */
class Exchange<Data> implements LinkSink, Timed {
  readonly shortestTimeoutMs: number;
  private readonly request: HandshakeRequest;
  private readonly handshake: ClientHandshakeSettings;
  private readonly settings: ConnectionSettings<Socket<Data>>;
  private readonly clock: Clock;
  private readonly deadlineMs: number;
  private readonly reader: AnswerReader;
  private readonly canceller = new AbortController();
  private link: StreamsLink | null = null;
  private resolve!: (exchanged: Exchanged) => void;
  private reject!: (error: unknown) => void;
  private isOver = false;

  constructor(
    request: HandshakeRequest,
    handshake: ClientHandshakeSettings,
    settings: ConnectionSettings<Socket<Data>>,
    clock: Clock,
  ) {
    this.request = request;
    this.handshake = handshake;
    this.settings = settings;
    this.clock = clock;
    this.shortestTimeoutMs = handshake.handshakeTimeoutMs;
    this.deadlineMs = clock.now() + handshake.handshakeTimeoutMs;
    this.reader = new AnswerReader(handshake.bounds);
  }

  run(streams: StreamSource): Promise<Exchanged> {
    const { signal } = this.handshake;
    const exchanged = new Promise<Exchanged>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.clock.add(this);
    signal?.addEventListener("abort", this.aborted);
    if (signal?.aborted) this.aborted();
    if (typeof streams !== "function") this.begin(streams);
    else if (!this.isOver)
      this.dial(streams).then(
        (made) => this.begin(made),
        (error: unknown) => this.fail(error),
      );
    return exchanged;
  }

  private async dial(streams: Exclude<StreamSource, StreamPair>): Promise<StreamPair> {
    const { hostname, port, secure } = this.request;
    return await streams({ hostname, port, secure, signal: this.canceller.signal });
  }

  private begin(streams: StreamPair): void {
    try {
      const link = new StreamsLink(streams, this.settings.kernel);
      if (this.isOver) {
        link.destroy(); // aborted before, or made too late
        return;
      }
      this.link = link;
      link.say(this.request.head);
      link.read(this);
    } catch (error) {
      this.fail(error);
    }
  }

  landed(region: Uint8Array, length: number): void {
    this.arrived(copyOf(region, 0, length));
  }

  arrived(chunk: Uint8Array): void {
    if (this.isOver) return;
    try {
      const answer = this.reader.push(chunk);
      if (answer === null) return;
      this.leave();
      this.link!.pause(); // until there is a socket
      this.resolve({ link: this.link!, ...answer });
    } catch (error) {
      this.fail(error);
    }
  }

  ended(): void {
    if (this.isOver) return;
    try {
      this.reader.end();
    } catch (error) {
      this.fail(error);
    }
  }

  closed(error: unknown): void {
    this.fail(error ?? noAnswer());
  }

  tick(nowMs: number): void {
    if (nowMs >= this.deadlineMs) this.fail(handshakeTimeout(this.handshake.handshakeTimeoutMs));
  }

  private readonly aborted = (): void => this.fail(this.handshake.signal!.reason);

  private fail(error: unknown): void {
    if (this.isOver) return;
    this.leave();
    this.canceller.abort(error);
    this.link?.destroy();
    this.reject(error);
  }

  private leave(): void {
    this.isOver = true;
    this.clock.remove(this);
    this.handshake.signal?.removeEventListener("abort", this.aborted);
  }
}
