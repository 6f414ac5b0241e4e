// One test body, three ways to hear messages: the WebSocket class in a loop of promises, `for await` over connect()'s
// socket, its `message` handler. None loses a message or its order, wherever chunks are cut and however slow the loop is.

import type { AddressInfo } from "node:net";
import { createServer } from "node:tls";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { initSync } from "../../../bindings/index.ts";
import { connect, type OpeningOptions, type Socket, WebSocket } from "../../../bindings/node/index.ts";
import { concat, Random, utf8 } from "../../support/octets.ts";
import { kernelNames } from "../support.ts";
import { RawPeer, ScriptedStream, serverClose, serverFrame, withRawServer } from "./support.ts";

const COUNT = 1000;

/** Text and binary, short and long, whole and in fragments, with pings between. */
const frames: readonly Uint8Array[] = Array.from({ length: COUNT }, (_, index) => {
  const payload = utf8(`${index} ${"é".repeat(index % 97 === 0 ? 5000 : index % 7)}`);
  const opcode = index % 3 === 0 ? 2 : 1;
  if (index % 5 !== 0) return [serverFrame(opcode, payload)];
  return [
    serverFrame(opcode, payload.subarray(0, 1), false),
    serverFrame(9, "ping"),
    serverFrame(0, payload.subarray(1)),
  ];
}).flat();
const expected: readonly string[] = Array.from(
  { length: COUNT },
  (_, index) => `${index % 3 === 0 ? "binary" : "text"} ${index} ${"é".repeat(index % 97 === 0 ? 5000 : index % 7)}`,
);

const shown = (data: unknown): string =>
  typeof data === "string" ? `text ${data}` : `binary ${new TextDecoder().decode(data as ArrayBuffer)}`;

/** Promises between one message and the request for the next. */
async function hop(count: number): Promise<void> {
  for (let done = 0; done < count; done++) await null;
}

/** A way to hear everything until the connection is closed. */
type Way = (url: string, options: OpeningOptions, hops: number) => Promise<string[]>;

const ways: Readonly<Record<string, Way>> = {
  WebSocket: async (url, options, hops) => {
    const ws = new WebSocket(url, options);
    ws.binaryType = "arraybuffer";
    const heard: string[] = [];
    const closed = new Promise<null>((resolve) => ws.addEventListener("close", () => resolve(null)));
    for (;;) {
      const event = await Promise.race([closed, new Promise<{ data: unknown }>((resolve) => (ws.onmessage = resolve))]);
      if (event === null) return heard;
      await hop(hops);
      heard.push(shown(event.data));
    }
  },
  "for await": async (url, options, hops) => {
    const heard: string[] = [];
    for await (const data of await connect(url, options)) {
      await hop(hops);
      heard.push(shown(data));
    }
    return heard;
  },
  "message handler": (url, options) =>
    new Promise((resolve, reject) => {
      const heard: string[] = [];
      const message = (_socket: Socket, data: string | Uint8Array): unknown => heard.push(shown(data));
      connect(url, { ...options, message, close: () => resolve(heard) }).catch(reject);
    }),
};

for (const kernel of kernelNames) {
  for (const [name, hear] of Object.entries(ways)) {
    const test = suite(`WebSocket / delivery / ${name} / ${kernel}`);
    test.before(() => {
      initSync({ kernel });
    });
    test.after(() => {
      initSync();
    });

    test("a batch of 1,000 in one write is heard whole, after 0, 1 and 10 hops", async () => {
      await withRawServer(async (server) => {
        for (const hops of [0, 1, 10]) {
          const hearing = hear(server.url, {}, hops);
          const peer = await server.next();
          peer.upgrade();
          peer.send(...frames, serverClose(1000));
          peer.socket.end();
          assert.equal(await hearing, expected);
        }
      });
    });

    test("messages that come in one packet with the server's answer are heard", async () => {
      await withRawServer(async (server) => {
        const hearing = hear(server.url, {}, 10);
        const peer = await server.next();
        peer.upgrade([], ...frames, serverClose(1000));
        peer.socket.end();
        assert.equal(await hearing, expected);
      });
    });

    test("chunks cut at random, in one turn or in many, change nothing", async () => {
      for (let seed = 1; seed <= 5; seed++) {
        const random = new Random(seed);
        const stream = new ScriptedStream(async (stream, acceptance) => {
          const octets = concat(utf8(acceptance), ...frames, serverClose(1000));
          for (let at = 0; at < octets.length; ) {
            const end = at + 1 + random.below(random.pick([3, 200, 40_000]));
            stream.tell(octets.subarray(at, end));
            at = end;
            if (random.below(3) === 0) await null;
            if (random.below(20) === 0) await new Promise((resolve) => setImmediate(resolve));
          }
          stream.push(null);
        });
        assert.equal(
          await hear("ws://127.0.0.1/", { connect: () => stream }, random.below(4)),
          expected,
          `seed ${seed}`,
        );
      }
    });

    test("a batch over TLS is heard whole", async () => {
      const psk = Buffer.alloc(16, 7);
      const secret = { ciphers: "PSK", maxVersion: "TLSv1.2" } as const;
      const server = createServer({ ...secret, pskCallback: () => psk, allowHalfOpen: true }, (socket) => {
        const peer = new RawPeer(socket);
        peer
          .until(() => peer.request !== "")
          .then(() => {
            peer.upgrade([], ...frames.slice(0, 10));
            peer.send(...frames.slice(10), serverClose(1000));
            socket.end();
          });
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      try {
        const url = `wss://127.0.0.1:${(server.address() as AddressInfo).port}`;
        const pskCallback = (): { psk: Buffer; identity: string } => ({ psk, identity: "test" });
        const tls = { ...secret, pskCallback, checkServerIdentity: () => undefined };
        assert.equal(await hear(url, { tls }, 3), expected);
      } finally {
        server.close();
      }
    });

    test.run();
  }
}
