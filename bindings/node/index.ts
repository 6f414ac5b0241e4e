// The entry `wsimd/node`: a WebSocket server on Node's net sockets, and clients.

export type { ResponseHead } from "../handshake/index.ts";
export { zlibProvider, zlibStreams } from "../runtime/zlib.ts";
export * from "../server/index.ts";
export type { ClientHandlers } from "../socket/socket.ts";
export type { AnyHttpServer } from "./attachment.ts";
export type { WebSocketOptions } from "./client/arguments.ts";
export { type ConnectOptions, connect } from "./client/connect.ts";
export type { EventHandler, WebSocketEventMap } from "./client/event-handlers.ts";
export type { CloseEvent, ErrorEvent, MessageEvent } from "./client/events.ts";
export type { DialTarget, OpeningOptions } from "./client/options.ts";
export type { BlobLike, Sendable } from "./client/send-queue.ts";
export { WebSocket } from "./client/websocket.ts";
export type { Incoming } from "./knock.ts";
export type { BoundAddress, ListenTarget } from "./listener.ts";
export type { AttachOptions } from "./path-option.ts";
export {
  createServer,
  Server,
  type ServerHandlers,
  type ServerOptions,
  type UpgradeOffer,
} from "./server.ts";
