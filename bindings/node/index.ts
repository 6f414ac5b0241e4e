// The entry `wsimd/node`: a WebSocket server on Node's net sockets.

export type { ReadyState, SendOptions } from "../connection/connection.ts";
export type { RequestHead } from "../handshake/index.ts";
export { Clock, type TimerSource } from "./clock.ts";
export type { HttpResponse } from "./http-answer.ts";
export { type BoundAddress, createServer, Server } from "./server.ts";
export type { ServerHandlers, ServerOptions } from "./server-options.ts";
export { Socket } from "./socket.ts";
