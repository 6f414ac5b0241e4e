// The entry `wsimd/bun`: a WebSocket server on Bun's sockets.

export type { ServerOptions } from "../runtime/chunk-server.ts";
export type { BoundAddress } from "../runtime/server.ts";
export * from "../server/index.ts";
export type { ServerHandlers } from "../server/options.ts";
export type { UpgradeOffer } from "../server/upgrade-offer.ts";
export type { ListenTarget, ListenTls } from "./listener.ts";
export { createServer, Server } from "./server.ts";
