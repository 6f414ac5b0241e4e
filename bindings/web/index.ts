// The entry `wsimd/web`: WebSockets over pairs of streams, for whatever has some.

export * from "../server/index.ts";
export type { ServerHandlers, ServerOptions } from "../server/options.ts";
export type { UpgradeOffer } from "../server/upgrade-offer.ts";
export type { ClientHandlers } from "../socket/socket.ts";
export { type ConnectOptions, connect, type DialTarget, type StreamSource } from "./connect.ts";
export { type EndpointOptions, endpoint } from "./endpoint.ts";
export { type MessageStreams, messageStreams } from "./message-streams.ts";
export { createServer, type ServedFrom, Server } from "./server.ts";
export type { OctetReadable, OctetReader, OctetWritable, OctetWriter, StreamPair } from "./streams.ts";
export {
  type WebSocketCloseInfo,
  type WebSocketOpenInfo,
  WebSocketStream,
  type WebSocketStreamOptions,
} from "./websocket-stream.ts";
