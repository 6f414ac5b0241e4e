// Sender, over a socket that is none: the frames that it makes, and the order in which it writes them.

import { once } from "node:events";
import { Duplex } from "node:stream";
import type { Api, Loose } from "../../implementations.ts";
import type { Scenarios, Scene } from "../../scenario.ts";
import { thrown, turns } from "../../support.ts";
import { readFrame, showFrame } from "../../wire.ts";

/** A sender and the socket that it writes to, which keeps every chunk. */
function sending(
  api: Api,
  extensions?: object,
  generateMask?: unknown,
): { sender: Loose; chunks: Buffer[]; socket: Duplex } {
  const chunks: Buffer[] = [];
  const socket = new Duplex({
    read() {},
    write(chunk, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  return { sender: new api.Sender(socket, extensions, generateMask), chunks, socket };
}

/** What was written, as frames; the list is empty then. */
function framesOf(chunks: Buffer[]): string[] {
  let octets = Buffer.concat(chunks.splice(0));
  const shown: string[] = [];
  for (let found = readFrame(octets); found !== undefined; found = readFrame(octets)) {
    shown.push(showFrame(found.frame));
    octets = octets.subarray(found.length);
  }
  return octets.length === 0 ? shown : [...shown, `and ${octets.length} octets`];
}

const keyOf = (mask: Buffer): void => void mask.set([1, 2, 3, 4]);

function frame(scene: Scene, data: Buffer, options: Loose): void {
  const list: Buffer[] = scene.server.Sender.frame(data, options);
  const octets = Buffer.concat(list);
  scene.log("frame", data.length, options, list.length, octets.subarray(0, 16), showFrame(readFrame(octets)!.frame));
}

export const scenarios: Scenarios = {
  "Sender.frame() of all lengths": {
    covers: ["Sender"],
    sides: "server",
    async run(scene) {
      for (const length of [0, 1, 5, 125, 126, 127, 65535, 65536, 100_000]) {
        frame(scene, Buffer.alloc(length, 7), { fin: true, opcode: 2, mask: false, rsv1: false, readOnly: false });
        const masked = { fin: true, opcode: 1, mask: true, readOnly: true, generateMask: keyOf };
        frame(scene, Buffer.alloc(length, 7), { ...masked, maskBuffer: Buffer.alloc(4) });
      }
    },
  },

  "Sender.frame() with every bit": {
    covers: ["Sender"],
    sides: "server",
    async run(scene) {
      for (const opcode of [0, 1, 2, 8, 9, 10])
        for (const fin of [true, false])
          for (const rsv1 of [true, false]) frame(scene, Buffer.from("Hi"), { opcode, fin, rsv1 });
    },
  },

  "Sender.frame() masks what may be changed in place, and what may not in a copy": {
    covers: ["Sender"],
    sides: "server",
    async run({ server: { Sender }, log }) {
      for (const readOnly of [true, false]) {
        for (const length of [5, 200]) {
          const data = Buffer.alloc(length, 7);
          const mask = { mask: true, generateMask: keyOf, maskBuffer: Buffer.alloc(4) };
          const list: Buffer[] = Sender.frame(data, { opcode: 2, fin: true, readOnly, ...mask });
          const isKept = data.every((octet) => octet === 7);
          log("frame", { readOnly, length }, list.length, isKept, Buffer.concat(list));
        }
      }
      const zero = Sender.frame(Buffer.from("Hi"), {
        opcode: 1,
        fin: true,
        mask: true,
        generateMask: (key: Buffer) => key.fill(0),
      });
      log("frame", "a key of zeros", Buffer.concat(zero));
      const random = Sender.frame(Buffer.from("Hi"), { opcode: 1, fin: true, mask: true, readOnly: true });
      log("frame", "a key of its own", showFrame(readFrame(Buffer.concat(random))!.frame));
      const text = Sender.frame("h\u00e9", { opcode: 1, fin: true, mask: false });
      log("frame", "a string", Buffer.concat(text.map((part: string | Buffer) => Buffer.from(part))));
    },
  },

  "send(), ping(), pong() and close() of a Sender": {
    covers: ["Sender"],
    sides: "server",
    async run({ server, log }) {
      const { sender, chunks } = sending(server, {}, keyOf);
      const send = { binary: true, compress: false, fin: true, mask: false };
      sender.send("text", { ...send, binary: false });
      sender.send(Buffer.from("octets"), send);
      sender.send(Uint8Array.of(1, 2), { ...send, mask: true });
      sender.send("first", { ...send, fin: false });
      sender.send("last", send);
      sender.send("no options", {});
      sender.send("and then", { fin: true });
      sender.ping("ping", false);
      sender.pong(Buffer.from("pong"), true);
      sender.ping(new ArrayBuffer(2), false);
      sender.close(1000, "bye", false);
      sender.close(undefined, undefined, false);
      sender.close(1001, undefined, true);
      sender.close(3000, Buffer.from("octets"), true);
      log("sender", framesOf(chunks));
      log(
        "sender",
        thrown(() => sender.close(1005, "", false)),
      );
      log(
        "sender",
        thrown(() => sender.close(1000, "x".repeat(124), false)),
      );
      log(
        "sender",
        thrown(() => sender.close("1000", "", false)),
      );
      log(
        "sender",
        thrown(() => sender.ping("x".repeat(126), false)),
      );
      log(
        "sender",
        thrown(() => sender.pong(Buffer.alloc(126), false)),
      );
      log("sender", "nothing is written", framesOf(chunks));
    },
  },

  "callbacks of a Sender": {
    covers: ["Sender"],
    sides: "server",
    async run({ server, log }) {
      const { sender, chunks } = sending(server);
      const options = { binary: true, compress: false, fin: true, mask: false };
      const done = new Promise<void>((resolve) => {
        sender.send("one", options, (error: unknown) => log("sender", "one", error ?? "no error"));
        sender.ping("two", false, (error: unknown) => log("sender", "two", error ?? "no error"));
        sender.pong("three", false, (error: unknown) => log("sender", "three", error ?? "no error"));
        sender.close(1000, "", false, (error: unknown) => {
          log("sender", "four", error ?? "no error");
          resolve();
        });
      });
      await done;
      log("sender", framesOf(chunks));
    },
  },

  "sendFrame() writes a frame as it is": {
    covers: ["Sender"],
    sides: "server",
    async run({ server, log }) {
      const { sender, chunks } = sending(server);
      const list = server.Sender.frame(Buffer.from("Hi"), { opcode: 1, fin: true });
      await new Promise<void>((resolve) =>
        sender.sendFrame(list, (error: unknown) => {
          log("sender", error ?? "no error");
          resolve();
        }),
      );
      sender.sendFrame([Buffer.from("8100", "hex")]);
      log("sender", framesOf(chunks));
    },
  },

  "a Sender that compresses": {
    covers: ["Sender", "PerMessageDeflate"],
    sides: "server",
    async run({ server, log }) {
      const agreed = new server.PerMessageDeflate({ isServer: true, threshold: 0 });
      agreed.accept([{}]);
      const { sender, chunks, socket } = sending(server, { "permessage-deflate": agreed });
      const options = { binary: false, compress: true, fin: true, mask: false };
      const done = new Promise<void>((resolve) => {
        sender.send("compressed", options, () => log("sender", "first"));
        sender.ping("ping", false, () => log("sender", "ping"));
        sender.send("not", { ...options, compress: false }, () => log("sender", "not"));
        sender.close(1000, "", false, () => {
          log("sender", "close");
          resolve();
        });
      });
      log("sender", "waiting", chunks.length);
      await done;
      const frames = framesOf(chunks);
      log(
        "sender",
        frames.map((shown) =>
          shown
            .split(" ")
            .slice(0, 2)
            .join(" ")
            .replace(/ [0-9a-f]{2}$/, ""),
        ),
      );
      agreed.cleanup();
      socket.destroy();
      await once(socket, "close");
    },
  },

  "a Sender of Blobs": {
    covers: ["Sender"],
    sides: "server",
    async run({ server, log }) {
      const { sender, chunks } = sending(server);
      const options = { binary: true, compress: false, fin: true, mask: false };
      const done = new Promise<void>((resolve) => {
        sender.send(new Blob(["blob"]), options, () => log("sender", "blob"));
        sender.send("after", options, resolve);
      });
      log("sender", "waiting", chunks.length, sender._bufferedBytes);
      await done;
      await turns(2);
      log("sender", framesOf(chunks));
    },
  },
};
