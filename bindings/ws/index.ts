// The entry `wsimd/ws`: the API of the package ws on wsimd's Connection. docs/ws-api.md has its members, and what differs.

import api from "./commonjs.ts";

export { extension, subprotocol } from "./extension.ts";
export { PerMessageDeflate } from "./permessage-deflate.ts";
export { Receiver } from "./receiver.ts";
export { Sender } from "./sender.ts";
export { WebSocketServer, WebSocketServer as Server } from "./server.ts";
export { createWebSocketStream } from "./stream.ts";
export { WebSocket } from "./websocket.ts";
export default api;
