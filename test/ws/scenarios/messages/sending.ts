// What send() takes, what stands on the wire for it, and when its callback is called.

import { Random } from "../../../support/octets.ts";
import type { Loose } from "../../implementations.ts";
import type { Scenarios, Scene } from "../../scenario.ts";
import { callback, closed, dial, listen, pair, thrown, turns, until } from "../../support.ts";
import { rawClient, rawServer, upgrading, type Wire } from "../../wire.ts";

/** A server's end of a connection whose client is a bare socket: what is sent is seen without masking. */
async function servedWire(scene: Scene, options: object = {}): Promise<{ served: Loose; wire: Wire }> {
  const { wss, port } = await listen(scene, options);
  const connected = new Promise<Loose>((resolve) => wss.once("connection", resolve));
  const wire = await rawClient(scene, port);
  return { served: await connected, wire };
}

const octets = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

/** Values of every type that send() takes. */
const values: Record<string, unknown> = {
  text: "Hello",
  "no text": "",
  "text of many octets a character": "h\u00e9\u20ac\u{1f600}",
  "half a surrogate pair": "a\ud800b",
  Buffer: Buffer.from("Hello"),
  "Uint8Array within an ArrayBuffer": octets.subarray(2, 5),
  Uint16Array: new Uint16Array(octets.buffer, 2, 2),
  DataView: new DataView(octets.buffer, 1, 3),
  ArrayBuffer: octets.slice(0, 4).buffer,
  "no octets": new Uint8Array(0),
  SharedArrayBuffer: new SharedArrayBuffer(3),
  "a number": 42,
  zero: 0,
  "not a number": Number.NaN,
  null: null,
  undefined: undefined,
  false: false,
  true: true,
  "an array of numbers": [1, 2, 300],
  "an object": { a: 1 },
  "an object with valueOf": { valueOf: () => "text" },
  "an object of octets": { type: "Buffer", data: [1, 2] },
  "a symbol": Symbol("s"),
  "a bigint": 5n,
  Blob: new Blob(["blob ", "parts"]),
  "an empty Blob": new Blob([]),
};

export const scenarios: Scenarios = {
  "send() of every type": {
    covers: ["websocket.send"],
    async run(scene) {
      const { served, wire } = await servedWire(scene);
      for (const [name, value] of Object.entries(values)) {
        const failed = thrown(() => served.send(value)) as string;
        if (failed === "nothing") scene.log("peer", name, await wire.frames(1));
        else scene.log("server", name, failed.split(":")[0]);
      }
    },
    sides: "server",
  },

  "send() with its options": {
    covers: ["websocket.send"],
    sides: "server",
    async run(scene) {
      const { served, wire } = await servedWire(scene);
      const options: Loose[] = [
        { binary: true },
        { binary: false },
        { binary: undefined },
        { mask: true },
        { compress: true },
        { fin: false },
        { fin: false, binary: true },
        { fin: true },
        {},
        undefined,
        null,
      ];
      for (const option of options) {
        served.send("Hi", option);
        scene.log("peer", "text", option, await wire.frames(1));
      }
      for (const option of [{ binary: true }, { binary: false }]) {
        served.send(Buffer.from("Hi"), option);
        scene.log("peer", "octets", option, await wire.frames(1));
      }
    },
  },

  "fragments by fin: false, with a ping between them": {
    covers: ["websocket.send", "event message", "event ping"],
    async run(scene) {
      const { served, client } = await pair(scene, {
        accept: (served) => {
          for (const name of ["message", "ping"]) served.on(name, callback(scene.log, "server", name));
        },
      });
      client.send("one ", { fin: false });
      client.send("two ", { fin: false });
      client.ping("between");
      client.send("three", { fin: true });
      client.send(Buffer.from([1]), { fin: false, binary: true });
      client.send("2", { fin: true });
      client.send("", { fin: false });
      client.send("", { fin: true });
      client.close();
      await closed(served);
    },
  },

  "callbacks come later, in order, without arguments worth a look": {
    covers: ["websocket.send", "websocket.ping", "websocket.pong"],
    async run(scene) {
      const { served } = await pair(scene);
      const done = new Promise<void>((resolve) => {
        served.send("one", (error: unknown) => scene.log("server", "one", error ?? "no error"));
        served.send("two", { binary: true }, (error: unknown) => scene.log("server", "two", error ?? "no error"));
        served.ping("three", undefined, (error: unknown) => scene.log("server", "three", error ?? "no error"));
        served.send("", (error: unknown) => scene.log("server", "four", error ?? "no error"));
        served.send(Buffer.alloc(100_000), (error: unknown) => scene.log("server", "five", error ?? "no error"));
        served.pong("six", false, (error: unknown) => {
          scene.log("server", "six", error ?? "no error");
          resolve();
        });
      });
      scene.log("server", "all are sent");
      await done;
    },
  },

  "send(), ping() and pong() throw while connecting": {
    covers: ["websocket.send", "websocket.ping", "websocket.pong", "websocket.bufferedAmount"],
    sides: "client",
    async run(scene) {
      const { url } = await rawServer(scene, () => {});
      const client = dial(scene, url);
      for (const method of ["send", "ping", "pong"])
        scene.log(
          "client",
          method,
          thrown(() => client[method]("x", callback(scene.log, "client", "callback"))),
        );
      client.pause();
      client.resume();
      scene.log("client", client.bufferedAmount, client.isPaused);
    },
  },

  "send() after close is an error of the callback alone, and counts in bufferedAmount": {
    covers: ["websocket.send", "websocket.bufferedAmount", "websocket.ping", "websocket.pong"],
    async run(scene) {
      const { client } = await pair(scene);
      const failed = (name: string) => (error: Error) => scene.log("client", name, error, error.message);
      client.close();
      scene.log("client", "closing", client.readyState);
      client.send("closing", failed("send"));
      client.ping("closing", failed("ping"));
      client.pong("closing", true, failed("pong"));
      client.send("without a callback");
      scene.log("client", "they return");
      await closed(client);
      const before = client.bufferedAmount;
      for (const [data, name] of [
        ["12345", "text"],
        [Buffer.alloc(10), "octets"],
        ["\u20ac", "euro"],
        [0, "zero"],
        [undefined, "none"],
        [new Blob(["abc"]), "blob"],
      ] as const) {
        client.send(data, failed(`send of ${name}`));
        scene.log("client", name, client.bufferedAmount - before);
      }
      await turns(2);
    },
  },

  "after a handshake that failed, bufferedAmount still counts": {
    covers: ["websocket.bufferedAmount", "websocket.send"],
    sides: "client",
    async run(scene) {
      const { url } = await rawServer(scene, (wire) => wire.end());
      const client = dial(scene, url);
      client.on("error", () => {});
      await closed(client);
      client.send("12345");
      client.ping(Buffer.alloc(5));
      client.send(Buffer.alloc(10), (error: Error) => scene.log("client", error.message));
      scene.log("client", client.bufferedAmount);
      await turns(2);
    },
  },

  "bufferedAmount is what is not yet taken": {
    covers: ["websocket.bufferedAmount"],
    async run(scene) {
      const { served, client } = await pair(scene);
      served.pause();
      scene.log("client", "before", client.bufferedAmount);
      const length = 20 << 20;
      const isSent = new Promise((resolve) => client.send(Buffer.alloc(length), resolve));
      scene.log("client", "more than half of it waits", client.bufferedAmount > length / 2);
      served.resume();
      await isSent;
      await until(() => client.bufferedAmount === 0);
      scene.log("client", "written");
    },
  },

  "what was sent may be overwritten after the callback": {
    covers: ["websocket.send"],
    async run(scene) {
      const { served, client } = await pair(scene);
      served.on("message", callback(scene.log, "server", "message"));
      for (const length of [10, 200, 100_000, 1_000_000]) {
        const sent = Buffer.alloc(length, 1);
        await new Promise((resolve) => client.send(sent, resolve));
        sent.fill(2);
      }
      client.close();
      await closed(served);
    },
  },

  "what is sent is not changed by masking": {
    covers: ["websocket.send", "websocket.ping"],
    async run(scene) {
      const { served, client } = await pair(scene);
      for (const length of [5, 50, 5000, 100_000]) {
        const sent = Buffer.alloc(length, 1);
        const array = new Uint8Array(length).fill(2).buffer;
        await new Promise((resolve) => client.send(sent, { binary: false }, resolve));
        await new Promise((resolve) => client.send(array, resolve));
        scene.log(
          "client",
          length,
          sent.every((octet) => octet === 1),
          new Uint8Array(array).every((octet) => octet === 2),
        );
      }
      const ping = Buffer.from("ping");
      await new Promise((resolve) => client.ping(ping, true, resolve));
      scene.log("client", ping);
      client.close();
      await closed(served);
    },
  },

  "a client's masking keys are its own, or those it is given": {
    covers: ["client option generateMask"],
    sides: "client",
    async run(scene) {
      const seen: string[] = [];
      const { url } = await upgrading(scene, async (wire) => void seen.push(...(await wire.rest())));
      let calls = 0;
      const generateMask = (mask: Buffer) => {
        scene.log("client", "asked for", mask.length);
        mask.fill(calls++);
      };
      const client = dial(scene, url, { generateMask });
      client.on("open", () => {
        client.send("zero key");
        client.send(Buffer.from("key of ones"));
        client.send(Buffer.alloc(100, 7));
        client.send("not masked", { mask: false });
        client.ping("twos");
        client.terminate();
      });
      await closed(client);
      await until(() => seen.length > 4);
      scene.log("peer", seen);
    },
  },

  "messages of every length arrive as they were sent": {
    covers: ["websocket.send", "event message"],
    async run(scene) {
      const { served, client } = await pair(scene, {
        accept: (served) =>
          served.on("message", (data: Buffer, isBinary: boolean) => served.send(data, { binary: isBinary })),
      });
      client.on("message", callback(scene.log, "client", "message"));
      const random = new Random(7);
      for (const length of [0, 1, 125, 126, 127, 4096, 65535, 65536, 65537, 1 << 20, 5 << 20]) {
        client.send(random.octets(length));
        client.send("\u20ac".repeat(length / 3));
      }
      client.close();
      await Promise.all([closed(client), closed(served)]);
    },
  },
};
