// The `ws` package, as server and as client, as it comes and with its limit on fragments raised.

import { createRequire } from "node:module";
import { type ServerOptions, WebSocket, WebSocketServer } from "ws";
import type { ClientSubject, ServerSubject } from "../subject.ts";

const { version } = createRequire(import.meta.url)("ws/package.json") as { readonly version: string };

const MAX_MESSAGE_LENGTH = 64 * 1024 * 1024;

function wsServer(name: string, limits: ServerOptions & { readonly maxFragments?: number }): ServerSubject {
  return {
    name,
    version,
    role: "server",
    async start(compresses) {
      const options = { port: 0, host: "127.0.0.1", maxPayload: MAX_MESSAGE_LENGTH };
      const server = new WebSocketServer({ ...options, perMessageDeflate: compresses, ...limits });
      server.on("connection", (socket) => {
        socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
        socket.on("error", () => {});
      });
      await new Promise<void>((resolve, reject) => server.once("listening", resolve).once("error", reject));
      const { port } = server.address() as { readonly port: number };
      return {
        url: `ws://127.0.0.1:${port}`,
        stop() {
          for (const socket of server.clients) socket.terminate();
          return new Promise((resolve) => server.close(() => resolve()));
        },
      };
    },
  };
}

export const wsServerDefault: ServerSubject = wsServer("ws server", {});

/** 0 is no limit. */
export const wsServerRaised: ServerSubject = wsServer("ws server, maxFragments 0", { maxFragments: 0 });

export const wsClient: ClientSubject = {
  name: "ws client",
  version,
  role: "client",
  run(url, compresses) {
    const socket = new WebSocket(url, { perMessageDeflate: compresses });
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
    socket.on("error", () => {}); // `close` follows
    return new Promise((resolve) => socket.on("close", () => resolve()));
  },
};
