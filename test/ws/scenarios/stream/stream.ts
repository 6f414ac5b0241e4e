// A WebSocket as a Duplex: createWebSocketStream().

import { once } from "node:events";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Random } from "../../../support/octets.ts";
import type { Loose } from "../../implementations.ts";
import type { Scenarios, Scene } from "../../scenario.ts";
import { closed, dial, listen, pair, turns, until } from "../../support.ts";
import { fromServer, rawServer, upgrading } from "../../wire.ts";

/** Writes down the events of a stream but for its data. */
function watchStream(scene: Scene, actor: string, stream: Loose): void {
  for (const name of ["end", "finish", "close", "error"])
    stream.on(name, (...values: unknown[]) => scene.log(actor, `stream ${name}`, ...values, stream.destroyed));
}

export const scenarios: Scenarios = {
  "both ways, over and over": {
    covers: ["createWebSocketStream"],
    async run(scene) {
      const { served, client } = await pair(scene);
      const echo = scene.server.createWebSocketStream(served);
      echo.pipe(echo);
      const stream = scene.client.createWebSocketStream(client);
      watchStream(scene, "client", stream);
      const octets = Buffer.from(new Random(3).octets(1 << 20));
      const chunks: Buffer[] = [];
      let length = 0;
      stream.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length === octets.length) stream.end();
      });
      for (let at = 0; at < octets.length; at += 100_000) stream.write(octets.subarray(at, at + 100_000));
      await once(stream, "close");
      scene.log("client", "same octets", Buffer.concat(chunks).equals(octets));
    },
  },

  "piped through, 1 MiB": {
    covers: ["createWebSocketStream"],
    async run(scene) {
      const { served, client } = await pair(scene);
      const octets = Buffer.from(new Random(4).octets(1 << 20));
      const source = Readable.from(
        Array.from({ length: 16 }, (_, index) => octets.subarray(index << 16, (index + 1) << 16)),
      );
      const received: Buffer[] = [];
      const reading = pipeline(scene.server.createWebSocketStream(served), async (stream: Loose) => {
        for await (const chunk of stream) received.push(chunk);
      }).then(() => scene.log("server", "read to the end"));
      await pipeline(source, scene.client.createWebSocketStream(client));
      await reading;
      scene.log("server", Buffer.concat(received).equals(octets), served.readyState);
    },
  },

  "end() closes without a code; the other stream ends": {
    covers: ["createWebSocketStream"],
    async run(scene) {
      const { served, client } = await pair(scene);
      const streams = [scene.server.createWebSocketStream(served), scene.client.createWebSocketStream(client)];
      watchStream(scene, "server", streams[0]);
      watchStream(scene, "client", streams[1]);
      const over = Promise.all([closed(served), closed(client), ...streams.map((stream) => once(stream, "close"))]);
      streams[0].resume();
      streams[0].on("end", () => streams[0].end());
      streams[1].resume();
      streams[1].end("last words");
      const [ofServer, ofClient] = await over;
      scene.log("server", ...ofServer);
      scene.log("client", ...ofClient);
    },
  },

  "a stream that is not read does not end": {
    covers: ["createWebSocketStream"],
    async run(scene) {
      const { served, client } = await pair(scene);
      const stream = scene.client.createWebSocketStream(client);
      watchStream(scene, "client", stream);
      served.send("unread");
      served.close(1000);
      await closed(client);
      await turns();
      scene.log("client", "then it is read", String(stream.read()));
      stream.resume();
      await once(stream, "end");
    },
  },

  "destroy() terminates, with its error if it has one": {
    covers: ["createWebSocketStream"],
    async run(scene) {
      for (const error of [undefined, new RangeError("mine")]) {
        const { served, client } = await pair(scene);
        const stream = scene.client.createWebSocketStream(client);
        watchStream(scene, "client", stream);
        stream.destroy(error);
        const [[code]] = await Promise.all([closed(served), once(stream, "close").catch(() => {}), closed(client)]);
        scene.log("server", "close", code);
        await turns();
        scene.log("client", client.readyState);
      }
    },
  },

  "before the socket is open, what is written waits": {
    covers: ["createWebSocketStream"],
    async run(scene) {
      const { wss, url } = await listen(scene);
      const texts: string[] = [];
      const over = new Promise<void>((resolve) => {
        wss.on("connection", (served: Loose) => {
          served.on("message", (data: unknown, isBinary: unknown) => scene.log("server", "message", data, isBinary));
          served.on("close", () => resolve());
        });
      });
      const client = dial(scene, url);
      const stream = scene.client.createWebSocketStream(client);
      stream.write("early", () => texts.push("written"));
      stream.end("and late");
      stream.resume();
      await over;
      scene.log("client", texts);
    },
  },

  "a handshake that fails is the stream's error": {
    covers: ["createWebSocketStream"],
    sides: "client",
    async run(scene) {
      const { url } = await rawServer(scene, (wire) => void wire.say("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"));
      const client = dial(scene, url);
      const stream = scene.client.createWebSocketStream(client);
      stream.on("error", (error: Error) => scene.log("client", "says", error.message));
      watchStream(scene, "client", stream);
      stream.write("never sent", (error: unknown) => scene.log("client", "written", error));
      await new Promise((resolve) => stream.on("close", resolve));
    },
  },

  "destroy() before the socket is open": {
    covers: ["createWebSocketStream"],
    sides: "client",
    async run(scene) {
      const { url } = await rawServer(scene, () => {});
      const client = dial(scene, url);
      const stream = scene.client.createWebSocketStream(client);
      watchStream(scene, "client", stream);
      stream.on("error", (error: Error) => scene.log("client", "says", error.message));
      stream.destroy();
      await new Promise((resolve) => stream.on("close", resolve));
      scene.log("client", client.readyState);
    },
  },

  "a violation is the stream's error, and the peer still reads its code": {
    covers: ["createWebSocketStream"],
    sides: "client",
    async run(scene) {
      const { url } = await upgrading(scene, async (wire) => {
        wire.send(fromServer(1, "good"), fromServer(5));
        scene.log("peer", await wire.rest());
        wire.end();
      });
      const stream = scene.client.createWebSocketStream(dial(scene, url));
      watchStream(scene, "client", stream);
      stream.on("data", (chunk: unknown) => scene.log("client", "data", chunk));
      await new Promise((resolve) => stream.on("close", resolve));
    },
  },

  "messages wait where the stream is not read": {
    covers: ["createWebSocketStream", "websocket.isPaused"],
    async run(scene) {
      const { served, client } = await pair(scene);
      const stream = scene.client.createWebSocketStream(client, { readableHighWaterMark: 1000 });
      let events = 0;
      client.on("message", () => events++);
      for (let count = 0; count < 200; count++) served.send(Buffer.alloc(100_000));
      await until(() => client.isPaused);
      scene.log("client", "paused", client.isPaused, events < 200);
      let length = 0;
      stream.on("data", (chunk: Buffer) => {
        length += chunk.length;
      });
      await until(() => length === 20_000_000);
      scene.log("client", "all came", events, client.isPaused);
    },
  },

  "the options of a Duplex": {
    covers: ["createWebSocketStream"],
    async run(scene) {
      const forms = [
        {},
        { readableObjectMode: true },
        { encoding: "utf8" },
        { decodeStrings: false },
        { objectMode: true, autoDestroy: true },
      ];
      for (const options of forms) {
        const { served, client } = await pair(scene);
        const stream = scene.client.createWebSocketStream(client, options);
        const { readableObjectMode, writableObjectMode, readableHighWaterMark } = stream;
        scene.log("client", options, readableObjectMode, writableObjectMode, readableHighWaterMark > 0);
        stream.on("data", (chunk: unknown) => scene.log("client", "data", chunk));
        served.on("message", (data: unknown, isBinary: unknown) => scene.log("server", "message", data, isBinary));
        served.send("text \u20ac");
        await once(stream, "data");
        served.send(Buffer.from("octets"));
        await once(stream, "data");
        stream.write("written");
        stream.write(Buffer.from("octets"));
        stream.end();
        await Promise.all([closed(served), closed(client)]);
      }
    },
  },

  "a stream of the server's end": {
    covers: ["createWebSocketStream"],
    async run(scene) {
      const { client } = await pair(scene, {
        accept: (served) => {
          const stream = scene.server.createWebSocketStream(served, { encoding: "utf8" });
          stream.on("data", (chunk: unknown) => scene.log("server", "data", chunk));
          stream.on("end", () => scene.log("server", "end"));
        },
      });
      client.send("one");
      client.send("two");
      client.close();
      await closed(client);
      await turns();
    },
  },
};
