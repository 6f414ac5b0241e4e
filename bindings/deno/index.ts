// The entry `wsimd/deno`: a WebSocket server on Deno's sockets.

export type { BoundAddress } from "../runtime/server.ts";
export * from "../server/index.ts";
export type { ServerHandlers, ServerOptions } from "../server/options.ts";
export type { UpgradeOffer } from "../server/upgrade-offer.ts";
export type { ListenTarget, ListenTls } from "./listener.ts";
export { createServer, Server } from "./server.ts";
