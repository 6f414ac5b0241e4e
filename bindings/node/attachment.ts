// Who is attached to an HTTP server: one door a server, which hears its upgrades and its extended CONNECTs and hands each to
// the first WebSocket server that claims it. What nobody claims is left to whoever else listens, or turned away. Doors are
// shared by the builds of a program, so that each request is heard once, and stay where they are: who listens, and in which
// order, is looked at when a request comes.

import { Server as HttpServer, type IncomingMessage } from "node:http";
import type { Http2SecureServer, Http2Server, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import { Server as HttpsServer } from "node:https";
import type { Socket as NetSocket } from "node:net";
import { HandshakeError, UsageError } from "../errors/classes.ts";
import { parseExtendedConnect } from "../handshake/extended-connect.ts";
import { quote } from "../handshake/faults.ts";
import { handshakeError, headerFields } from "../handshake/index.ts";
import { includesWebsocket } from "../handshake/upgrade.ts";
import { http1Replies } from "../server/replies.ts";
import { share } from "../share.ts";
import { http2Replies } from "./http2-replies.ts";
import { enableConnectProtocol } from "./http2-settings.ts";
import { ignoreUpgrade } from "./ignored-upgrade.ts";
import { turnAway } from "./unclaimed.ts";

/** A WebSocket server, as a door sees it: perhaps one of another build, so that nothing of ours is handed over. */
export interface Attached {
  /** Takes what an `upgrade` listener is given if it is its own. */
  upgrade(request: IncomingMessage, socket: NetSocket, head: Uint8Array): boolean;
  /** Takes an extended CONNECT if it is its own. */
  connect(stream: ServerHttp2Stream, rawHeaders: readonly string[]): boolean;
  /** The client of a session of HTTP/2 says that it is going away. */
  sessionEnds(session: object): void;
}

/** The HTTP servers that a WebSocket server can be attached to. */
export type AnyHttpServer = HttpServer | HttpsServer | Http2Server | Http2SecureServer;

const isHttp2 = (server: object): server is Http2Server => "updateSettings" in server;

export class Door {
  private readonly server: AnyHttpServer;
  private readonly attached = new Set<Attached>();

  constructor(server: AnyHttpServer) {
    this.server = server;
    const emitter = server as HttpServer; // whose events these are; the types of HTTP/2 know them not
    emitter.on("upgrade", (request, socket, head) => this.upgrade(request, socket as NetSocket, head));
    if (!isHttp2(server)) return;
    server.on("stream", (stream, headers, _flags, rawHeaders?: string[]) => {
      if (headers[":method"] === "CONNECT")
        this.connect(stream, headers[":protocol"] as string | undefined, rawHeaders!);
    });
    // Where there are `request` listeners Node refuses every CONNECT, unless somebody listens for it.
    emitter.on("connect", () => {});
    server.on("session", (session: ServerHttp2Session) => {
      session.once("goaway", () => {
        for (const one of this.attached) one.sessionEnds(session);
      });
    });
  }

  /** @throws UsageError where it is attached already */
  add(attached: Attached): void {
    if (this.attached.has(attached)) throw new UsageError("WS_ARGUMENT", "attach: attached to this server already");
    if (isHttp2(this.server)) enableConnectProtocol(this.server);
    this.attached.add(attached);
  }

  delete(attached: Attached): void {
    this.attached.delete(attached);
  }

  private upgrade(request: IncomingMessage, socket: NetSocket, head: Uint8Array): void {
    const hasOthers = this.server.listenerCount("upgrade") > 1;
    try {
      const headers = headerFields(request.rawHeaders); // throws where Node, told to be lenient, let pass what no head has
      if (includesWebsocket(headers) || headers.has("sec-websocket-key")) {
        for (const one of this.attached) if (one.upgrade(request, socket, head)) return;
        if (hasOthers) return;
        throw handshakeError("WS_HANDSHAKE_NOT_FOUND");
      }
      if (hasOthers || ignoreUpgrade(this.server as HttpServer, request, socket)) return;
      throw handshakeError("WS_HANDSHAKE_UPGRADE");
    } catch (error) {
      if (!(error instanceof HandshakeError)) throw error;
      if (!hasOthers) turnAway(socket, http1Replies, error);
    }
  }

  private connect(stream: ServerHttp2Stream, protocol: string | undefined, rawHeaders: readonly string[]): void {
    if (stream.destroyed || stream.headersSent) return; // somebody else was first
    const { hasOthersForConnect: hasOthers } = this;
    try {
      if (protocol === undefined) throw handshakeError("WS_HANDSHAKE_METHOD", "found CONNECT");
      // RFC 9220 §3: what is asked for is not spoken here
      if (protocol !== "websocket") throw handshakeError("WS_HANDSHAKE_CONNECT_PROTOCOL", `found ${quote(protocol)}`);
      parseExtendedConnect(rawHeaders); // throws for fields that are no request's
      for (const one of this.attached) if (one.connect(stream, rawHeaders)) return;
      throw handshakeError("WS_HANDSHAKE_NOT_FOUND");
    } catch (error) {
      if (!(error instanceof HandshakeError)) throw error;
      if (!hasOthers) turnAway(stream, http2Replies(stream), error);
    }
  }

  /** Node itself listens for streams where there are `request` listeners. */
  private get hasOthersForConnect(): boolean {
    const { server } = this;
    const ownCount = server.listenerCount("request") === 0 ? 1 : 2;
    return server.listenerCount("stream") > ownCount || server.listenerCount("connect") > 1;
  }
}

const doors: WeakMap<object, Door> = /*#__PURE__*/ share("doors", new WeakMap<object, Door>());

/** The door of an HTTP server. @throws UsageError for anything else */
export function doorOf(server: unknown): Door {
  const isServer =
    server instanceof HttpServer ||
    server instanceof HttpsServer ||
    (typeof server === "object" && server !== null && isHttp2(server));
  if (!isServer) {
    throw new UsageError(
      "WS_ARGUMENT",
      `attach takes a server of node:http, node:https or node:http2, not ${quote(server)}; a framework's is what its \`listen\` ` +
        "returns, or its property `server`",
    );
  }
  let door = doors.get(server);
  if (door === undefined) {
    door = new Door(server);
    doors.set(server, door);
  }
  return door;
}
