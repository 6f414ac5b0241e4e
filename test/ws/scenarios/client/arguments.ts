// How a client is constructed: its URL, its protocols, its options, and what each of them refuses.

import { once } from "node:events";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Loose } from "../../implementations.ts";
import type { Scenarios } from "../../scenario.ts";
import { closed, dial, drop, listen, shut, thrown } from "../../support.ts";
import { upgrading } from "../../wire.ts";

/** The lines of a request that tell of what was asked for. */
function asked(head: string): string[] {
  const [first, ...fields] = head.split("\r\n");
  const shown = fields.filter((line) => !/^(host|sec-websocket-key):/i.test(line));
  return [first!, ...shown.sort((one, other) => (one.toLowerCase() < other.toLowerCase() ? -1 : 1))];
}

export const scenarios: Scenarios = {
  "URLs that are refused at once": {
    covers: ["new WebSocket"],
    sides: "client",
    async run({ client: { WebSocket }, log }) {
      const urls = ["", "foo", "127.0.0.1", "ws://", "ws://127.0.0.1#", "ws://127.0.0.1/a#b", "ftp://127.0.0.1"];
      const values = [...urls, "mailto:a@b", "ws+unix:", "ws://127.0.0.1:99999", undefined, 5, {}];
      for (const url of values) {
        const socket: Loose[] = [];
        const what = thrown(() => socket.push(new WebSocket(url)));
        log("client", String(url), what, socket[0]?.url);
        if (socket[0] !== undefined) drop(socket[0]);
      }
    },
  },

  "URLs in all their forms": {
    covers: ["new WebSocket", "websocket.url"],
    async run(scene) {
      const { wss, port } = await listen(scene);
      const at = `127.0.0.1:${port}`;
      const urls = [`ws://${at}`, `ws://${at}/a/b?c=d`, `http://${at}/x`, `WS://${at}/caps`, ` ws://${at}/space `];
      for (const url of [
        ...urls,
        new URL(`ws://${at}/url`),
        new URL(`http://${at}/http`),
        { toString: () => urls[1]! },
      ]) {
        const connected = once(wss, "connection");
        const client = dial(scene, url);
        const [, request] = (await connected) as Loose[];
        scene.log("client", client.url.replace(at, "host"), request.url, request.headers.host === at);
        await once(client, "open");
        client.close();
        await closed(client);
      }
      const url = new URL(`http://${at}/unchanged`);
      drop(new scene.client.WebSocket(url));
      scene.log("client", "the URL given is unchanged", url.protocol);
    },
  },

  "a Unix socket, with and without a path": {
    covers: ["IPC connections", "server option server"],
    async run(scene) {
      if (process.platform === "win32") return scene.log("client", "there are none here");
      const path = join(tmpdir(), `ws-scenario-${process.pid}-${Date.now()}.sock`);
      const server = createServer().listen(path);
      await once(server, "listening");
      const wss = new scene.server.WebSocketServer({ server });
      scene.later(() => new Promise((resolve) => server.close(resolve)));
      scene.later(() => shut(wss));
      scene.log("server", "address is the path", wss.address() === path);
      for (const suffix of ["", ":/a?b=c"]) {
        const connected = once(wss, "connection");
        const client = dial(scene, `ws+unix:${path}${suffix}`);
        const [, request] = (await connected) as Loose[];
        scene.log("server", "request", request.url, request.headers.host);
        await once(client, "open");
        client.close(1000);
        scene.log("client", client.url === `ws+unix:${path}${suffix}`, ...(await closed(client)));
      }
    },
  },

  "protocols that are refused at once": {
    covers: ["new WebSocket"],
    sides: "client",
    async run({ client: { WebSocket }, log }) {
      const wrong = [[""], ["a b"], ["a,b"], ["a", "a"], ["caf\u00e9"], [null], [5], "", null, 5, ["a", undefined]];
      for (const protocols of wrong)
        log(
          "client",
          "protocols",
          protocols,
          thrown(() => drop(new WebSocket("ws://127.0.0.1:1", protocols))),
        );
      log(
        "client",
        "option",
        thrown(() => drop(new WebSocket("ws://127.0.0.1:1", { protocols: ["a", "a"] }))),
      );
    },
  },

  "what is asked for, by the forms of protocols and options": {
    covers: ["new WebSocket", "client option headers", "client option origin", "option perMessageDeflate"],
    sides: "client",
    async run(scene) {
      const heads: string[] = [];
      const { url } = await upgrading(scene, (wire) => {
        heads.push(wire.head);
        wire.end();
      });
      const forms: unknown[][] = [
        [],
        [undefined],
        [[]],
        ["a"],
        [["a", "b"]],
        [{ protocols: "c" }],
        [{ protocols: ["c", "d"] }],
        [undefined, { protocols: ["c"] }],
        [["a"], { protocols: ["c"] }],
        [[], { origin: "http://o.example", headers: { "X-Mine": "1", Origin: "http://overridden.example" } }],
        [{ headers: { Connection: "mine", "Sec-WebSocket-Version": 5, Cookie: ["a=b", "c=d"] } }],
        [{ perMessageDeflate: false }],
        [{ perMessageDeflate: { serverNoContextTakeover: true, clientMaxWindowBits: 10 } }],
        [{ protocolVersion: 8, origin: "http://o.example" }],
        [{ method: "POST", path: "/other", host: "other.example", port: 1, timeout: 1 }],
        [{ auth: "user:pass" }],
      ];
      for (const form of forms) {
        const client = dial(scene, `${url}/p`, ...form);
        client.on("error", () => {});
        await closed(client);
        scene.log("client", "form", form);
        scene.log("client", asked(heads.pop()!));
      }
    },
  },

  "user and password of the URL": {
    covers: ["new WebSocket", "client option headers"],
    async run(scene) {
      const { wss, port } = await listen(scene);
      const forms: [string, object][] = [
        ["user:pass@", {}],
        ["user@", {}],
        [":pass@", {}],
        ["a%40b:c%3Ad@", {}],
        ["user:pass@", { auth: "other:one" }],
        ["user:pass@", { headers: { authorization: "Bearer token" } }],
      ];
      for (const [authority, options] of forms) {
        const connected = once(wss, "connection");
        const client = dial(scene, `ws://${authority}127.0.0.1:${port}`, options);
        const [, request] = (await connected) as Loose[];
        scene.log("client", authority, request.headers.authorization);
        await once(client, "open");
      }
    },
  },

  "a protocol version that there is not": {
    covers: ["client option protocolVersion"],
    sides: "client",
    async run({ client: { WebSocket }, log }) {
      for (const protocolVersion of [7, 12, "13", null])
        log(
          "client",
          thrown(() => drop(new WebSocket("ws://127.0.0.1:1", { protocolVersion }))),
        );
    },
  },

  "the options given are not changed": {
    covers: ["new WebSocket"],
    async run(scene) {
      const { url } = await listen(scene);
      const options = Object.freeze({ headers: Object.freeze({ a: "b" }), origin: "http://o.example" });
      const client = dial(scene, url, Object.freeze(["a"]), options);
      await once(client, "open");
      scene.log("client", client.protocol, options);
    },
  },
};
