// The functions by which an application takes part in the opening handshake of a server.

import { once } from "node:events";
import type { Loose } from "../../implementations.ts";
import type { Scenarios } from "../../scenario.ts";
import { callback, closed, dial, listen, pair } from "../../support.ts";
import { rawClient, requestText } from "../../wire.ts";
import { ask } from "./requests.ts";

export const scenarios: Scenarios = {
  "verifyClient with one parameter answers at once": {
    covers: ["server option verifyClient"],
    sides: "server",
    async run(scene) {
      const answers: Record<string, unknown> = { "/true": true, "/one": 1, "/false": false, "/undefined": undefined };
      const { wss, port } = await listen(scene, {
        verifyClient: (info: Loose) => {
          scene.log("server", "asked", Object.keys(info).sort(), info.origin, info.secure, info.req.url);
          return answers[info.req.url];
        },
      });
      wss.on("wsClientError", callback(scene.log, "server", "wsClientError"));
      wss.on("connection", (_: unknown, request: Loose) => scene.log("server", "connection", request.url));
      for (const path of Object.keys(answers))
        await ask(scene, port, path, requestText({ Origin: "http://a.example" }, `GET ${path} HTTP/1.1`));
    },
  },

  "verifyClient with two parameters answers when it likes, with code, message and headers": {
    covers: ["server option verifyClient"],
    sides: "server",
    async run(scene) {
      const answers: Record<string, unknown[]> = {
        "/yes": [true],
        "/no": [false],
        "/code": [false, 404],
        "/message": [false, 403, "Not you"],
        "/headers": [false, 503, undefined, { "Retry-After": 120, "Content-Type": "text/plain" }],
        "/accent": [false, 400, "caf\u00e9"],
      };
      const { port } = await listen(scene, {
        verifyClient: (info: Loose, answer: (...values: unknown[]) => void) => {
          setImmediate(() => answer(...answers[info.req.url]!));
        },
      });
      for (const path of Object.keys(answers)) await ask(scene, port, path, requestText({}, `GET ${path} HTTP/1.1`));
    },
  },

  "verifyClient is asked after what the request must have, and before protocols": {
    covers: ["server option verifyClient", "server option handleProtocols", "server event headers"],
    sides: "server",
    async run(scene) {
      const { wss, port } = await listen(scene, {
        verifyClient: () => {
          scene.log("server", "verifyClient");
          return true;
        },
        handleProtocols: (protocols: Set<string>) => {
          scene.log("server", "handleProtocols", protocols);
          return "b";
        },
      });
      wss.on("headers", () => scene.log("server", "headers"));
      wss.on("connection", (served: Loose) => scene.log("server", "connection", served.protocol, served.readyState));
      await ask(scene, port, "right", requestText({ "Sec-WebSocket-Protocol": "a,b" }));
      await ask(scene, port, "without protocols", requestText());
      await ask(scene, port, "wrong", requestText({ "Sec-WebSocket-Key": null }));
    },
  },

  "handleProtocols chooses any protocol, or none": {
    covers: ["server option handleProtocols", "websocket.protocol"],
    sides: "server",
    async run(scene) {
      const choices: unknown[] = ["b", "a", "other", false, "", undefined];
      for (const choice of choices) {
        const { wss, port } = await listen(scene, {
          handleProtocols: (protocols: Set<string>, request: Loose) => {
            scene.log("server", "asked", protocols, request.headers["sec-websocket-protocol"]);
            return choice;
          },
        });
        wss.on("connection", (served: Loose) => scene.log("server", "protocol", served.protocol));
        await ask(scene, port, String(choice), requestText({ "Sec-WebSocket-Protocol": "a, b" }));
      }
    },
  },

  "without handleProtocols the first protocol is chosen": {
    covers: ["websocket.protocol", "new WebSocket"],
    async run(scene) {
      const { wss, url } = await listen(scene);
      const connected = once(wss, "connection");
      const client = dial(scene, url, ["one", "two"]);
      await once(client, "open");
      const [served] = (await connected) as Loose[];
      scene.log("client", "protocol", client.protocol);
      scene.log("server", "protocol", served.protocol);
      client.close();
      await closed(client);
      scene.log("client", "protocol after close", client.protocol);
    },
  },

  "a listener of 'headers' may change the answer": {
    covers: ["server event headers", "event upgrade"],
    async run(scene) {
      const { wss, url, port } = await listen(scene);
      wss.on("headers", (headers: string[], request: Loose) => {
        scene.log(
          "server",
          "headers",
          headers.map((line) => line.replace(/Accept: .*/, "Accept: ...")),
          request.url,
        );
        headers.push("Set-Cookie: a=b", "X-Mine: yes");
      });
      const client = dial(scene, `${url}/x`);
      client.on("upgrade", (response: Loose) => {
        scene.log("client", response.statusCode, response.headers["set-cookie"], response.headers["x-mine"]);
      });
      await once(client, "open");
      const wire = await rawClient(scene, port);
      scene.log("peer", wire.headLines());
      wire.reset();
    },
  },

  "a listener of 'headers' may take lines away": {
    covers: ["server event headers"],
    sides: "server",
    async run(scene) {
      const { wss, port } = await listen(scene);
      wss.on("headers", (headers: string[]) => {
        headers[0] = "HTTP/1.1 101 Fine";
        headers.splice(3, 1);
      });
      await ask(scene, port, "an upgrade", requestText());
    },
  },

  "the end that 'connection' gives is open, and may send at once": {
    covers: ["server event connection", "websocket.send"],
    async run(scene) {
      await pair(scene, {
        accept: (served) => {
          scene.log("server", served.readyState, served._socket !== null);
          served.send("first");
          served.ping("second");
          served.close(1000, "third");
        },
        dialled: (client) => {
          client.on("open", () => scene.log("client", "open"));
          client.on("message", callback(scene.log, "client", "message"));
          client.on("ping", callback(scene.log, "client", "ping"));
        },
      }).then(async ({ client }) =>
        scene.log("client", "close", ...(client.readyState === 3 ? [] : await closed(client))),
      );
    },
  },

  "what a listener of 'connection' throws is the application's": {
    covers: ["server event connection"],
    sides: "server",
    async run(scene) {
      const { wss, port } = await listen(scene);
      wss.on("connection", () => {
        throw new RangeError("mine");
      });
      const caught = once(process, "uncaughtException");
      // The test's runner listens to none of its own: this listener is the only one, for one exception.
      const wire = await rawClient(scene, port);
      const [error] = await caught;
      scene.log("server", "uncaught", error, (error as Error).message, wss.clients.size);
      wire.reset();
    },
  },
};
