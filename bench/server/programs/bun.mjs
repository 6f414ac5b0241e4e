// Bun's own server: bun bun.mjs SETTINGS

import { ready, settings } from "./program.mjs";

const { answer, tls } = settings;

const handlers = {
  echo(socket, data) {
    socket.send(data);
  },
  async await(socket, data) {
    await null;
    socket.send(data);
  },
  publish(_socket, data) {
    server.publish("everybody", data);
  },
};

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  ...(tls === null ? {} : { tls }),
  fetch(request, server) {
    return server.upgrade(request) ? undefined : new Response("a WebSocket is wanted", { status: 426 });
  },
  websocket: {
    maxPayloadLength: 2 ** 26,
    backpressureLimit: 2 ** 26,
    perMessageDeflate: false,
    ...(answer === "publish" ? { open: (socket) => socket.subscribe("everybody") } : {}),
    message: handlers[answer],
  },
});
ready(server.port, () => Bun.gc(true));
