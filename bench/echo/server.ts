// One echo server in a process of its own: `node server.js wsimd` or `ws`. It tells the bench its port.

import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { createServer } from "../../bindings/node/index.ts";
import { ready } from "../ready.ts";

async function listenWsimd(): Promise<number> {
  const server = createServer({
    message(socket, data, isBinary) {
      socket.send(data, { binary: isBinary });
    },
  });
  return ((await server.listen({ port: 0, host: "127.0.0.1" })) as AddressInfo).port;
}

async function listenWs(): Promise<number> {
  const server = new WebSocketServer({
    port: 0,
    host: "127.0.0.1",
    perMessageDeflate: false,
    allowSynchronousEvents: true,
  });
  server.on("connection", (socket) => {
    socket.on("message", (data, isBinary) => {
      socket.send(isBinary ? data : data.toString(), { binary: isBinary });
    });
  });
  await new Promise((resolve) => server.once("listening", resolve));
  return (server.address() as AddressInfo).port;
}

const port = await (process.argv[2] === "ws" ? listenWs() : listenWsimd());
ready({ port });
