// createServer on Node: a WebSocket server that listens itself (listener.ts), is attached to HTTP servers (attachment.ts), is
// handed single upgrades, or all of that at once. Handshakes and sockets are reception.ts's; this file is what an application
// sees.

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { copyOf } from "../codec/octets.ts";
import { HandshakeError, UsageError } from "../errors/classes.ts";
import { platform } from "../runtime/platform.ts";
import { ListeningServer } from "../runtime/server.ts";
import { type TransportOptions, transportOption } from "../runtime/transport-option.ts";
import {
  type ServerHandlers as NeutralHandlers,
  type ServerOptions as NeutralOptions,
  ServerSettings,
} from "../server/options.ts";
import { http1Replies } from "../server/replies.ts";
import type { UpgradeOffer as NeutralOffer } from "../server/upgrade-offer.ts";
import { type AnyHttpServer, type Attached, type Door, doorOf } from "./attachment.ts";
import { http2Knock } from "./http2-knock.ts";
import { http1Knock, type Incoming, type Knock } from "./knock.ts";
import { type ListenTarget, NetListener } from "./listener.ts";
import { type AttachOptions, pathOption } from "./path-option.ts";
import { isReceived, NodeReception } from "./reception.ts";
import { turnAway } from "./unclaimed.ts";

/** A valid handshake, before it is answered. */
export type UpgradeOffer = NeutralOffer<Incoming>;

/** What a server does with its connections: one object for all of them. */
export type ServerHandlers<Data> = NeutralHandlers<Data, Incoming>;

/** Options of createServer: handlers, limits, how handshakes are judged, and how sockets are read. */
export interface ServerOptions<Data = unknown> extends NeutralOptions<Data, Incoming>, TransportOptions {}

/** A WebSocket server. */
export class Server<Data = unknown> extends ListeningServer<Data, ListenTarget> {
  /** @internal */
  declare protected readonly reception: NodeReception<Data>;
  /** Where it is attached, and as what. */
  private readonly doors = new Map<Door, Attached>();

  /** @throws UsageError for an option that is misspelt or out of range */
  constructor(options: ServerOptions<Data>) {
    const settings = new ServerSettings<Data>(options as NeutralOptions<Data, unknown>, platform, ["transport"]);
    const reception = new NodeReception(settings, transportOption(options));
    super(settings, reception, new NetListener(reception));
  }

  /** How plain sockets are read: `"memory"` or `"data"`; known once `listen` has resolved, or the first upgrade is answered. */
  get transport(): "memory" | "data" {
    return this.reception.reading.transport;
  }

  /** @internal */
  protected override async prepareToListen(): Promise<void> {
    const { reading } = this.reception;
    await reading.make();
    if (reading.refusal !== null) throw reading.refusal;
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
      if (!this.isClosed) this.begin();
      this.reception.receive(knock);
    } catch (error) {
      if (!(error instanceof HandshakeError)) throw error;
      turnAway(socket, http1Replies, error);
    }
  }

  /** Leaves the HTTP servers that it is attached to as well. @internal */
  protected override acceptNoMore(): Promise<{ readonly left: Promise<void> }> {
    for (const [door, attached] of this.doors) door.delete(attached);
    this.doors.clear();
    return super.acceptNoMore();
  }

  /** @internal */
  protected override begin(): void {
    super.begin();
    void this.reception.reading.make();
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
