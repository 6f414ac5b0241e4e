// An application of ws: it sends back what it is sent, and to everybody at "/publish".

import { WebSocketServer } from "ws";
import { ready } from "./ready.mjs";

const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
server.on("connection", (socket, { url }) => {
  if (url === "/publish")
    socket.on("message", (data, isBinary) => {
      for (const client of server.clients) client.send(data, { binary: isBinary });
    });
  else socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
});
server.on("listening", () => ready(server.address().port));
