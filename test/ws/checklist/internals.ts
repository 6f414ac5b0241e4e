// Names that ws does not document and that packages use all the same.

import { createServer } from "node:http";
import { implementation } from "./reflected.ts";

export interface Internal {
  readonly name: string;
  readonly usedBy: string;
  readonly isPresent: boolean;
}

/** On a socket without a connection, as `new WebSocket(null)` makes one. */
const socket = () => new implementation.WebSocket(null, undefined, {});
const server = () => new implementation.WebSocketServer({ noServer: true });

const list: readonly (readonly [name: string, usedBy: string, isPresent: () => boolean])[] = [
  ["`websocket._socket`", "engine.io (`remoteAddress`), engine.io-client (`unref`)", () => "_socket" in socket()],
  [
    "`websocket._sender.sendFrame`",
    "engine.io, socket.io-adapter",
    () => "_sender" in socket() && "sendFrame" in implementation.Sender.prototype,
  ],
  [
    "`Sender.frame`",
    "socket.io-adapter: one frame for many sockets",
    () => typeof implementation.Sender.frame === "function",
  ],
  ["`websocket.setSocket`", "@fastify/websocket (`injectWS`)", () => typeof socket().setSocket === "function"],
  ["`websocket._isServer`", "@fastify/websocket (`injectWS`), before `setSocket`", () => "_isServer" in socket()],
  ["`websocket._readyState`", "programs that mark a socket as closed", () => "_readyState" in socket()],
  [
    "`server.options`",
    "graphql-ws, which sets `handleProtocols` later; @web/dev-server-core",
    () => "options" in server(),
  ],
  ["`server._server`", "livereload", () => "_server" in new implementation.WebSocketServer({ server: createServer() })],
  ["`server.completeUpgrade`", "classes that extend the server", () => typeof server().completeUpgrade === "function"],
];

export const internals = (): Internal[] =>
  list.map(([name, usedBy, isPresent]) => ({ name, usedBy, isPresent: isPresent() }));
