// What arrives: of which kind, in which order, in which turn, and with which limits.

import type { Loose } from "../../implementations.ts";
import type { Scenarios, Scene } from "../../scenario.ts";
import { callback, closed, dial, listen, pair, turns, until, watch } from "../../support.ts";
import { closePayload, fromClient, fromServer, rawClient, upgrading } from "../../wire.ts";

const binaryTypes = ["nodebuffer", "arraybuffer", "fragments", "blob"];

/** A message event as text; of a Blob, what it holds. */
async function shownMessage(scene: Scene, data: Loose, isBinary: unknown): Promise<void> {
  if (data instanceof Blob) scene.log("client", "message", data, Buffer.from(await data.arrayBuffer()), isBinary);
  else scene.log("client", "message", data, isBinary);
}

export const scenarios: Scenarios = {
  "binaryType decides what octets arrive as; text is always a Buffer": {
    covers: ["websocket.binaryType", "event message"],
    async run(scene) {
      for (const type of [...binaryTypes, "nonsense"]) {
        const { served, client } = await pair(scene, {
          dialled: (client) => {
            client.binaryType = type;
            scene.log("client", "binaryType", client.binaryType);
          },
        });
        let shown = Promise.resolve();
        client.on("message", (data: unknown, isBinary: unknown) => {
          shown = shown.then(() => shownMessage(scene, data, isBinary));
        });
        served.send(Buffer.from([1, 2, 3]));
        served.send(Buffer.alloc(0));
        served.send("text");
        served.close();
        await closed(client);
        await shown;
      }
    },
  },

  'the fragments of a message with the binaryType "fragments"': {
    covers: ["websocket.binaryType"],
    async run(scene) {
      const { served, client } = await pair(scene, {
        dialled: (client) => {
          client.binaryType = "fragments";
        },
      });
      client.on("message", callback(scene.log, "client", "message"));
      served.send(Buffer.from([1]), { fin: false });
      served.send(Buffer.from([2, 3]));
      served.close();
      await closed(client);
    },
    differs: [
      {
        reason: "messages are put together as they come, in memory of their own: there is one part",
        side: "client",
        transcript: { client: ["message [Buffer(01 02 03)] true"] },
      },
    ],
  },

  "binaryType may change between messages": {
    covers: ["websocket.binaryType"],
    async run(scene) {
      const { served, client } = await pair(scene);
      let count = 0;
      client.on("message", (data: unknown, isBinary: unknown) => {
        scene.log("client", "message", data, isBinary);
        client.binaryType = binaryTypes[++count % binaryTypes.length];
      });
      for (let message = 0; message < 5; message++) served.send(Buffer.from([message]));
      served.close();
      await closed(client);
      client.binaryType = "arraybuffer";
      scene.log("client", "after close", client.binaryType);
    },
  },

  "an ArrayBuffer holds the message and nothing else": {
    covers: ["websocket.binaryType"],
    async run(scene) {
      const { served, client } = await pair(scene);
      client.binaryType = "arraybuffer";
      client.on("message", (data: ArrayBuffer) => scene.log("client", data instanceof ArrayBuffer, data.byteLength));
      for (const length of [1, 125, 5000, 70_000]) served.send(Buffer.alloc(length, 1));
      served.close();
      await closed(client);
    },
  },

  "events come in the order of the frames": {
    covers: ["event message", "event ping", "event pong", "event close"],
    sides: "server",
    async run(scene) {
      const { wss, port } = await listen(scene);
      const over = new Promise<void>((resolve) => {
        wss.on("connection", (served: Loose) => {
          watch(scene.log, "server", served);
          served.on("close", () => resolve());
        });
      });
      const wire = await rawClient(scene, port);
      wire.send(
        fromClient(1, "one"),
        fromClient(9, "two"),
        fromClient(2, "thr", { fin: false }),
        fromClient(10, "four"),
        fromClient(0, "ee"),
        fromClient(1, ""),
        fromClient(8, closePayload(1000, "five")),
      );
      scene.log("peer", await wire.rest());
      wire.end();
      await over;
    },
  },

  "in one packet, each event has its own turn of microtasks or not": {
    covers: ["option allowSynchronousEvents", "event message"],
    sides: "server",
    async run(scene) {
      for (const allowSynchronousEvents of [true, false]) {
        const { wss, port } = await listen(scene, { allowSynchronousEvents });
        const over = new Promise<void>((resolve) => {
          wss.on("connection", (served: Loose) => {
            served.on("ping", () => scene.log("server", "ping"));
            served.on("message", (data: Buffer) => {
              scene.log("server", "message", String(data));
              process.nextTick(() => scene.log("server", "tick of", String(data)));
              Promise.resolve().then(() => scene.log("server", "microtask of", String(data)));
            });
            served.on("close", () => resolve());
          });
        });
        const wire = await rawClient(scene, port);
        wire.send(
          fromClient(1, "a"),
          fromClient(2, "b"),
          fromClient(9, "p"),
          fromClient(1, "c"),
          fromClient(8, closePayload(1000)),
        );
        await wire.rest();
        wire.end();
        await over;
        scene.log("server", "allowed were", allowSynchronousEvents);
      }
    },
  },

  "with one event a turn, a promise's listener sees the next message": {
    covers: ["option allowSynchronousEvents"],
    async run(scene) {
      const { served, client } = await pair(scene, { client: { allowSynchronousEvents: false } });
      const next = () =>
        new Promise<string>((resolve) => client.once("message", (data: Buffer) => resolve(String(data))));
      const first = next();
      for (const text of ["one", "two", "three"]) served.send(text);
      scene.log("client", await first);
      scene.log("client", await next());
      scene.log("client", await next());
    },
  },

  "pause() holds messages back, resume() lets them come": {
    covers: ["websocket.pause", "websocket.resume", "websocket.isPaused"],
    async run(scene) {
      const { served, client } = await pair(scene);
      client.on("message", callback(scene.log, "client", "message"));
      client.on("close", callback(scene.log, "client", "close"));
      scene.log("client", client.pause(), client.isPaused);
      client.pause();
      served.send("one");
      served.ping();
      await new Promise((resolve) => served.send("two", resolve));
      await turns(30);
      scene.log("client", "nothing so far", client.readyState);
      scene.log("client", client.resume(), client.isPaused);
      served.close();
      await closed(client);
      client.pause();
      scene.log("client", "pause() after close", client.isPaused);
    },
  },

  "pause() within a listener holds back what has not come": {
    covers: ["websocket.pause", "websocket.resume", "option allowSynchronousEvents"],
    async run(scene) {
      const count = 400;
      for (const allowSynchronousEvents of [true, false]) {
        const { served, client } = await pair(scene, { client: { allowSynchronousEvents } });
        let received = 0;
        client.on("message", () => {
          if (++received === 1) client.pause();
        });
        for (let message = 0; message < count; message++) served.send(Buffer.alloc(100_000));
        // Until what the sockets can hold is full: then nothing moves any more.
        for (let still = 0, amount = -1; still < 30; still++) {
          if (served.bufferedAmount !== amount) still = 0;
          amount = served.bufferedAmount;
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
        scene.log("client", "most is held back", received < count / 2, served.bufferedAmount > 0);
        client.resume();
        await until(() => received === count);
        scene.log("client", "all came");
      }
    },
  },

  "close() while paused waits for resume()": {
    covers: ["websocket.pause", "websocket.resume", "websocket.close"],
    async run(scene) {
      const { served, client } = await pair(scene);
      client.on("message", callback(scene.log, "client", "message"));
      client.on("close", callback(scene.log, "client", "close"));
      served.on("close", callback(scene.log, "server", "close"));
      client.pause();
      served.send("before");
      client.close(4001, "mine");
      scene.log("client", client.readyState, client.isPaused);
      await until(() => served.readyState >= 2);
      await turns(20);
      client.resume();
      scene.log("client", "resumed", client.isPaused);
      await Promise.all([closed(client), closed(served)]);
    },
  },

  "terminate() while paused gives what had come, then the close": {
    covers: ["websocket.pause", "websocket.terminate"],
    async run(scene) {
      const { served, client } = await pair(scene);
      client.on("close", callback(scene.log, "client", "close"));
      client.pause();
      served.close(1000, "never read");
      client.terminate();
      scene.log("client", client.readyState);
      await closed(client);
    },
  },

  "a message from within the listener of a message": {
    covers: ["event message", "websocket.send", "websocket.terminate"],
    sides: "client",
    async run(scene) {
      const parts = ["one", "two", "three"].map((text) => fromServer(1, text));
      const lines: string[] = [];
      const { url } = await upgrading(scene, async (wire) => void lines.push(...(await wire.rest())), { parts });
      const client = dial(scene, url);
      client.on("message", (data: Buffer) => {
        scene.log("client", "message", data, client.readyState);
        if (String(data) === "two") client.terminate();
        else client.send(data);
      });
      scene.log("client", "close", ...(await closed(client)));
    },
    differs: [
      {
        reason: "nothing is delivered after terminate()",
        side: "client",
        transcript: {
          client: ["message Buffer(6f 6e 65) 1", "message Buffer(74 77 6f) 1", "close 1006 Buffer()"],
        },
      },
    ],
  },

  "close() from within the listener of a message lets the rest come": {
    covers: ["event message", "websocket.close"],
    sides: "client",
    async run(scene) {
      const parts = ["one", "two", "three"].map((text) => fromServer(1, text));
      const { url } = await upgrading(
        scene,
        async (wire) => {
          scene.log("peer", await wire.frames(1));
          wire.send(fromServer(1, "four"), fromServer(8, closePayload(1000)));
          scene.log("peer", await wire.rest());
          wire.end();
        },
        { parts },
      );
      const client = dial(scene, url);
      client.on("message", (data: Buffer) => {
        scene.log("client", "message", data, client.readyState);
        if (String(data) === "one") client.close(4000, "enough");
      });
      scene.log("client", "close", ...(await closed(client)));
    },
  },

  "octet by octet": {
    covers: ["event message"],
    sides: "server",
    async run(scene) {
      const { wss, port } = await listen(scene);
      const over = new Promise<void>((resolve) => {
        wss.on("connection", (served: Loose) => {
          watch(scene.log, "server", served);
          served.on("close", () => resolve());
        });
      });
      const wire = await rawClient(scene, port);
      await wire.trickle(fromClient(1, "h\u20acllo"));
      await wire.trickle(fromClient(2, new Uint8Array(130)));
      await wire.trickle(fromClient(8, closePayload(1000, "done")));
      await wire.rest();
      wire.end();
      await over;
    },
  },
};
