// How a server is constructed, where it listens, and what it tells of itself.

import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createNetServer } from "node:net";
import type { Loose } from "../../implementations.ts";
import type { Scenarios } from "../../scenario.ts";
import { callback, closed, dial, listen, pair, shut, thrown } from "../../support.ts";

export const scenarios: Scenarios = {
  "one and only one of port, server and noServer": {
    covers: ["new WebSocketServer", "server option port", "server option server", "server option noServer"],
    sides: "server",
    async run({ server: { WebSocketServer }, log }) {
      const server = createServer();
      const wrong: Record<string, object | undefined> = {
        nothing: undefined,
        "no field": {},
        "port undefined": { port: undefined },
        "port null": { port: null },
        "port and server": { port: 0, server },
        "port and noServer": { port: 0, noServer: true },
        "server and noServer": { server, noServer: true },
        "all three": { port: 0, server, noServer: true },
      };
      for (const [name, options] of Object.entries(wrong))
        log(
          "server",
          name,
          thrown(() => new WebSocketServer(options)),
        );
    },
  },

  "port 0 is a free port, told by address(); the callback is a listener of 'listening'": {
    covers: [
      "new WebSocketServer",
      "server option port",
      "server option host",
      "server.address",
      "server event listening",
    ],
    sides: "server",
    async run({ server: { WebSocketServer }, log, later }) {
      const order: string[] = [];
      const wss = new WebSocketServer({ port: 0, host: "127.0.0.1" }, () => order.push("callback"));
      later(() => shut(wss));
      wss.on("listening", () => order.push("event"));
      log("server", "address before", wss.address());
      await once(wss, "listening");
      const { address, family, port } = wss.address();
      log("server", "address", address, family, port > 0, order.sort());
      log("server", "clients", wss.clients);
    },
  },

  "address() of a server without a server of its own throws": {
    covers: ["server.address", "server option noServer"],
    sides: "server",
    async run({ server: { WebSocketServer }, log, later }) {
      const wss = new WebSocketServer({ noServer: true });
      later(() => shut(wss));
      log(
        "server",
        thrown(() => wss.address()),
      );
      const http = createServer();
      const attached = new WebSocketServer({ server: http });
      log("server", "not listening yet", attached.address());
      await shut(attached);
      log("server", "after close", attached.address());
    },
  },

  "a port that is taken is an 'error', and no 'listening'": {
    covers: ["server event error", "server option port", "server option backlog"],
    sides: "server",
    async run({ server: { WebSocketServer }, log, later }) {
      const holder = createNetServer().listen(0, "127.0.0.1");
      await once(holder, "listening");
      later(() => holder.close());
      const { port } = holder.address() as { port: number };
      const wss = new WebSocketServer({ port, host: "127.0.0.1", backlog: 10 });
      wss.on("listening", callback(log, "server", "listening"));
      const [error] = await once(wss, "error");
      log("server", "error", error, (error as { syscall?: string }).syscall);
      await new Promise<void>((resolve) =>
        wss.close((problem: unknown) => {
          log("server", "closed", problem);
          resolve();
        }),
      );
    },
  },

  "a server and a client hold the properties that programs look at": {
    covers: ["server.clients", "ready state constants", "server event connection", "event open"],
    async run(scene) {
      const { log } = scene;
      const { wss, served, client, request } = await pair(scene);
      log("server", "clients", wss.clients instanceof Set, wss.clients.size, wss.clients.has(served));
      log("server", "request", request.url, request.headers.upgrade, request.method);
      for (const [actor, socket] of [
        ["server", served],
        ["client", client],
      ] as const) {
        const { readyState, protocol, extensions, binaryType, bufferedAmount, isPaused } = socket;
        log(actor, { readyState, protocol, extensions, binaryType, bufferedAmount, isPaused });
        log(actor, "states", socket.CONNECTING, socket.OPEN, socket.CLOSING, socket.CLOSED);
        log(actor, "instance", socket instanceof (actor === "server" ? scene.server : scene.client).WebSocket);
      }
      log("server", "url", served.url);
      log("client", "url", /^ws:\/\/127\.0\.0\.1:\d+\/$/.test(client.url));
      const { CONNECTING, OPEN, CLOSING, CLOSED } = scene.client.WebSocket;
      log("client", "of the class", CONNECTING, OPEN, CLOSING, CLOSED);
      client.close();
      await Promise.all([closed(client), closed(served)]);
      log("server", "clients after close", wss.clients.size);
    },
  },

  "clientTracking false has no clients, and close() waits for none": {
    covers: ["server option clientTracking", "server.clients", "server.close", "server event close"],
    async run(scene) {
      const { log } = scene;
      const http = createServer().listen(0, "127.0.0.1");
      await once(http, "listening");
      const wss = new scene.server.WebSocketServer({ server: http, clientTracking: false });
      log("server", "clients", wss.clients);
      const { port } = http.address() as { port: number };
      const connected = once(wss, "connection") as Promise<Loose[]>;
      const client = dial(scene, `ws://127.0.0.1:${port}`);
      await once(client, "open");
      const [served] = await connected;
      await new Promise<void>((resolve) => wss.close(resolve));
      log("server", "closed, while its socket is in", served.readyState);
      client.close();
      await Promise.all([closed(client), closed(served)]);
      await new Promise((resolve) => http.close(resolve));
      log("server", "then", served.readyState);
    },
  },

  "the class of the option WebSocket is constructed for each connection": {
    covers: ["server option WebSocket"],
    async run(scene) {
      const { log } = scene;
      class Mine extends scene.server.WebSocket {
        readonly count: number;
        constructor(...values: [address: unknown, protocols: unknown, options: { maxPayload: number }]) {
          super(...values);
          this.count = values.length;
          const [address, protocols, options] = values;
          log("server", "constructed with", address, protocols, typeof options, options.maxPayload);
        }
        greet(): void {
          (this as Loose).send("mine");
        }
      }
      const { served, client } = await pair(scene, {
        server: { WebSocket: Mine, maxPayload: 1000 },
        accept: (served) => served.greet(),
        dialled: (client) => client.on("message", callback(log, "client", "message")),
      });
      log("server", served instanceof Mine, served instanceof scene.server.WebSocket, served.count);
      client.close();
      await closed(client);
    },
  },

  "the exports belong together": {
    covers: ["new WebSocket", "new WebSocketServer", "createWebSocketStream"],
    sides: "server",
    async run({ server, log }) {
      const { default: main, WebSocket, WebSocketServer } = server;
      log("server", "default", main === WebSocket, main.WebSocket === WebSocket, main.Server === WebSocketServer);
      for (const name of [
        "createWebSocketStream",
        "Receiver",
        "Sender",
        "WebSocketServer",
        "PerMessageDeflate",
      ] as const)
        log("server", name, main[name] === server[name], typeof server[name]);
      log("server", "extension", Object.keys(server.extension).sort(), main.extension === server.extension);
      log("server", "subprotocol", Object.keys(server.subprotocol).sort(), main.subprotocol === server.subprotocol);
      log("server", "names", WebSocket.name, WebSocketServer.name, server.Receiver.name, server.Sender.name);
      log("server", "without new", String(thrown(() => WebSocket("ws://127.0.0.1"))).split(":")[0]);
    },
  },

  "the options are kept, with the defaults that they leave": {
    covers: ["new WebSocketServer"],
    sides: "server",
    async run(scene) {
      const { wss } = await listen(scene, { maxPayload: 5, perMessageDeflate: true });
      const { WebSocket, port, maxBufferedChunks, maxFragments, ...options } = wss.options;
      scene.log("server", options);
      scene.log("server", WebSocket === scene.server.WebSocket, port);
    },
  },

  "the default limits of a message's parts": {
    covers: ["option maxBufferedChunks", "option maxFragments"],
    sides: "server",
    async run(scene) {
      const { maxBufferedChunks, maxFragments } = new scene.server.WebSocketServer({ noServer: true }).options;
      scene.log("server", maxBufferedChunks, maxFragments);
    },
    differs: [
      {
        reason: "memory is bounded by octets: what a message's fragments and chunks take is not more for their number",
        side: "server",
        transcript: { server: ["0 0"] },
      },
    ],
  },
};
