// The closing handshake: who says what, and which code each end is told. RFC 6455 §7.

import type { Loose } from "../../implementations.ts";
import type { Scenarios, Scene } from "../../scenario.ts";
import { callback, closed, dial, listen, pair, thrown, turns, watch } from "../../support.ts";
import { closePayload, fromClient, fromServer, rawClient, upgrading, type Wire } from "../../wire.ts";

/** A connection whose client is a bare socket; the server's end is watched. */
async function watched(
  scene: Scene,
  options: object = {},
  accept: (served: Loose) => void = () => {},
): Promise<{ served: Loose; wire: Wire; over: Promise<unknown> }> {
  const { wss, port } = await listen(scene, options);
  const connected = new Promise<[Loose, Promise<unknown>]>((resolve) => {
    wss.on("connection", (served: Loose) => {
      watch(scene.log, "server", served);
      accept(served);
      resolve([served, closed(served)]);
    });
  });
  const wire = await rawClient(scene, port);
  const [served, over] = await connected;
  return { served, wire, over };
}

export const scenarios: Scenarios = {
  "close() with every kind of code and reason": {
    covers: ["websocket.close", "event close"],
    async run(scene) {
      const forms: unknown[][] = [
        [],
        [undefined, "a reason without a code"],
        [1000],
        [1000, ""],
        [1000, "done"],
        [1001, Buffer.from("octets")],
        [3000, new Uint8Array([104, 105])],
        [4999, "\u20ac".repeat(41)],
        [1014, undefined],
        [1000, Buffer.alloc(0)],
        [1011, Buffer.from([0xe2, 0x82, 0xac])],
      ];
      for (const form of forms) {
        const { served, client } = await pair(scene);
        scene.log("client", "close", form, client.close(...form), client.readyState);
        const [ofServer, ofClient] = await Promise.all([closed(served), closed(client)]);
        scene.log("server", ...ofServer);
        scene.log("client", ...ofClient);
      }
    },
  },

  "close() with a code or reason that cannot be": {
    covers: ["websocket.close", "websocket.readyState"],
    async run(scene) {
      const { client } = await pair(scene);
      const codes = [0, 1, 999, 1004, 1005, 1006, 1015, 2999, 5000, -1, "1000", null, Number.NaN, {}];
      for (const code of codes)
        scene.log(
          "client",
          code,
          thrown(() => client.close(code)),
          client.readyState,
        );
      const reasons = ["x".repeat(124), "\u20ac".repeat(42), Buffer.alloc(124), null, [1, 2], { length: 2 }];
      for (const reason of reasons)
        scene.log(
          "client",
          "reason",
          reason,
          String(thrown(() => client.close(1000, reason))).split("\n")[0],
          client.readyState,
        );
      for (const reason of [5, {}]) {
        const { served, client } = await pair(scene);
        scene.log(
          "client",
          "reason",
          reason,
          thrown(() => client.close(1000, reason)),
          client.readyState,
        );
        scene.log("server", ...(await closed(served)));
      }
    },
  },

  "close() with half a code": {
    covers: ["websocket.close"],
    async run(scene) {
      const { client } = await pair(scene);
      scene.log(
        "client",
        thrown(() => client.close(1000.5)),
      );
    },
    differs: [
      {
        reason: "a close code is an integer: another would be sent (RFC 6455 §5.5.1)",
        side: "client",
        transcript: { client: ["TypeError: <close code>"] },
      },
    ],
  },

  "the close event of the server's close": {
    covers: ["websocket.close", "event close"],
    async run(scene) {
      const { served, client } = await pair(scene);
      watch(scene.log, "client", client);
      watch(scene.log, "server", served);
      served.close(4321, "bye");
      await Promise.all([closed(served), closed(client)]);
    },
  },

  "a Close is answered with its code and reason": {
    covers: ["event close"],
    sides: "server",
    async run(scene) {
      for (const payload of ["", closePayload(1000), closePayload(1001, "bye"), closePayload(4000, "\u20ac")]) {
        const { wire, over } = await watched(scene);
        wire.send(fromClient(8, payload));
        scene.log("peer", await wire.rest());
        wire.end();
        await over;
      }
    },
  },

  "the server ends first; a client waits for its FIN": {
    covers: ["websocket.close", "event close"],
    sides: "client",
    async run(scene) {
      const { url } = await upgrading(scene, async (wire) => {
        scene.log("peer", await wire.frames(1));
        wire.send(fromServer(8, closePayload(1000, "mine")));
        scene.log("peer", await wire.rest());
        scene.log("client", "the peer has read FIN, state", client.readyState);
        wire.end();
      });
      const client = dial(scene, url);
      watch(scene.log, "client", client);
      client.on("open", () => client.close(1000, "yours"));
      await closed(client);
    },
  },

  "both close at once": {
    covers: ["websocket.close", "event close"],
    async run(scene) {
      const { served, client } = await pair(scene);
      watch(scene.log, "server", served);
      watch(scene.log, "client", client);
      client.close(4001, "of the client");
      served.close(4002, "of the server");
      await Promise.all([closed(served), closed(client)]);
    },
  },

  "close() again, in each state": {
    covers: ["websocket.close", "websocket.readyState"],
    sides: "server",
    async run(scene) {
      const { served, wire, over } = await watched(scene);
      served.close(4000, "first");
      served.close(4001, "second");
      served.close();
      scene.log(
        "server",
        "wrong code while closing",
        thrown(() => served.close(5)),
      );
      scene.log("peer", await wire.frames(1));
      wire.send(fromClient(8, closePayload(4002, "answer")));
      scene.log("peer", await wire.rest());
      wire.end();
      await over;
      scene.log("server", served.close(), served.close(1000, "third"), served.close(5), served.readyState);
    },
  },

  "a peer that never answers is cut off after closeTimeout": {
    covers: ["option closeTimeout", "websocket.close"],
    async run(scene) {
      const { wire, over } = await watched(scene, { closeTimeout: 50 }, (served) => served.close(1000));
      await over;
      scene.log("peer", await wire.frames(1));
      const { url } = await upgrading(scene);
      const client = dial(scene, url, { closeTimeout: 50 });
      watch(scene.log, "client", client);
      client.on("open", () => client.close(1000, "never answered"));
      await closed(client);
    },
  },

  "terminate() in each state": {
    covers: ["websocket.terminate", "event close"],
    async run(scene) {
      const { served, client } = await pair(scene);
      watch(scene.log, "client", client);
      watch(scene.log, "server", served);
      scene.log("client", client.terminate(), client.readyState);
      client.terminate();
      client.close(1000);
      await Promise.all([closed(client), closed(served)]);
      scene.log("client", client.terminate(), client.readyState);
    },
  },

  "terminate() after close()": {
    covers: ["websocket.terminate", "websocket.close"],
    sides: "server",
    async run(scene) {
      const { served, wire, over } = await watched(scene);
      served.close(1000);
      scene.log("peer", await wire.frames(1));
      served.terminate();
      await over;
    },
  },

  "a peer that vanishes: FIN or RST without a Close": {
    covers: ["event close", "event error"],
    sides: "server",
    async run(scene) {
      for (const way of ["end", "reset"] as const) {
        const { wire, over } = await watched(scene);
        wire.send(fromClient(1, "before"));
        await turns(5);
        wire[way]();
        await over;
        scene.log("server", way);
      }
    },
  },

  "a peer that vanishes within a frame or a message": {
    covers: ["event close"],
    sides: "server",
    async run(scene) {
      for (const part of [fromClient(1, "Hello").subarray(0, 7), fromClient(1, "Hel", { fin: false }), "81"]) {
        const { wire, over } = await watched(scene);
        wire.send(part);
        wire.end();
        scene.log("peer", await wire.rest());
        await over;
      }
    },
  },

  "a peer that vanishes after its Close": {
    covers: ["event close"],
    sides: "server",
    async run(scene) {
      const { wire, over } = await watched(scene);
      wire.send(fromClient(8, closePayload(1000, "gone")));
      wire.end();
      scene.log("peer", await wire.rest());
      await over;
    },
  },

  "what comes after a Close is not looked at": {
    covers: ["event close", "event message"],
    sides: "server",
    async run(scene) {
      const { wire, over } = await watched(scene);
      wire.send(fromClient(8, closePayload(1000)), fromClient(1, "late"), "ff ff ff");
      scene.log("peer", await wire.rest());
      wire.end();
      await over;
    },
  },

  "'close' comes after the socket's own": {
    covers: ["event close", "internals"],
    async run(scene) {
      const { served, client } = await pair(scene);
      for (const [actor, socket] of [
        ["server", served],
        ["client", client],
      ] as const) {
        socket.on("close", () => scene.log(actor, "close", socket._socket.destroyed, socket.readyState));
      }
      served.close();
      await Promise.all([closed(served), closed(client)]);
    },
  },

  "wasClean, as events have it": {
    covers: ["websocket.onclose", "event close"],
    async run(scene) {
      const ends: Record<string, (served: Loose, client: Loose) => void> = {
        "client closes": (_, client) => client.close(1000, "a"),
        "server closes": (served) => served.close(),
        "client terminates": (_, client) => client.terminate(),
        "server terminates": (served) => served.terminate(),
      };
      for (const [name, end] of Object.entries(ends)) {
        const { served, client } = await pair(scene);
        for (const [actor, socket] of [
          ["server", served],
          ["client", client],
        ] as const) {
          socket.onclose = (event: Loose) => scene.log(actor, name, event.code, event.reason, event.wasClean);
        }
        const over = Promise.all([closed(served), closed(client)]);
        end(served, client);
        await over;
      }
    },
  },

  "what was sent before close() arrives before it": {
    covers: ["websocket.send", "websocket.close"],
    async run(scene) {
      const { served, client } = await pair(scene);
      client.on("message", (data: Buffer) => scene.log("client", "message", data.length));
      client.on("close", callback(scene.log, "client", "close"));
      for (const length of [10, 1 << 20, 0, 100_000, 5]) served.send(Buffer.alloc(length));
      served.close(1000, "sent");
      await closed(client);
    },
  },
};
