// Messages under permessage-deflate: what is compressed, what a peer sees of it, and what it may not send. RFC 7692 §7.2.

import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { concat, hex, Random } from "../../../support/octets.ts";
import type { Loose } from "../../implementations.ts";
import type { Scenarios, Scene } from "../../scenario.ts";
import { callback, closed, listen, pair, until, watch } from "../../support.ts";
import { closePayload, fromClient, type Octets, rawClient, showFrame, type Wire } from "../../wire.ts";

/** A server's end that has agreed to compress, and its bare client. */
async function deflating(
  scene: Scene,
  options: object = {},
  offer = "permessage-deflate",
): Promise<{ served: Loose; wire: Wire }> {
  const { wss, port } = await listen(scene, options);
  const connected = new Promise<Loose>((resolve) => wss.once("connection", resolve));
  const wire = await rawClient(scene, port, { "Sec-WebSocket-Extensions": offer });
  return { served: await connected, wire };
}

const tail = hex("00 00 ff ff");
const sync = { finishFlush: constants.Z_SYNC_FLUSH };

/** The payload of a compressed message that stands alone. §7.2.1 */
function deflated(octets: Uint8Array | string): Uint8Array {
  const all = deflateRawSync(octets, sync);
  return all.subarray(0, all.length - 4);
}

/** The next frames: of compressed ones, what they inflate to, for compressors differ in how they say it. */
async function inflatedFrames(wire: Wire, count: number): Promise<string[]> {
  const shown: string[] = [];
  for (let index = 0; index < count; index++) {
    const next = await wire.frame();
    if (next === undefined) shown.push("nothing");
    else if (next.rsv1) shown.push(showFrame({ ...next, payload: inflateRawSync(concat(next.payload, tail), sync) }));
    else shown.push(showFrame(next));
  }
  return shown;
}

/** Sends parts, then a Close, to a server that compresses. */
async function exchange(scene: Scene, name: string, options: object, parts: readonly Octets[]): Promise<void> {
  const { wss, port } = await listen(scene, { perMessageDeflate: true, ...options });
  scene.log("server", name);
  const over = new Promise<void>((resolve) => {
    wss.on("connection", (served: Loose) => {
      watch(scene.log, "server", served);
      served.on("close", () => resolve());
    });
  });
  const wire = await rawClient(scene, port, { "Sec-WebSocket-Extensions": "permessage-deflate" });
  wire.send(...parts, fromClient(8, closePayload(1000)));
  scene.log("peer", name, await wire.rest());
  wire.end();
  await over;
}

const compressed = (octets: Uint8Array | string): Uint8Array => fromClient(1, deflated(octets), { rsv: 4 });

export const scenarios: Scenarios = {
  "text, octets and fragments come as they were sent, under each agreement": {
    covers: ["option perMessageDeflate", "websocket.send", "event message"],
    async run(scene) {
      const agreements: unknown[] = [
        true,
        { serverNoContextTakeover: true, clientNoContextTakeover: true },
        { threshold: 0 },
        { serverMaxWindowBits: 9, clientMaxWindowBits: 9 },
        { zlibDeflateOptions: { level: 9, memLevel: 9 }, zlibInflateOptions: { chunkSize: 1024 } },
      ];
      const random = new Random(5).octets(100_000);
      for (const perMessageDeflate of agreements) {
        const { served, client } = await pair(scene, {
          server: { perMessageDeflate },
          client: { perMessageDeflate },
          accept: (served) =>
            served.on("message", (data: Buffer, isBinary: boolean) => served.send(data, { binary: isBinary })),
        });
        client.on("message", callback(scene.log, "client", "message"));
        for (const data of ["", "short", "long ".repeat(1000), Buffer.alloc(200_000, 7), random, Buffer.alloc(0)])
          client.send(data);
        client.send("in ", { fin: false });
        client.send("two ".repeat(500), { fin: true });
        client.send("not compressed", { compress: false });
        let count = 0;
        await new Promise<void>((resolve) => client.on("message", () => ++count === 8 && resolve()));
        client.close(1000);
        await Promise.all([closed(client), closed(served)]);
      }
    },
  },

  "RSV1 tells which messages are compressed": {
    covers: ["option perMessageDeflate", "websocket.send"],
    sides: "server",
    async run(scene) {
      const long = "long ".repeat(500);
      for (const offer of ["permessage-deflate", "permessage-deflate; server_no_context_takeover"]) {
        for (const threshold of [undefined, 0, 5]) {
          const perMessageDeflate = threshold === undefined ? true : { threshold };
          const { served, wire } = await deflating(scene, { perMessageDeflate }, offer);
          served.send("short", { compress: true });
          // From here on each message may refer to those before it: only whether it is compressed is looked at.
          for (const [data, options] of [
            ["long", {}],
            ["", {}],
            [long, {}],
            [long, { compress: false }],
            [Buffer.from(long), {}],
          ] as const) {
            served.send(data === "long" ? long : data, options);
          }
          served.ping("never");
          served.send("a", { fin: false });
          served.send("b", { fin: true });
          served.send("c", { fin: false, compress: false });
          served.send("d", { fin: true, compress: true });
          const shown: string[] = [];
          for (let count = 0; count < 11; count++) {
            const frame = (await wire.frame())!;
            shown.push(`${frame.opcode}${frame.fin ? "" : " unfinished"}${frame.rsv1 ? " rsv1" : ""}`);
          }
          scene.log("peer", offer, threshold, shown);
        }
      }
    },
    differs: [
      {
        reason: "what does not get shorter is sent as it is, and so is what comes in fragments",
        side: "server",
        transcript: {
          peer: ["permessage-deflate", "permessage-deflate; server_no_context_takeover"].flatMap((offer) =>
            [undefined, 0, 5].map(
              (threshold) =>
                `${offer} ${threshold} ["1", "1 rsv1", "1", "1 rsv1", "1", "2 rsv1", "9", "1 unfinished", "0", "1 unfinished", "0"]`,
            ),
          ),
        },
      },
    ],
  },

  "what is compressed inflates to what was sent": {
    covers: ["option perMessageDeflate"],
    sides: "server",
    async run(scene) {
      const offer = "permessage-deflate; server_no_context_takeover";
      const { served, wire } = await deflating(scene, { perMessageDeflate: { threshold: 0 } }, offer);
      for (const data of ["long ".repeat(500), Buffer.alloc(70_000, 1)]) served.send(data);
      scene.log("peer", await inflatedFrames(wire, 2));
    },
  },

  "messages, pings and the Close keep their order around what is compressed": {
    covers: ["option perMessageDeflate", "websocket.send", "websocket.ping", "websocket.close"],
    async run(scene) {
      const { client } = await pair(scene, {
        server: { perMessageDeflate: true },
        accept: (served) => {
          served.send(Buffer.alloc(500_000), (error: unknown) => scene.log("server", "first", error ?? "no error"));
          served.ping("second", false, (error: unknown) => scene.log("server", "second", error ?? "no error"));
          served.send("third", { compress: false }, (error: unknown) =>
            scene.log("server", "third", error ?? "no error"),
          );
          served.send("fourth", (error: unknown) => scene.log("server", "fourth", error ?? "no error"));
          served.close(1000, "fifth");
          scene.log("server", "all are sent", served.bufferedAmount > 0);
        },
        dialled: (client) => {
          for (const name of ["message", "ping", "close"]) client.on(name, callback(scene.log, "client", name));
        },
      });
      await until(() => client.readyState === 3);
    },
  },

  "terminate() while something is compressed": {
    covers: ["websocket.terminate", "websocket.send", "option perMessageDeflate"],
    async run(scene) {
      const { served } = await pair(scene, { server: { perMessageDeflate: true } });
      for (const name of ["first", "second"])
        served.send(Buffer.alloc(1 << 20), (error: Error) => scene.log(name, error, error?.message));
      served.ping("third", false, (error: Error) => scene.log("third", error, error?.message));
      served.terminate();
      scene.log("server", "close", ...(await closed(served)));
    },
  },

  "compressed messages of a peer": {
    covers: ["option perMessageDeflate", "event message"],
    sides: "server",
    async run(scene) {
      const long = deflated("long ".repeat(1000));
      const final = deflateRawSync("a final block"); // BFINAL is 1, §7.2.3.4
      const cases: Record<string, Uint8Array[]> = {
        text: [compressed("Hello")],
        "the example of §7.2.3.1": [fromClient(1, hex("f2 48 cd c9 c9 07 00"), { rsv: 4 })],
        "with the context of the one before": [
          fromClient(1, hex("f2 48 cd c9 c9 07 00"), { rsv: 4 }),
          fromClient(1, hex("f2 00 11 00 00"), { rsv: 4 }),
        ],
        "not compressed, beside others": [compressed("one"), fromClient(1, "two"), compressed("three")],
        fragments: [
          fromClient(2, long.subarray(0, 7), { rsv: 4, fin: false }),
          fromClient(9, "ping"),
          fromClient(0, long.subarray(7)),
        ],
        empty: [fromClient(1, hex("00"), { rsv: 4 })],
        "a final block": [fromClient(1, concat(final, hex("00")), { rsv: 4 }), compressed("and another")],
      };
      for (const [name, parts] of Object.entries(cases)) await exchange(scene, name, {}, parts);
    },
  },

  "a compressed message of no octet": {
    covers: ["option perMessageDeflate", "event error"],
    sides: "server",
    async run(scene) {
      await exchange(scene, "nothing", {}, [fromClient(2, "", { rsv: 4 })]);
    },
    differs: [
      {
        reason: "an empty message is an octet at least where it is compressed (RFC 7692 §7.2.3.6)",
        side: "server",
        transcript: {
          peer: ['nothing ["close 03 ef", "FIN"]'],
          server: ["nothing", "error in 2: Error Z_DATA_ERROR", "close in 3: 1006 Buffer()"],
        },
      },
    ],
  },

  "compressed messages that break a rule": {
    covers: ["option perMessageDeflate", "WS_ERR_UNEXPECTED_RSV_1", "WS_ERR_INVALID_UTF8", "event error"],
    sides: "server",
    async run(scene) {
      const cases: Record<string, Uint8Array[]> = {
        "no deflate data": [fromClient(1, hex("ff ff ff ff"), { rsv: 4 })],
        "after a good one": [compressed("good"), fromClient(1, hex("06 00"), { rsv: 4 }), compressed("never")],
        "no UTF-8": [compressed(hex("ff"))],
        "RSV1 on a continuation": [fromClient(1, deflated("a"), { rsv: 4, fin: false }), fromClient(0, "", { rsv: 4 })],
        "RSV1 on a ping": [fromClient(9, "", { rsv: 4 })],
        "a distance before the beginning": [fromClient(1, hex("f2 00 11 00 00"), { rsv: 4 })],
      };
      for (const [name, parts] of Object.entries(cases)) await exchange(scene, name, {}, parts);
    },
  },

  "maxPayload is of what is inflated": {
    covers: ["option maxPayload", "option perMessageDeflate", "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH"],
    sides: "server",
    async run(scene) {
      const options = { maxPayload: 1000 };
      await exchange(scene, "exact", options, [fromClient(2, deflated(new Uint8Array(1000)), { rsv: 4 })]);
      await exchange(scene, "one more", options, [fromClient(2, deflated(new Uint8Array(1001)), { rsv: 4 })]);
      await exchange(scene, "a bomb", options, [fromClient(2, deflated(new Uint8Array(400_000)), { rsv: 4 })]);
      const whole = deflated(new Random(1).octets(990));
      const fragments = [
        fromClient(2, whole.subarray(0, 500), { rsv: 4, fin: false }),
        fromClient(0, whole.subarray(500)),
      ];
      await exchange(scene, "fragments", { maxPayload: 1100 }, fragments);
      await exchange(scene, "not compressed", options, [fromClient(2, new Uint8Array(1001))]);
    },
  },

  "compressed, with one event a turn": {
    covers: ["option allowSynchronousEvents", "option perMessageDeflate"],
    async run(scene) {
      for (const allowSynchronousEvents of [true, false]) {
        const { served, client } = await pair(scene, {
          server: { perMessageDeflate: true },
          client: { allowSynchronousEvents },
        });
        client.on("message", (data: Buffer) => scene.log("client", "message", data));
        client.on("ping", (data: Buffer) => scene.log("client", "ping", data));
        for (let count = 0; count < 5; count++) {
          served.send(`message ${count}`);
          served.ping(String(count));
        }
        served.close(1000);
        scene.log("client", "close", ...(await closed(client)));
      }
    },
  },
};
