// A server on somebody else's HTTP server, and one without any.

import { once } from "node:events";
import { createServer, get, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { Duplex } from "node:stream";
import { cert, key } from "../../../support/certificate.ts";
import type { Loose } from "../../implementations.ts";
import type { Scenarios, Scene } from "../../scenario.ts";
import { callback, closed, dial, shut, thrown } from "../../support.ts";
import { rawConnect, requestText } from "../../wire.ts";
import { ask } from "./requests.ts";

async function listening(scene: Scene, server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  scene.later(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

export const scenarios: Scenarios = {
  "an HTTP server goes on answering requests, and shares its events": {
    covers: ["server option server", "server event listening", "server event error", "server.address"],
    async run(scene) {
      const { log } = scene;
      const server = createServer((_, response) => response.end("plain"));
      const wss = new scene.server.WebSocketServer({ server, path: "/ws" });
      wss.on("listening", callback(log, "server", "listening"));
      wss.on("error", callback(log, "server", "error"));
      const names = ["listening", "error", "upgrade", "request", "close", "connection"];
      const counts = () => names.map((name) => server.listenerCount(name));
      log("server", "listeners", counts());
      const port = await listening(scene, server);
      scene.later(() => shut(wss));
      log("server", "same address", wss.address().port === port);
      const response: Loose = await new Promise((resolve) => get({ port, agent: false }, resolve));
      log("peer", response.statusCode, String(await response.toArray()));
      wss.once("connection", (served: Loose) => served.close(4000));
      const client = dial(scene, `ws://127.0.0.1:${port}/ws`);
      log("client", "close", ...(await closed(client)));
      server.emit("error", new Error("mine"));
      await shut(wss);
      log("server", "listeners after close", counts(), server.listening);
    },
  },

  "any other path of the HTTP server is 400": {
    covers: ["server option server", "server option path"],
    sides: "server",
    async run(scene) {
      const server = createServer();
      const first = new scene.server.WebSocketServer({ server, path: "/one" });
      const port = await listening(scene, server);
      scene.later(() => shut(first));
      await ask(scene, port, "/two", requestText({}, "GET /two HTTP/1.1"));
      await ask(scene, port, "/one", requestText({}, "GET /one HTTP/1.1"));
    },
  },

  "over TLS the client's info is secure": {
    covers: ["server option server", "server option verifyClient", "new WebSocket"],
    async run(scene) {
      const server = createSecureServer({ cert, key });
      const verifyClient = (info: Loose) => {
        scene.log("server", "secure", info.secure);
        return true;
      };
      const wss = new scene.server.WebSocketServer({ server, verifyClient });
      const port = await listening(scene, server);
      scene.later(() => shut(wss));
      wss.on("connection", (served: Loose) => {
        served.on("message", (data: unknown, isBinary: boolean) => served.send(data, { binary: isBinary }));
        served.on("close", callback(scene.log, "server", "close"));
      });
      const client = dial(scene, `wss://127.0.0.1:${port}`, { ca: cert });
      await once(client, "open");
      client.send(Buffer.alloc(100_000, 7));
      const [data, isBinary] = await once(client, "message");
      scene.log("client", "message", data, isBinary);
      client.close(1000, "over TLS");
      scene.log("client", "close", ...(await closed(client)));
      const refused = dial(scene, `wss://127.0.0.1:${port}`);
      const [error] = await once(refused, "error");
      scene.log("client", "not trusted", error);
    },
  },

  "without a server, handleUpgrade() calls back before it returns": {
    covers: ["server option noServer", "server.handleUpgrade", "server event connection"],
    async run(scene) {
      const server = createServer();
      const wss = new scene.server.WebSocketServer({ noServer: true });
      wss.on("connection", (...values: unknown[]) => scene.log("server", "connection", values.length));
      server.on("upgrade", (request, socket, head) => {
        scene.log("server", "upgrade", request.url);
        const returned = wss.handleUpgrade(request, socket, head, (served: Loose, same: unknown) => {
          scene.log("server", "called back", served.readyState, same === request, wss.clients.has(served));
          wss.emit("connection", served, request, "and a third");
        });
        scene.log("server", "returned", returned);
      });
      const port = await listening(scene, server);
      scene.later(() => shut(wss));
      const client = dial(scene, `ws://127.0.0.1:${port}/x`);
      await once(client, "open");
      client.close();
      scene.log("client", "close", ...(await closed(client)));
    },
  },

  "handleUpgrade() takes what the HTTP parser has read ahead": {
    covers: ["server.handleUpgrade"],
    sides: "server",
    async run(scene) {
      const server = createServer();
      const wss = new scene.server.WebSocketServer({ noServer: true });
      const seen = new Promise<void>((resolve) => {
        server.on("upgrade", (request, socket, head) => {
          wss.handleUpgrade(request, socket, head, (served: Loose) => {
            served.on("message", (data: unknown) => {
              scene.log("server", "message", data);
              resolve();
            });
          });
        });
      });
      const port = await listening(scene, server);
      scene.later(() => shut(wss));
      const wire = await rawConnect(scene, port);
      wire.send(Buffer.from(requestText()), "82 83 00 00 00 00 01 02 03"); // binary, 3 octets
      await seen;
      wire.reset();
    },
  },

  "handleUpgrade() takes a Duplex that is no socket": {
    covers: ["server.handleUpgrade"],
    sides: "server",
    async run(scene) {
      const wss = new scene.server.WebSocketServer({ noServer: true });
      scene.later(() => shut(wss));
      const written: Buffer[] = [];
      const socket = new Duplex({
        read() {},
        write(chunk, _encoding, done) {
          written.push(chunk);
          done();
        },
      });
      const headers = {
        upgrade: "websocket",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        "sec-websocket-version": "13",
      };
      const request = { method: "GET", url: "/", headers, socket };
      let served: Loose;
      wss.handleUpgrade(request, socket, Buffer.alloc(0), (upgraded: Loose) => {
        served = upgraded;
      });
      scene.log("server", "upgraded", served.readyState);
      served.send("Hello");
      served.on("message", callback(scene.log, "server", "message"));
      socket.push(Buffer.from("818200000000", "hex"));
      socket.push(Buffer.from("4869", "hex"));
      await once(served, "message");
      const text = Buffer.concat(written).toString("latin1");
      scene.log("peer", text.slice(0, 12), text.slice(text.indexOf("\r\n\r\n") + 4));
      served.terminate();
      scene.log("server", "close", ...(await closed(served)));
    },
  },

  "an upgrade after close() of a server without a server is 503": {
    covers: ["server.handleUpgrade", "server.close"],
    sides: "server",
    async run(scene) {
      const server = createServer();
      const wss = new scene.server.WebSocketServer({ noServer: true });
      server.on("upgrade", (request, socket, head) => wss.handleUpgrade(request, socket, head, () => {}));
      const port = await listening(scene, server);
      await ask(scene, port, "before", requestText());
      for (const served of wss.clients) served.terminate();
      await shut(wss);
      await ask(scene, port, "after", requestText());
      scene.log(
        "server",
        "again",
        thrown(() => wss.address()),
      );
    },
  },

  "a request that is already over is not answered": {
    covers: ["server.handleUpgrade"],
    sides: "server",
    async run(scene) {
      const server = createServer();
      const wss = new scene.server.WebSocketServer({ noServer: true });
      scene.later(() => shut(wss));
      const done = new Promise<void>((resolve) => {
        server.on("upgrade", (request, socket, head) => {
          socket.destroy();
          scene.log(
            "server",
            wss.handleUpgrade(request, socket, head, () => scene.log("server", "called back")),
          );
          scene.log("server", wss.clients.size);
          resolve();
        });
      });
      const wire = await rawConnect(scene, await listening(scene, server));
      wire.say(requestText());
      await done;
      scene.log("peer", await wire.restText());
    },
  },
};
