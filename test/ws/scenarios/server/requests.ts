// What a request is answered with on the wire: the upgrade, and each way of refusing it.

import { Agent, get } from "node:http";
import type { Loose } from "../../implementations.ts";
import type { Scenarios, Scene } from "../../scenario.ts";
import { callback, closed, listen, until } from "../../support.ts";
import { rawClient, rawConnect, requestText } from "../../wire.ts";

/** Sends a request and writes down the answer: its head, and the body of a refusal. */
export async function ask(scene: Scene, port: number, name: string, text: string): Promise<void> {
  const wire = await rawConnect(scene, port);
  wire.say(text);
  await wire.readHead();
  scene.log("peer", name, wire.headLines());
  if (!wire.head.startsWith("HTTP/1.1 101")) scene.log("peer", "body", await wire.restText());
  wire.reset();
}

const requests: Readonly<Record<string, string>> = {
  "an upgrade": requestText(),
  "version 8": requestText({ "Sec-WebSocket-Version": "8" }),
  "a protocol": requestText({ "Sec-WebSocket-Protocol": "a, b" }),
  "an extension nobody asked for": requestText({ "Sec-WebSocket-Extensions": "permessage-deflate" }),
  "another method": requestText({}, "POST / HTTP/1.1"),
  "another upgrade": requestText({ Upgrade: "h2c" }),
  "upgrade in capitals": requestText({ Upgrade: "WEBSOCKET" }),
  "upgrade among others": requestText({ Upgrade: "websocket, h2c" }),
  "no key": requestText({ "Sec-WebSocket-Key": null }),
  "a key too short": requestText({ "Sec-WebSocket-Key": "abc" }),
  "a key of another alphabet": requestText({ "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZ-==" }),
  "no version": requestText({ "Sec-WebSocket-Version": null }),
  "version 12": requestText({ "Sec-WebSocket-Version": "12" }),
  "version 13 with a zero": requestText({ "Sec-WebSocket-Version": "13.0" }),
  "an empty protocol": requestText({ "Sec-WebSocket-Protocol": "" }),
  "a protocol of spaces": requestText({ "Sec-WebSocket-Protocol": "a b" }),
  "a protocol twice": requestText({ "Sec-WebSocket-Protocol": "a, b, a" }),
};

export const scenarios: Scenarios = {
  "each request has its answer": {
    covers: ["server.handleUpgrade", "server event connection"],
    sides: "server",
    async run(scene) {
      const { wss, port } = await listen(scene);
      let connections = 0;
      wss.on("connection", () => connections++);
      for (const [name, text] of Object.entries(requests)) await ask(scene, port, name, text);
      scene.log("server", "connections", connections);
    },
  },

  "each request that is wrong is a 'wsClientError' where somebody listens": {
    covers: ["server event wsClientError"],
    sides: "server",
    async run(scene) {
      const { wss, port } = await listen(scene);
      wss.on("wsClientError", (error: Error, socket: Loose, request: Loose) => {
        scene.log("server", "wsClientError", error, error.message, request.method, typeof socket.write);
        socket.end(`HTTP/1.1 418 I'm a teapot\r\nContent-Length: 0\r\n\r\n`);
      });
      for (const [name, text] of Object.entries(requests)) await ask(scene, port, name, text);
    },
  },

  "a path other than the server's is 400; a query does not count": {
    covers: ["server option path", "server.shouldHandle"],
    sides: "server",
    async run(scene) {
      const { wss, port } = await listen(scene, { path: "/here" });
      wss.on("wsClientError", callback(scene.log, "server", "wsClientError"));
      for (const path of ["/here", "/here?a=b", "/here/", "/", "/HERE", "http://127.0.0.1/here"])
        await ask(scene, port, path, requestText({}, `GET ${path} HTTP/1.1`));
      for (const url of ["/here", "/there", "/here?x", ""]) scene.log("server", url, wss.shouldHandle({ url }));
    },
  },

  "an override of shouldHandle() decides": {
    covers: ["server.shouldHandle"],
    sides: "server",
    async run(scene) {
      const { wss, port } = await listen(scene, { path: "/ignored" });
      wss.shouldHandle = (request: Loose) => {
        scene.log("server", "asked for", request.url);
        return request.url === "/mine";
      };
      for (const path of ["/mine", "/ignored"]) await ask(scene, port, path, requestText({}, `GET ${path} HTTP/1.1`));
    },
  },

  "a plain request to a server of its own is 426": {
    covers: ["server option port"],
    sides: "server",
    async run(scene) {
      const { port } = await listen(scene);
      for (const line of ["GET / HTTP/1.1", "POST /x HTTP/1.1"]) {
        const text = requestText({ Upgrade: null, Connection: "close", "Content-Length": "0" }, line);
        await ask(scene, port, line, text);
      }
      const agent = new Agent();
      const response: Loose = await new Promise((resolve) => get({ port, host: "127.0.0.1", agent }, resolve));
      scene.log("peer", response.statusCode, response.headers["content-type"], response.headers["content-length"]);
      response.resume();
      agent.destroy();
    },
  },

  "what comes in the same packet as the request is the first message": {
    covers: ["server event connection", "event message"],
    sides: "server",
    async run(scene) {
      const { wss, port } = await listen(scene);
      const seen: Promise<void> = new Promise((resolve) => {
        wss.on("connection", (served: Loose) => {
          scene.log("server", "connection");
          served.on("message", (data: unknown, isBinary: unknown) => {
            scene.log("server", "message", data, isBinary);
            resolve();
          });
        });
      });
      const wire = await rawConnect(scene, port);
      // text "Hi" under the key 00 00 00 00
      wire.send(Buffer.from(requestText()), "81 82 00 00 00 00 48 69");
      await seen;
    },
  },

  "an upgrade that ends before its answer is no connection": {
    covers: ["server option verifyClient"],
    sides: "server",
    async run(scene) {
      let accept: (value: boolean) => void = () => {};
      let info: Loose;
      const verifyClient = (asked: unknown, answer: (value: boolean) => void) => {
        info = asked;
        accept = answer;
      };
      const { wss, port } = await listen(scene, { verifyClient });
      wss.on("connection", () => scene.log("server", "connection"));
      const wire = await rawConnect(scene, port);
      wire.say(requestText());
      await until(() => info !== undefined);
      wire.reset();
      await until(() => info.req.socket.destroyed);
      accept(true);
      scene.log("server", "clients", wss.clients.size);
      await ask(scene, port, "another", requestText({ "Sec-WebSocket-Version": "7" }));
    },
  },

  "a socket may be upgraded once": {
    covers: ["server.handleUpgrade"],
    sides: "server",
    async run(scene) {
      const { wss, port } = await listen(scene);
      const failed = new Promise<void>((resolve) => {
        wss.on("connection", (served: Loose, request: Loose) => {
          try {
            wss.handleUpgrade(request, request.socket, Buffer.alloc(0), () => scene.log("server", "again"));
          } catch (error) {
            scene.log("server", "thrown", error, (error as Error).message);
          }
          scene.log("server", "state", served.readyState);
          served.close();
          served.on("close", (code: number) => {
            scene.log("server", "close", code);
            resolve();
          });
        });
      });
      const wire = await rawClient(scene, port);
      scene.log("peer", await wire.frames(1));
      wire.reset();
      await failed;
    },
  },

  "a version 8 client says its origin in another field": {
    covers: ["server option verifyClient", "client option origin", "client option protocolVersion"],
    async run(scene) {
      const infos: Loose[] = [];
      const { url, wss } = await listen(scene, {
        verifyClient: (info: Loose) => {
          infos.push(info);
          return true;
        },
      });
      for (const protocolVersion of [8, 13]) {
        const served = new Promise<Loose>((resolve) => wss.once("connection", resolve));
        const client = new scene.client.WebSocket(url, { origin: "http://a.example", protocolVersion });
        const { origin, secure, req } = await served.then(() => infos.pop());
        scene.log(
          "server",
          protocolVersion,
          origin,
          secure,
          Object.keys(req.headers).filter((key) => /origin/.test(key)),
        );
        client.on("error", () => {});
        (await served).close();
        await closed(client);
      }
    },
  },
};
