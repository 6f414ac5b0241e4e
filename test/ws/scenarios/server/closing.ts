// The end of a server: what it waits for, whom it tells, and what comes after it.

import { once } from "node:events";
import { createServer } from "node:http";
import type { Loose } from "../../implementations.ts";
import type { Scenarios } from "../../scenario.ts";
import { callback, closed, dial, drop, listen, pair, turns } from "../../support.ts";

export const scenarios: Scenarios = {
  "close() without clients calls back, with no error, in a later turn": {
    covers: ["server.close", "server event close"],
    sides: "server",
    async run(scene) {
      const { log } = scene;
      for (const options of [{}, { clientTracking: false }]) {
        const { wss } = await listen(scene, options);
        wss.on("close", callback(log, "server", "event close"));
        log("server", "returns", wss.close(callback(log, "server", "callback")));
        log("server", "address right after", wss.address());
        await once(wss, "close");
        wss.removeAllListeners("close");
      }
    },
  },

  "close() of a server without a server of its own": {
    covers: ["server.close", "server option noServer", "server option server"],
    sides: "server",
    async run({ server: { WebSocketServer }, log }) {
      const server = createServer();
      for (const options of [{ noServer: true }, { server }, { noServer: true, clientTracking: false }]) {
        const wss = new WebSocketServer(options);
        wss.on("close", callback(log, "server", "event close"));
        wss.close(callback(log, "server", "callback"));
        log("server", "close() returned");
        process.nextTick(() => log("server", "a tick later"));
        await turns(2);
      }
    },
  },

  "close() a second time": {
    covers: ["server.close", "server event close"],
    sides: "server",
    async run(scene) {
      const { log } = scene;
      const { wss } = await listen(scene);
      wss.on("close", callback(log, "server", "event close"));
      wss.close(callback(log, "server", "first"));
      wss.close(callback(log, "server", "while closing"));
      await once(wss, "close");
      wss.close((error: unknown) => log("server", "when closed", error, (error as Error).message));
      await once(wss, "close");
      wss.close();
      await once(wss, "close");
    },
  },

  "close() leaves connections open, and waits for them": {
    covers: ["server.close", "server.clients"],
    async run(scene) {
      const { log } = scene;
      const { wss, served, client, url } = await pair(scene);
      let isClosed = false;
      wss.close(() => {
        isClosed = true;
        log("close() of the server", "called back");
      });
      await turns();
      log("server", "still open", served.readyState, isClosed);
      const late = dial(scene, url);
      const [error] = await once(late, "error");
      log("late", error);
      served.on("close", callback(log, "server", "close of the last"));
      client.send("still works");
      const [data] = await once(served, "message");
      log("server", "message", data);
      client.close();
      await Promise.all([once(wss, "close"), closed(served)]);
    },
  },

  "a server without a server of its own waits for its clients too": {
    covers: ["server.close", "server option server"],
    async run(scene) {
      const { log } = scene;
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      const wss = new scene.server.WebSocketServer({ server });
      const connected = once(wss, "connection") as Promise<Loose[]>;
      const client = dial(scene, `ws://127.0.0.1:${(server.address() as { port: number }).port}`);
      await once(client, "open");
      const [served] = await connected;
      wss.close(callback(log, "server", "callback"));
      await turns();
      log("server", "http server goes on", server.listening, served.readyState, server.listenerCount("upgrade"));
      served.on("close", callback(log, "server", "close of the last"));
      client.terminate();
      await once(wss, "close");
      await new Promise((resolve) => server.close(resolve));
    },
  },

  "each client is in clients until its close event": {
    covers: ["server.clients", "event close"],
    async run(scene) {
      const { log } = scene;
      const { wss, url } = await listen(scene);
      const closing: Promise<unknown>[] = [];
      wss.on("connection", (served: Loose) => {
        served.on("close", () => log("server", "in clients during close", wss.clients.has(served)));
        closing.push(closed(served));
      });
      const clients: Loose[] = [];
      for (let count = 0; count < 3; count++) {
        const client = dial(scene, url);
        clients.push(client);
        await once(client, "open");
      }
      log("server", "clients", wss.clients.size);
      clients[0].close();
      await closing[0];
      log("server", "clients", wss.clients.size);
      for (const served of wss.clients) served.terminate();
      log("server", "right after terminate()", wss.clients.size);
      await Promise.all(closing);
      log("server", "clients", wss.clients.size);
      for (const client of clients) drop(client);
    },
  },

  "close() before the server listens": {
    covers: ["server.close", "server event listening"],
    sides: "server",
    async run({ server: { WebSocketServer }, log }) {
      const wss = new WebSocketServer({ port: 0, host: "127.0.0.1" });
      wss.on("listening", callback(log, "server", "listening"));
      wss.on("close", callback(log, "server", "event close"));
      await new Promise<void>((resolve) =>
        wss.close((error: unknown) => {
          log("server", "callback", error);
          resolve();
        }),
      );
      await turns();
    },
  },
};
