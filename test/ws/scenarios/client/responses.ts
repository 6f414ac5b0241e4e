// What a client makes of the answer to its request.

import { once } from "node:events";
import { createServer } from "node:net";
import type { Loose } from "../../implementations.ts";
import type { Scenarios, Scene } from "../../scenario.ts";
import { closed, dial, turns, until, watch } from "../../support.ts";
import { fromServer, rawServer, responseText, upgrading } from "../../wire.ts";

/** Dials a URL and writes down every event, and what an error says, until 'close'. */
async function outcome(scene: Scene, name: string, url: string, ...rest: unknown[]): Promise<void> {
  scene.log("client", name);
  const client = dial(scene, url, ...rest);
  watch(scene.log, "client", client);
  client.on("error", (error: Error) => scene.log("client", "says", error.message.replace(/:\d+/, "")));
  await closed(client);
}

const wrongFields: Record<string, [fields: Record<string, string | null>, ...client: unknown[]]> = {
  "no upgrade field": [{ Upgrade: "h2c" }],
  "upgrade in capitals, accept wrong": [{ Upgrade: "WebSocket", "Sec-WebSocket-Accept": "AAAA" }],
  "no accept": [{ "Sec-WebSocket-Accept": null }],
  "a protocol nobody asked for": [{ "Sec-WebSocket-Protocol": "a" }],
  "another protocol": [{ "Sec-WebSocket-Protocol": "b" }, ["a"]],
  "no protocol": [{}, ["a"]],
  "an extension, none asked for": [{ "Sec-WebSocket-Extensions": "x" }, { perMessageDeflate: false }],
  "another extension": [{ "Sec-WebSocket-Extensions": "x" }],
  "two extensions": [{ "Sec-WebSocket-Extensions": "permessage-deflate, x" }],
  "extensions that are no list": [{ "Sec-WebSocket-Extensions": "permessage-deflate;" }],
  "a parameter unknown": [{ "Sec-WebSocket-Extensions": "permessage-deflate; foo" }],
  "window bits of 7": [{ "Sec-WebSocket-Extensions": "permessage-deflate; server_max_window_bits=7" }],
  "the extension refused twice": [{ "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits" }],
};

export const scenarios: Scenarios = {
  "an answer with a wrong field is an error, then a close 1006": {
    covers: ["event error", "event close", "event upgrade"],
    sides: "client",
    async run(scene) {
      for (const [name, [fields, ...rest]] of Object.entries(wrongFields)) {
        const { url } = await upgrading(scene, () => {}, { changes: fields });
        await outcome(scene, name, url, ...rest);
      }
    },
  },

  "another status is an error that tells it": {
    covers: ["event error", "event unexpected-response"],
    sides: "client",
    async run(scene) {
      for (const line of [
        "200 OK",
        "401 Unauthorized",
        "302 Found",
        "404 Not Found",
        "426 Upgrade Required",
        "503 No",
      ]) {
        const { url } = await rawServer(scene, (wire) => {
          wire.say(`HTTP/1.1 ${line}\r\nContent-Length: 2\r\n\r\nno`);
        });
        await outcome(scene, line, url);
      }
    },
  },

  "with a listener of 'unexpected-response' the application reads the answer": {
    covers: ["event unexpected-response", "websocket.terminate"],
    sides: "client",
    async run(scene) {
      const { url } = await rawServer(scene, (wire) => {
        wire.say("HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\nX-Why: because\r\n\r\nnot me");
      });
      const client = dial(scene, url);
      watch(scene.log, "client", client);
      const body = await new Promise<string>((resolve) => {
        client.on("unexpected-response", async (request: Loose, response: Loose) => {
          scene.log("client", "unexpected", response.statusCode, response.headers["x-why"], typeof request.abort);
          resolve(String(Buffer.concat(await response.toArray())));
        });
      });
      scene.log("client", "body", body, client.readyState);
      client.terminate();
      await closed(client);
    },
  },

  "what comes with the answer comes after 'open'": {
    covers: ["event open", "event message", "event upgrade"],
    sides: "client",
    async run(scene) {
      const parts = [fromServer(1, "one"), fromServer(9, "two"), fromServer(2, "three")];
      const { url } = await upgrading(scene, (wire) => wire.end(), { parts });
      const client = dial(scene, url);
      watch(scene.log, "client", client);
      client.on("open", () => process.nextTick(() => scene.log("client", "a tick after open")));
      await closed(client);
    },
  },

  "a listener of 'upgrade' may close": {
    covers: ["event upgrade", "websocket.close"],
    sides: "client",
    async run(scene) {
      const { url } = await upgrading(scene);
      const client = dial(scene, url);
      watch(scene.log, "client", client);
      client.on("upgrade", (response: Loose) => {
        scene.log("client", "upgrade", response.statusCode, response.headers.upgrade);
        client.terminate();
      });
      await closed(client);
      await turns();
    },
  },

  "no answer in time is an error": {
    covers: ["client option handshakeTimeout"],
    sides: "client",
    async run(scene) {
      const { url } = await rawServer(scene, () => {});
      await outcome(scene, "silent", url, { handshakeTimeout: 50 });
    },
  },

  "an answer in time outlives the timeout": {
    covers: ["client option handshakeTimeout"],
    sides: "client",
    async run(scene) {
      const { url } = await upgrading(scene, async (wire) => {
        await new Promise((resolve) => setTimeout(resolve, 400));
        wire.send(fromServer(1, "late"));
      });
      const client = dial(scene, url, { handshakeTimeout: 200 });
      const [data] = await once(client, "message");
      scene.log("client", "message", data);
    },
  },

  "a port where nobody listens": {
    covers: ["event error", "event close"],
    sides: "client",
    async run(scene) {
      const holder = createServer().listen(0, "127.0.0.1");
      await once(holder, "listening");
      const { port } = holder.address() as { port: number };
      await new Promise((resolve) => holder.close(resolve));
      await outcome(scene, "refused", `ws://127.0.0.1:${port}`);
    },
  },

  "a server that ends before it answers": {
    covers: ["event error", "event close"],
    sides: "client",
    async run(scene) {
      const ended = await rawServer(scene, (wire) => wire.end());
      await outcome(scene, "FIN", ended.url);
      const noHttp = await rawServer(scene, (wire) => void wire.say("hello?\r\n\r\n"));
      await outcome(scene, "no HTTP", noHttp.url);
    },
  },

  "close() and terminate() while connecting": {
    covers: ["websocket.close", "websocket.terminate", "websocket.readyState"],
    sides: "client",
    async run(scene) {
      for (const method of ["close", "terminate"]) {
        const { url } = await rawServer(scene, () => {});
        const client = dial(scene, url);
        watch(scene.log, "client", client);
        client.on("error", (error: Error) => scene.log("client", "says", error.message));
        scene.log("client", method, client[method](), client.readyState);
        client.close();
        client.terminate();
        await closed(client);
        scene.log("client", "over", client.readyState, client.close(), client.terminate());
      }
    },
  },

  "close() while the server thinks about its answer": {
    covers: ["websocket.close"],
    sides: "client",
    async run(scene) {
      let answer: (() => void) | undefined;
      const { url } = await rawServer(scene, (wire) => {
        answer = () => void wire.say(responseText(wire.head));
      });
      const client = dial(scene, url);
      watch(scene.log, "client", client);
      await until(() => answer !== undefined);
      client.close(1001, "never sent");
      answer?.();
      await closed(client);
      await turns(20);
    },
  },

  "without a listener of 'error', an error while connecting is the process's": {
    covers: ["event error"],
    sides: "client",
    async run(scene) {
      const { url } = await rawServer(scene, (wire) => void wire.say("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"));
      const caught = once(process, "uncaughtException");
      const client = new scene.client.WebSocket(url);
      client.on("close", () => scene.log("client", "close"));
      const [error] = await caught;
      scene.log("client", "uncaught", error, (error as Error).message, client.readyState);
    },
  },
};
