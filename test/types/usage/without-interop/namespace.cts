// CommonJS without esModuleInterop: the namespace is the class.

import * as WebSocket from "ws";

const client: WebSocket = new WebSocket("ws://example.com");
const server = new WebSocket.Server({ port: 0 });
server.on("connection", (one: WebSocket) => one.readyState === WebSocket.OPEN && one.send(client.url));
