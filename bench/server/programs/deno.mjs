// Deno's own server: deno run -A deno.mjs SETTINGS

import { collect } from "./collect.mjs";
import { ready, settings } from "./program.mjs";

const { answer, tls } = settings;
const sockets = new Set();

const handlersOf = (socket) => ({
  echo({ data }) {
    socket.send(data);
  },
  async await({ data }) {
    await null;
    socket.send(data);
  },
  publish({ data }) {
    for (const each of sockets) each.send(data);
  },
});

const where = { hostname: "127.0.0.1", port: 0, ...(tls ?? {}) };
Deno.serve({ ...where, onListen: ({ port }) => ready(port, collect) }, (request) => {
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
  socket.binaryType = "arraybuffer";
  socket.onmessage = handlersOf(socket)[answer];
  if (answer === "publish") {
    socket.onopen = () => sockets.add(socket);
    socket.onclose = () => sockets.delete(socket);
  }
  return response;
});
