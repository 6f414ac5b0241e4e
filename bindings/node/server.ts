// createServer: a listening socket, its greetings and its sockets. Each accepted socket is greeted (greeting.ts) and, if its
// handshake is accepted, becomes a Socket. Protocol is Connection's; this file owns who is alive, and the orderly end.

import type { AddressInfo } from "node:net";
import {
  createServer as createNetServer,
  type ListenOptions,
  type Server as NetServer,
  type Socket as NetSocket,
} from "node:net";
import type { OctetSource } from "../codec/octets.ts";
import { CloseCode } from "../codes.ts";
import { type MessageOptions, type PreparedMessage, prepareMessage } from "../connection/prepared.ts";
import { UsageError } from "../errors/classes.ts";
import type { AcceptedHandshake, RequestHead } from "../handshake/index.ts";
import { checkOptionNames } from "../options.ts";
import { flushAtExit, forgetAtExit } from "./exit.ts";
import { Greeting } from "./greeting.ts";
import type { HandleWriter } from "./handle-writer.ts";
import type { HttpResponse } from "./http-answer.ts";
import { memoryReader } from "./memory-reader.ts";
import { memoryTrial } from "./memory-trial.ts";
import { type ServerOptions, ServerSettings } from "./server-options.ts";
import { connectionOf, Socket, sinkOf } from "./socket.ts";
import { type MemorySink, readByEvents, type StreamReader } from "./stream-reader.ts";

/** Where a server listens: an address, or the path of a Unix socket. */
export type BoundAddress = AddressInfo | string;

const listenOptionNames: ReadonlySet<string> = new Set([
  "port",
  "host",
  "path",
  "backlog",
  "exclusive",
  "readableAll",
  "writableAll",
  "ipv6Only",
  "reusePort",
  "signal",
]);

/** A WebSocket server on sockets of its own. */
export class Server<Data = unknown> {
  private readonly settings: ServerSettings<Data>;
  private readonly net: NetServer;
  /** What writes past streams; null where nothing does. */
  private writer: HandleWriter | null = null;
  private read: StreamReader<MemorySink> = readByEvents;
  private readonly greetings = new Set<Greeting>();
  private readonly open = new Set<Socket<Data>>();
  /** Settles when every `listen` under way has succeeded or failed. */
  private starting: Promise<unknown> = Promise.resolve();
  private closed: Promise<void> | null = null;
  private whenEmpty: (() => void) | null = null;

  /** @throws UsageError for an option that is misspelt or out of range */
  constructor(options: ServerOptions<Data>) {
    this.settings = new ServerSettings(options);
    this.net = createNetServer({ allowHalfOpen: true, noDelay: true }, (stream) => this.greet(stream));
  }

  /** The open connections. */
  get sockets(): ReadonlySet<Socket<Data>> {
    return this.open;
  }

  /**
   * Listens.
   *
   * @param where  as Node's `net.Server.listen`: port and host, or path; port 0, the default, takes a free one; without a
   *               host, every interface of the machine
   * @returns      the bound address, once connections are accepted; rejects with the error of listening, and with a
   *               UsageError for an option that Node does not know
   */
  listen(where?: ListenOptions & { readonly path?: undefined }): Promise<AddressInfo>;
  listen(where: ListenOptions & { readonly path: string }): Promise<string>;
  listen(where: ListenOptions): Promise<BoundAddress>;
  async listen(where: ListenOptions = { port: 0 }): Promise<BoundAddress> {
    checkOptionNames("listen", where, listenOptionNames);
    if (this.closed !== null) throw new UsageError("WS_NOT_OPEN", "the server is closed");
    // One after the other: Node knows that it listens only when it does.
    const listening = this.starting.then(() => this.chooseReader()).then(() => this.startListening(where));
    this.starting = listening.catch(() => {});
    return listening;
  }

  /** How sockets are read: `"memory"` or `"data"`; known once `listen` has resolved. */
  get transport(): "memory" | "data" {
    return this.read === readByEvents ? "data" : "memory";
  }

  private async chooseReader(): Promise<void> {
    const { transport, connection } = this.settings;
    if (transport === "data") return;
    const { refusal, writer } = await memoryTrial();
    if (refusal === null) {
      this.read = memoryReader(connection.kernel);
      this.writer = writer;
    } else if (transport === "memory") {
      const error = new UsageError(
        "WS_TRANSPORT_REFUSED",
        `sockets cannot be read into memory here: ${refusal.message}`,
      );
      error.cause = refusal;
      throw error;
    }
  }

  private startListening(where: ListenOptions): Promise<BoundAddress> {
    const { net, settings } = this;
    return new Promise((resolve, reject) => {
      const settle = (error?: unknown): void => {
        net.off("error", settle);
        net.off("close", stopped);
        net.off("listening", ready);
        if (error !== undefined) reject(error);
      };
      const ready = (): void => {
        settle();
        net.on("error", (error) => this.fault(error));
        settings.clock.add(this);
        flushAtExit(this);
        resolve(net.address()!);
      };
      const stopped = (): void => settle(where.signal?.reason ?? new Error("the listening socket was closed"));
      net.once("error", settle);
      net.once("close", stopped);
      net.once("listening", ready);
      try {
        net.listen(where);
      } catch (error) {
        settle(error); // Node throws for arguments it cannot read
      }
    });
  }

  /** Encodes a message once, to be sent to any number of sockets; see prepareMessage. */
  prepare(data: string | OctetSource, options?: MessageOptions): PreparedMessage {
    return prepareMessage(data, options);
  }

  /** The bound address; null unless listening. */
  address(): BoundAddress | null {
    return this.net.address();
  }

  /**
   * Stops: accepts no more, sends every connection 1001, and drops after `closeTimeoutMs` those that do not answer.
   *
   * @returns  once every connection is closed; calling it again returns the same promise
   */
  close(): Promise<void> {
    this.closed ??= this.shutDown();
    return this.closed;
  }

  private async shutDown(): Promise<void> {
    const { net, settings } = this;
    await this.starting;
    const stopped = net.listening ? new Promise<void>((resolve) => net.close(() => resolve())) : Promise.resolve();
    for (const greeting of this.greetings) greeting.drop();
    for (const socket of this.open) {
      // A paused connection sees neither Close nor FIN.
      socket.resume();
      socket.close(CloseCode.GoingAway, "");
    }
    if (this.open.size !== 0) await new Promise<void>((resolve) => (this.whenEmpty = resolve));
    await stopped;
    settings.clock.remove(this);
    forgetAtExit(this);
  }

  // What follows is called by the clock, by greetings and by sockets.

  /** @internal */
  get shortestTimeoutMs(): number {
    const { handshakeTimeoutMs, connection } = this.settings;
    return Math.min(handshakeTimeoutMs, connection.closeTimeoutMs, connection.idleTimeoutMs / 2);
  }

  /** @internal */
  tick(nowMs: number): void {
    for (const greeting of this.greetings) greeting.tick(nowMs);
    for (const socket of this.open) connectionOf(socket).tick(nowMs);
  }

  /** Writes what waits in every connection. @internal */
  flush(): void {
    for (const socket of this.open) socket.flush();
  }

  /** @internal */
  get policy(): ServerSettings<Data>["policy"] {
    return this.settings.policy;
  }

  /** @internal */
  get handshakeTimeoutMs(): number {
    return this.settings.handshakeTimeoutMs;
  }

  /** @internal */
  get closeTimeoutMs(): number {
    return this.settings.connection.closeTimeoutMs;
  }

  /** @internal */
  get maxProcessBuffered(): number {
    return this.settings.connection.maxProcessBuffered;
  }

  /** @internal */
  now(): number {
    return this.settings.clock.now();
  }

  /** @internal */
  answer(request: RequestHead): HttpResponse | undefined | Promise<HttpResponse | undefined> {
    return this.settings.handlers.request?.(request);
  }

  /** @internal */
  upgrade(
    stream: NetSocket,
    request: RequestHead,
    accepted: AcceptedHandshake,
    response: Uint8Array,
    rest: Uint8Array,
  ): void {
    const extension = this.settings.deflate?.forServer(accepted.extensions);
    const socket = new Socket<Data>(stream, this.settings.connection, { ...accepted, extension }, this.writer);
    const connection = connectionOf(socket);
    const sink = sinkOf(socket, this);
    this.open.add(socket);
    stream.write(response);
    this.read(stream, sink);
    const { handlers } = this.settings;
    if (handlers.open !== undefined) connection.run(() => socket.expectLoop(handlers.open?.(socket, request)));
    if (rest.length !== 0) sink.arrived(rest);
  }

  /** @internal */
  fault(error: unknown): void {
    const { serverError } = this.settings.handlers;
    if (serverError !== undefined) serverError(error);
    else process.emitWarning(error instanceof Error ? error : new Error(String(error)));
  }

  /** @internal */
  leave(greeting: Greeting): void {
    this.greetings.delete(greeting);
  }

  /** @internal */
  forget(socket: Socket<Data>): void {
    this.open.delete(socket);
    if (this.open.size === 0) this.whenEmpty?.();
  }

  private greet(stream: NetSocket): void {
    const greeting = new Greeting(stream, this);
    this.greetings.add(greeting);
    this.read(stream, greeting);
  }
}

/**
 * Makes a WebSocket server on Node's net sockets. Handlers and options are documented in ServerOptions and docs/.
 *
 * @throws  UsageError for an option that is misspelt or out of range
 */
export function createServer<Data = unknown>(options: ServerOptions<Data>): Server<Data> {
  return new Server(options);
}
