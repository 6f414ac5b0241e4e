// An echo server on ws; see ../programs.ts for what each path does.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { WebSocketServer } from "ws";

const [certificate, key] = process.argv.slice(2);
const http =
  certificate === undefined
    ? createServer()
    : createTlsServer({ cert: readFileSync(certificate), key: readFileSync(key) });

const server = new WebSocketServer({
  server: http,
  maxPayload: 2 ** 26,
  perMessageDeflate: true,
  handleProtocols: (offered) => offered.has("b.v2") && "b.v2",
});

server.on("connection", (socket, { url, headers }) => {
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  socket.on("pong", (data) => socket.send(`answered: ${data}`));
  socket.on("close", (code, reason) => console.log(`closed ${code} ${reason}`));
  if (url === "/ping") socket.ping("there?");
  else if (url === "/close") socket.close(4001, "voll: 満員");
  else if (url === "/offer") socket.send(headers["sec-websocket-extensions"] ?? "none");
});

http.listen(0, "127.0.0.1", () => console.log(http.address().port));
