// Pings and pongs: what they carry, who answers them, and how many answers may wait.

import type { Loose } from "../../implementations.ts";
import type { Scenarios } from "../../scenario.ts";
import { callback, closed, dial, listen, pair, thrown, until, watch } from "../../support.ts";
import { closePayload, fromClient, fromServer, rawClient, upgrading } from "../../wire.ts";

const payloads: Record<string, unknown> = {
  nothing: undefined,
  text: "Hi",
  "no text": "",
  "a number": 7,
  zero: 0,
  null: null,
  Buffer: Buffer.from([1, 2]),
  "Uint8Array within another": Uint8Array.of(1, 2, 3, 4).subarray(1, 3),
  ArrayBuffer: Uint8Array.of(5, 6).buffer,
  "an array": [7, 8],
  "125 octets": Buffer.alloc(125, 1),
  "126 octets": Buffer.alloc(126, 1),
  "63 characters of two octets": "\u00e9".repeat(63),
  Blob: new Blob(["ab"]),
  "a Blob of 126": new Blob([new Uint8Array(126)]),
};

export const scenarios: Scenarios = {
  "ping() and pong() with data of every type": {
    covers: ["websocket.ping", "websocket.pong"],
    sides: "server",
    async run(scene) {
      const { wss, port } = await listen(scene);
      const connected = new Promise<Loose>((resolve) => wss.once("connection", resolve));
      const wire = await rawClient(scene, port);
      const served = await connected;
      for (const method of ["ping", "pong"]) {
        for (const [name, data] of Object.entries(payloads)) {
          const failed = thrown(() => served[method](data));
          if (failed === "nothing") scene.log("peer", name, await wire.frames(1));
          else scene.log("server", method, name, failed);
        }
      }
    },
  },

  "the forms of ping(): mask and callback": {
    covers: ["websocket.ping", "websocket.pong"],
    sides: "server",
    async run(scene) {
      const { wss, port } = await listen(scene);
      const connected = new Promise<Loose>((resolve) => wss.once("connection", resolve));
      const wire = await rawClient(scene, port);
      const served = await connected;
      for (const method of ["ping", "pong"]) {
        await new Promise((resolve) => served[method](resolve));
        await new Promise((resolve) => served[method]("a", resolve));
        await new Promise((resolve) => served[method]("b", true, resolve));
        await new Promise((resolve) => served[method]("c", false, resolve));
        served[method]("d", undefined, undefined);
        scene.log("peer", await wire.frames(5));
      }
    },
  },

  "a ping is answered by a pong of the same octets": {
    covers: ["option autoPong", "event ping", "event pong"],
    async run(scene) {
      for (const options of [{}, { autoPong: true }, { autoPong: false }]) {
        const { served, client } = await pair(scene, { server: options, client: options });
        for (const [actor, socket] of [
          ["server", served],
          ["client", client],
        ] as const)
          for (const name of ["ping", "pong", "message"]) socket.on(name, callback(scene.log, actor, name));
        client.ping("of the client");
        client.ping();
        served.ping(Buffer.from("of the server"));
        served.send("last");
        client.send("last");
        await Promise.all([
          new Promise((resolve) => served.once("message", resolve)),
          new Promise((resolve) => client.once("message", resolve)),
        ]);
        client.close();
        await Promise.all([closed(served), closed(client)]);
      }
    },
  },

  "the answer to a ping leaves before its event": {
    covers: ["option autoPong", "event ping"],
    sides: "server",
    async run(scene) {
      const { wss, port } = await listen(scene);
      wss.on("connection", (served: Loose) =>
        served.on("ping", (data: Buffer) => served.send(data, { binary: false })),
      );
      const wire = await rawClient(scene, port);
      wire.send(fromClient(9, "a"), fromClient(9, "b"));
      scene.log("peer", await wire.frames(4));
    },
  },

  "a ping after close() is not answered, but told": {
    covers: ["option autoPong", "websocket.close", "event ping"],
    sides: "server",
    async run(scene) {
      const { wss, port } = await listen(scene);
      const over = new Promise<void>((resolve) => {
        wss.on("connection", (served: Loose) => {
          watch(scene.log, "server", served);
          served.close(1000);
          served.on("close", () => resolve());
        });
      });
      const wire = await rawClient(scene, port);
      scene.log("peer", await wire.frames(1));
      wire.send(fromClient(9, "late"), fromClient(1, "later"), fromClient(8, closePayload(1000)));
      scene.log("peer", await wire.rest());
      wire.end();
      await over;
    },
  },

  "answers that a peer does not read are few": {
    covers: ["option maxPendingAutoPongs"],
    sides: "server",
    async run(scene) {
      const { wss, port } = await listen(scene, { maxPendingAutoPongs: 2 });
      const over = new Promise<void>((resolve) => {
        wss.on("connection", (served: Loose) => {
          served.send(Buffer.alloc(32 << 20));
          served.on("error", callback(scene.log, "server", "error"));
          served.on("close", (code: number, reason: Buffer) => {
            scene.log("server", "close", code, reason);
            resolve();
          });
        });
      });
      const wire = await rawClient(scene, port);
      wire.socket.pause();
      wire.send(...Array.from({ length: 10 }, () => fromClient(9, "again")));
      await over;
    },
  },

  "answers that are read may be many": {
    covers: ["option maxPendingAutoPongs"],
    sides: "client",
    async run(scene) {
      const parts = Array.from({ length: 100 }, (_, index) => fromServer(9, String(index)));
      let count = 0;
      const answers: string[] = [];
      const { url } = await upgrading(scene, async (wire) => {
        for (const part of parts) {
          wire.send(part);
          answers.push(...(await wire.frames(1)));
        }
      });
      const client = dial(scene, url, { maxPendingAutoPongs: 1 });
      client.on("ping", () => count++);
      await until(() => answers.length === 100);
      scene.log("peer", new Set(answers).size, answers[99]);
      scene.log("client", count, client.readyState);
    },
  },
};
