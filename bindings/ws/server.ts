// ws's WebSocketServer: listens by an HTTP server of its own, on one that it is given, or takes upgrades that it is handed. RFC
// 6455 §4.2. Requests and sockets are Node's; what a request must have is upgrade.ts's to say.

import { EventEmitter } from "node:events";
import {
  createServer,
  type Server as HttpServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  STATUS_CODES,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { functionOption } from "../options.ts";
import {
  type CommonDefaults,
  type CommonOptions,
  commonDefaults,
  deflateOptionsOf,
  type SocketOptions,
  withDefaults,
} from "./options.ts";
import type { DeflateOptions } from "./permessage-deflate.ts";
import type { Extensions } from "./sender.ts";
import { prepareToRead } from "./transport.ts";
import { acceptHead, destroyOnError, judgeUpgrade, type Refusal, refuse, verify } from "./upgrade.ts";
import { type Keeper, WebSocket } from "./websocket.ts";

/** What `verifyClient` is asked about. */
export interface ClientInfo {
  readonly origin: string | undefined;
  readonly secure: boolean;
  readonly req: IncomingMessage;
}

export type Verdict = (isVerified: boolean, code?: number, message?: string, headers?: OutgoingHttpHeaders) => void;

export type VerifyClient = ((info: ClientInfo) => boolean) | ((info: ClientInfo, verdict: Verdict) => void);

export interface ServerOptions extends SocketOptions, CommonOptions {
  readonly backlog?: number | null | undefined;
  /** Whether `clients` has the connections; default true. */
  readonly clientTracking?: boolean | undefined;
  /** Chooses of the subprotocols that a client offers; default the first. */
  readonly handleProtocols?: ((protocols: Set<string>, request: IncomingMessage) => string | false) | null | undefined;
  readonly host?: string | null | undefined;
  readonly maxBufferedChunks?: number | undefined;
  readonly noServer?: boolean | undefined;
  readonly path?: string | null | undefined;
  readonly perMessageDeflate?: boolean | DeflateOptions | undefined;
  readonly port?: number | null | undefined;
  readonly server?: HttpServer | null | undefined;
  readonly verifyClient?: VerifyClient | null | undefined;
  /** The class of its connections; default WebSocket. */
  readonly WebSocket?: typeof WebSocket | undefined;
}

/** Options whose default is null. */
type NullOption = "backlog" | "handleProtocols" | "host" | "path" | "port" | "server" | "verifyClient";

interface ServerDefaults extends CommonDefaults, Pick<ServerOptions, NullOption> {
  readonly clientTracking: boolean;
  readonly noServer: boolean;
  readonly perMessageDeflate: boolean | DeflateOptions;
  readonly WebSocket: typeof WebSocket;
}

const serverDefaults: ServerDefaults = {
  ...commonDefaults,
  backlog: null,
  clientTracking: true,
  handleProtocols: null,
  host: null,
  noServer: false,
  path: null,
  perMessageDeflate: false,
  port: null,
  server: null,
  verifyClient: null,
  WebSocket,
};

/** Options that have been read: applications look at them, and change some. */
export type ReadServerOptions = Omit<ServerOptions, keyof ServerDefaults> & ServerDefaults;

const State = { Running: 0, Closing: 1, Closed: 2 } as const;

/** Sockets that are WebSockets: those of two servers that listen to one. */
const upgraded = new WeakSet<Duplex>();

export class WebSocketServer extends EventEmitter implements Keeper {
  /** Read at each upgrade: some are changed later. */
  options: ReadServerOptions;
  /** The open connections; undefined without `clientTracking`. */
  clients?: Set<WebSocket>;
  _server: HttpServer | null | undefined = undefined;
  _state: 0 | 1 | 2 = State.Running;
  private _stopListening: (() => void) | null = null;
  private _closesWithLast = false;

  /**
   * @param callback  called when an HTTP server of its own listens
   * @throws          TypeError unless exactly one of `port`, `server` and `noServer` is given, UsageError for a limit that is none
   */
  constructor(options?: ServerOptions, callback?: () => void) {
    super();
    const read = withDefaults(serverDefaults, options ?? ({} as ServerOptions));
    const { port, server, noServer } = read;
    const isListening = port !== null && port !== undefined;
    functionOption("verifyClient", read.verifyClient ?? undefined);
    if (Number(isListening) + Number(Boolean(server)) + Number(Boolean(noServer)) !== 1)
      throw new TypeError("exactly one of the options port, server and noServer must be given");
    const deflate = deflateOptionsOf(read.perMessageDeflate);
    this.options = { ...read, perMessageDeflate: deflate ?? false };
    if (read.clientTracking) this.clients = new Set();
    prepareToRead();
    if (isListening) {
      this._server = createServer(upgradeRequired);
      this._server.listen(port, read.host ?? undefined, read.backlog ?? undefined, callback);
    } else if (server) {
      this._server = server;
    }
    if (this._server) this._listenTo(this._server);
  }

  private _listenTo(server: HttpServer): void {
    const listeners = {
      listening: () => this.emit("listening"),
      error: (error: Error) => this.emit("error", error),
      upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) =>
        this.handleUpgrade(request, socket, head, (websocket) => this.emit("connection", websocket, request)),
    };
    for (const [event, listener] of Object.entries(listeners)) server.on(event, listener);
    this._stopListening = () => {
      for (const [event, listener] of Object.entries(listeners)) server.removeListener(event, listener);
    };
  }

  /** The bound address; null where nothing listens. @throws Error with `noServer` */
  address(): AddressInfo | string | null {
    if (this.options.noServer) throw new Error("a server with the option noServer has no address");
    return this._server ? this._server.address() : null;
  }

  /**
   * Stops accepting connections; those that are open stay. An HTTP server of its own is closed.
   *
   * @param callback  called once with the event `close`; with an error where it is closed already
   */
  close(callback?: (error?: Error) => void): void {
    if (this._state === State.Closed) {
      if (callback) this.once("close", () => callback(new Error("the server is closed already")));
      process.nextTick(() => this._closed());
      return;
    }
    if (callback) this.once("close", callback);
    if (this._state === State.Closing) return;
    this._state = State.Closing;
    const server = this._server;
    this._stopListening?.();
    this._stopListening = null;
    this._server = null;
    if (server && !this.options.server) server.close(() => this._closed());
    else if (this.clients !== undefined && this.clients.size !== 0) this._closesWithLast = true;
    else process.nextTick(() => this._closed());
  }

  private _closed(): void {
    this._state = State.Closed;
    this.emit("close");
  }

  /** Whether a request is this server's: by default by its path. */
  shouldHandle(request: IncomingMessage): boolean | Promise<boolean> {
    const { path } = this.options;
    return !path || request.url!.split("?", 1)[0] === path;
  }

  /**
   * Takes an upgrade: what a listener of an HTTP server's `upgrade` is given.
   *
   * @param callback  called with the open WebSocket, before this returns unless `verifyClient` takes its time
   */
  handleUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Uint8Array,
    callback: (websocket: WebSocket, request: IncomingMessage) => void,
  ): void {
    socket.on("error", destroyOnError);
    const { perMessageDeflate, maxPayload, verifyClient } = this.options;
    const upgrade = judgeUpgrade(request, perMessageDeflate as DeflateOptions | false, maxPayload, () =>
      this.shouldHandle(request) ? null : { status: 400 },
    );
    if ("status" in upgrade) {
      this._refuse(request, socket, upgrade);
      return;
    }
    verify(verifyClient, request, upgrade.origin, (refusal) => {
      if (refusal !== null) refuse(socket, refusal);
      else this.completeUpgrade(upgrade.extensions, upgrade.key, upgrade.protocols, request, socket, head, callback);
    });
  }

  /** An application that listens for `wsClientError` answers itself. */
  private _refuse(request: IncomingMessage, socket: Duplex, refusal: Refusal): void {
    const { fault } = refusal;
    if (fault === undefined || this.listenerCount("wsClientError") === 0) refuse(socket, refusal);
    else this.emit("wsClientError", new Error(fault), socket, request);
  }

  /** Accepts an upgrade that was judged; subclasses may do something before. */
  completeUpgrade(
    extensions: Extensions,
    key: string,
    protocols: Set<string>,
    request: IncomingMessage,
    socket: Duplex,
    head: Uint8Array,
    callback: (websocket: WebSocket, request: IncomingMessage) => void,
  ): void {
    if (upgraded.has(socket)) throw new Error("handleUpgrade: this socket is a WebSocket's already");
    if (!socket.readable || !socket.writable) {
      socket.destroy(); // its peer is gone, or going
      return;
    }
    if (this._state !== State.Running) {
      refuse(socket, { status: 503 });
      return;
    }
    const options = this.options;
    const websocket = new (options.WebSocket ?? WebSocket)(null, undefined, options as never);
    websocket._protocol = this._protocolOf(protocols, request);
    websocket._extensions = extensions;
    const headers = acceptHead(key, websocket._protocol, extensions);
    this.emit("headers", headers, request);
    socket.write(`${headers.join("\r\n")}\r\n\r\n`);
    socket.removeListener("error", destroyOnError);
    upgraded.add(socket);
    websocket.setSocket(socket, head, options);
    this._keep(websocket);
    callback(websocket, request);
  }

  /** §4.2.2: one of those offered, or none. */
  private _protocolOf(protocols: Set<string>, request: IncomingMessage): string {
    const { handleProtocols } = this.options;
    if (protocols.size === 0) return "";
    const [first] = protocols;
    return (handleProtocols ? handleProtocols(protocols, request) : first) || "";
  }

  private _keep(websocket: WebSocket): void {
    if (this.clients === undefined) return;
    this.clients.add(websocket);
    websocket._keptBy(this);
  }

  /** A WebSocket is closed. @internal */
  _forget(websocket: WebSocket): void {
    this.clients!.delete(websocket);
    if (this._closesWithLast && this.clients!.size === 0) process.nextTick(() => this._closed());
  }
}

/** RFC 9110 §15.5.22: what is no upgrade is told to be one. */
const upgradeRequired: Parameters<typeof createServer>[1] = (_request, response) => {
  const body = STATUS_CODES[426]!;
  response.writeHead(426, { "Content-Length": body.length, "Content-Type": "text/plain" });
  response.end(body);
};
