// createServer: a WebSocket server that listens itself (listener.ts), is attached to HTTP servers (attachment.ts), is handed
// single upgrades, or all of that at once. Handshakes and sockets are reception.ts's; this file is what an application sees.

import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { copyOf, type OctetSource } from "../codec/octets.ts";
import { type MessageOptions, type PreparedMessage, prepareMessage } from "../connection/prepared.ts";
import { HandshakeError, UsageError } from "../errors/classes.ts";
import { type AnyHttpServer, type Attached, type Door, doorOf } from "./attachment.ts";
import { flushAtExit, forgetAtExit } from "./exit.ts";
import { http2Knock } from "./http2-knock.ts";
import { http1Knock, type Knock } from "./knock.ts";
import { type BoundAddress, checkListenOptions, Listener, type ListenTarget } from "./listener.ts";
import { type AttachOptions, pathOption } from "./path-option.ts";
import { isReceived, Reception } from "./reception.ts";
import { http1Replies } from "./replies.ts";
import { type ServerOptions, ServerSettings } from "./server-options.ts";
import type { Socket } from "./socket.ts";
import { turnAway } from "./unclaimed.ts";

/** A WebSocket server. */
export class Server<Data = unknown> {
  private readonly settings: ServerSettings<Data>;
  private readonly reception: Reception<Data>;
  private readonly listener: Listener;
  /** Where it is attached, and as what. */
  private readonly doors = new Map<Door, Attached>();
  /** Settles when every `listen` under way has succeeded or failed. */
  private starting: Promise<unknown> = Promise.resolve();
  private closed: Promise<void> | null = null;

  /** @throws UsageError for an option that is misspelt or out of range */
  constructor(options: ServerOptions<Data>) {
    this.settings = new ServerSettings(options);
    this.reception = new Reception(this.settings);
    this.listener = new Listener(this.reception);
  }

  /** The open connections. */
  get sockets(): ReadonlySet<Socket<Data>> {
    return this.reception.open;
  }

  /** How plain sockets are read: `"memory"` or `"data"`; known once `listen` has resolved, or the first upgrade is answered. */
  get transport(): "memory" | "data" {
    return this.reception.reading.transport;
  }

  /**
   * Listens.
   *
   * @param where  as Node's `net.Server.listen`: port and host, or path; port 0, the default, takes a free one; without a
   *               host, every interface of the machine. With `tls` it speaks TLS
   * @returns      the bound address, once connections are accepted; rejects with the error of listening, and with a
   *               UsageError for an option that Node does not know
   */
  listen(where?: ListenTarget & { readonly path?: undefined }): Promise<AddressInfo>;
  listen(where: ListenTarget & { readonly path: string }): Promise<string>;
  listen(where: ListenTarget): Promise<BoundAddress>;
  async listen(where: ListenTarget = { port: 0 }): Promise<BoundAddress> {
    checkListenOptions(where);
    this.checkOpen();
    // One after the other: Node knows that it listens only when it does.
    const listening = this.starting.then(() => this.startListening(where));
    this.starting = listening.catch(() => {});
    return listening;
  }

  private async startListening(where: ListenTarget): Promise<BoundAddress> {
    const { reading } = this.reception;
    await reading.make();
    if (reading.refusal !== null) throw reading.refusal;
    const address = await this.listener.start(where);
    this.begin();
    return address;
  }

  /** The bound address; null unless listening. */
  address(): BoundAddress | null {
    return this.listener.address();
  }

  /**
   * Serves the WebSockets of an HTTP server, at some of its paths or at all: of node:http, node:https or node:http2
   * (RFC 8441). That server listens, answers everything else, and is closed by whoever made it. Several servers may be
   * attached to one: the first that claims a path has it.
   *
   * @throws UsageError for what is no such server, a wrong path, a server that it is attached to already, one of HTTP/2
   *         whose clients cannot be told any more, and where this server is closed
   */
  attach(httpServer: AnyHttpServer, options: AttachOptions = {}): void {
    const isOwn = pathOption(options);
    const door = doorOf(httpServer);
    this.checkOpen();
    if (this.doors.has(door)) throw new UsageError("WS_ARGUMENT", "attach: attached to this server already");
    const attached: Attached = {
      upgrade: (request, socket, head) => this.take(http1Knock(request, socket, head), isOwn),
      connect: (stream, rawHeaders) => this.take(http2Knock(stream, rawHeaders), isOwn),
      sessionEnds: (session) => this.reception.sessionEnds(session),
    };
    door.add(attached);
    this.doors.set(door, attached);
    this.begin();
  }

  /** Takes a handshake if it is this server's. */
  private take(knock: Knock, isOwn: (request: Knock["request"]) => boolean): boolean {
    try {
      if (isReceived(knock.stream)) return true; // by a listener of the application, which came first
      if (!isOwn(knock.request)) return false;
      this.reception.receive(knock);
    } catch (error) {
      this.reception.refuse(knock, error);
    }
    return true;
  }

  /**
   * Serves one upgrade, which the application has routed itself: what its `upgrade` listener is given. The socket is this
   * server's from now on.
   *
   * @param head  what came behind the request; copied
   * @throws      UsageError for arguments that are none of these, and for a socket that is served already
   */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Uint8Array): void {
    const isRequest = typeof request === "object" && request !== null && Array.isArray(request.rawHeaders);
    const isStream = typeof (socket as Partial<Duplex> | undefined)?.write === "function";
    if (!isRequest || !isStream || !(head instanceof Uint8Array)) {
      throw new UsageError(
        "WS_ARGUMENT",
        "handleUpgrade takes what an `upgrade` listener is given: request, socket, head",
      );
    }
    if (isReceived(socket)) throw new UsageError("WS_ARGUMENT", "handleUpgrade: this socket is served already");
    try {
      const knock = http1Knock(request, socket, copyOf(head, 0, head.length));
      if (this.closed === null) this.begin();
      this.reception.receive(knock);
    } catch (error) {
      if (!(error instanceof HandshakeError)) throw error;
      turnAway(socket, http1Replies, error);
    }
  }

  /** Encodes a message once, to be sent to any number of sockets; see prepareMessage. */
  prepare(data: string | OctetSource, options?: MessageOptions): PreparedMessage {
    return prepareMessage(data, options);
  }

  /**
   * Stops: accepts no more, leaves the HTTP servers it is attached to, sends every connection 1001, and drops after
   * `closeTimeoutMs` those that do not answer.
   *
   * @returns  once every connection is closed; calling it again returns the same promise
   */
  close(): Promise<void> {
    this.closed ??= this.shutDown();
    return this.closed;
  }

  private async shutDown(): Promise<void> {
    for (const [door, attached] of this.doors) door.delete(attached);
    this.doors.clear();
    await this.starting;
    const stopped = this.listener.close();
    await this.reception.close();
    await stopped;
    this.settings.clock.remove(this);
    forgetAtExit(this);
  }

  /** Begins to keep time: there may be handshakes from now on. */
  private begin(): void {
    this.settings.clock.add(this);
    flushAtExit(this);
    void this.reception.reading.make();
  }

  private checkOpen(): void {
    if (this.closed !== null) throw new UsageError("WS_NOT_OPEN", "the server is closed");
  }

  // What follows is called by the clock, and at the exit.

  /** @internal */
  get shortestTimeoutMs(): number {
    const { handshakeTimeoutMs, connection } = this.settings;
    return Math.min(handshakeTimeoutMs, connection.closeTimeoutMs, connection.idleTimeoutMs / 2);
  }

  /** @internal */
  tick(nowMs: number): void {
    this.listener.tick(nowMs);
    this.reception.tick(nowMs);
  }

  /** Writes what waits in every connection. @internal */
  flush(): void {
    for (const socket of this.reception.open) socket.flush();
  }
}

/**
 * Makes a WebSocket server on Node's sockets. Handlers and options are documented in ServerOptions and docs/.
 *
 * @throws  UsageError for an option that is misspelt or out of range
 */
export function createServer<Data = unknown>(options: ServerOptions<Data>): Server<Data> {
  return new Server(options);
}
