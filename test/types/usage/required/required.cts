// CommonJS: the class is what is required, all else is on it.

import type { IncomingMessage } from "node:http";

import WebSocket = require("ws");

import { createWebSocketStream, WebSocket as Named, Server, WebSocketServer } from "ws";

const server: WebSocket.Server = new WebSocket.Server({ port: 0 });
const same: WebSocket.WebSocketServer = new WebSocket.WebSocketServer({ noServer: true, clientTracking: false });
server.on("connection", (client: WebSocket, request: IncomingMessage) => {
  WebSocket.createWebSocketStream(client).end(request.url);
});

class Client extends WebSocket.WebSocket {
  name = "";
}
const generic: WebSocket.Server<typeof Client> = new WebSocket.Server<typeof Client>({ port: 0, WebSocket: Client });
generic.on("connection", ({ name }) => name.length);

const client: WebSocket.WebSocket = new WebSocket.WebSocket("ws://example.com");
const named: Named = new Named("ws://example.com");
const event = (data: WebSocket.RawData): string => (data instanceof Buffer ? data.toString("hex") : "");
client.on("message", event);
const verify: WebSocket.VerifyClientCallbackAsync = (_, callback) => callback(true);
const options: WebSocket.ServerOptions = { verifyClient: verify };
const address: WebSocket.AddressInfo | string | null = server.address();
export = {
  address,
  named,
  options,
  same,
  createWebSocketStream,
  servers: [new Server(options), new WebSocketServer()],
};
