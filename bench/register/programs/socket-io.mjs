// An application of Socket.IO: the event "m" goes back to whoever sent it, "p" to everybody as "m".

import { createServer } from "node:http";
import { Server } from "socket.io";
import { ready } from "./ready.mjs";

// No ping of Engine.IO's own may come between what is measured.
const NEVER_MS = 1_000_000_000;

const server = createServer();
const io = new Server(server, { transports: ["websocket"], pingInterval: NEVER_MS });
io.on("connection", (socket) => {
  socket.on("m", (data) => socket.emit("m", data));
  socket.on("p", (data) => io.emit("m", data));
});
server.listen(0, "127.0.0.1", () => ready(server.address().port));
