// What a message event holds, and `binaryType`. WebSockets Standard §3.1, "when a WebSocket message has been received".

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type MessageEvent, WebSocket } from "../../../bindings/node/index.ts";
import { Random, utf8 } from "../../support/octets.ts";
import { kernelNames } from "../support.ts";
import { binary, eventOf, nameOf, serverFrame, text, withPair, withRawServer } from "./support.ts";

for (const kernel of kernelNames) {
  const test = suite(`WebSocket / messages / ${kernel}`);

  /** The events of frames that leave in one write. */
  const eventsOf = async (
    count: number,
    frames: readonly Uint8Array[],
    prepare: (ws: WebSocket) => void = () => {},
  ): Promise<MessageEvent[]> => {
    const events: MessageEvent[] = [];
    await withPair(
      async ({ ws, peer }) => {
        prepare(ws);
        const all = new Promise<void>((resolve) => {
          ws.addEventListener("message", (event) => {
            events.push(event);
            if (events.length === count) resolve();
          });
        });
        peer.send(...frames);
        await all;
      },
      {},
      kernel,
    );
    return events;
  };

  const asBuffers = (ws: WebSocket): unknown => (ws.binaryType = "arraybuffer");

  test("text is a string, of one frame or many", async () => {
    const texts = ["", "Hello", "Grüße", "👋🏽", "\ufeffBOM", "x".repeat(70_000)];
    const pieces = [
      serverFrame(1, utf8("👋").subarray(0, 2), false),
      serverFrame(9, "p"),
      serverFrame(0, utf8("👋").subarray(2)),
    ];
    const events = await eventsOf(7, [...texts.map(text), ...pieces]);
    assert.equal(
      events.map(({ data }) => data),
      [...texts, "👋"],
    );
  });

  test("binary is a Blob at first, without a type", async () => {
    const [empty, full] = await eventsOf(2, [binary(), binary(1, 2, 255)]);
    assert.ok(empty!.data instanceof Blob && full!.data instanceof Blob);
    assert.equal([empty!.data.size, empty!.data.type, full!.data.size], [0, "", 3]);
    assert.equal([...new Uint8Array(await full!.data.arrayBuffer())], [1, 2, 255]);
  });

  test("an ArrayBuffer holds exactly the message, and is its own", async () => {
    const random = new Random(7);
    const messages = [0, 0, 1, 3, 125, 126, 4000, 65_535, 65_536, 300_000, 2].map((length) => random.octets(length));
    const events = await eventsOf(
      messages.length,
      messages.map((octets) => serverFrame(2, octets)),
      asBuffers,
    );
    const buffers = events.map(({ data }) => data as ArrayBuffer);
    for (const [index, buffer] of buffers.entries()) {
      assert.ok(buffer instanceof ArrayBuffer);
      assert.ok(Buffer.from(buffer).equals(messages[index]!), `${messages[index]!.length} octets`);
    }
    assert.is(new Set(buffers).size, messages.length);
    structuredClone(buffers, { transfer: buffers }); // each may be given away
  });

  test("an ArrayBuffer that was given away, or changed, takes nothing from later messages", async () => {
    const heard: string[] = [];
    const frames = [binary(1, 1), text("t"), serverFrame(2, "frag", false), serverFrame(0, "ment"), binary(2, 2)];
    await eventsOf(4, frames, (ws) => {
      ws.binaryType = "arraybuffer";
      ws.onmessage = ({ data }) => {
        heard.push(data instanceof ArrayBuffer ? Buffer.from(data).toString("hex") : String(data));
        if (data instanceof ArrayBuffer) {
          new Uint8Array(data).fill(9);
          structuredClone(data, { transfer: [data] });
        }
      };
    });
    assert.equal(heard, ["0101", "t", Buffer.from("fragment").toString("hex"), "0202"]);
  });

  test("origin is the serialized origin of the URL, lastEventId is empty", async () => {
    await withRawServer(async (server) => {
      const ws = new WebSocket(`${server.url.replace("ws:", "http:")}/path?query`);
      (await server.next()).upgrade([], text("a"));
      const { origin, lastEventId } = await eventOf<MessageEvent>(ws, "message");
      assert.equal([origin, lastEventId], [server.url, ""]);
    });
  });

  test("binaryType is blob at first, and ignores what is neither blob nor arraybuffer", async () => {
    await withPair(async ({ ws }) => {
      const loose = ws as unknown as { binaryType: unknown };
      assert.is(ws.binaryType, "blob");
      for (const kind of ["arraybuffer", "blob"]) {
        loose.binaryType = { toString: () => kind };
        assert.is(ws.binaryType, kind);
        for (const wrong of ["Blob", "ArrayBuffer", "nodebuffer", "", null, undefined, 1, {}]) {
          loose.binaryType = wrong;
          assert.is(ws.binaryType, kind, String(wrong));
        }
      }
      assert.is(
        nameOf(() => (loose.binaryType = Symbol("blob"))),
        "TypeError",
      );
    });
  });

  test("binaryType counts when the event fires: one listener changes it for the next message of its batch", async () => {
    const flip = (ws: WebSocket): void => {
      ws.onmessage = () => (ws.binaryType = ws.binaryType === "blob" ? "arraybuffer" : "blob");
    };
    const events = await eventsOf(4, [binary(1), text("t"), binary(2), binary(3)], flip);
    const kinds = events.map(({ data }) => (typeof data === "string" ? data : (data as object).constructor.name));
    assert.equal(kinds, ["Blob", "t", "Blob", "ArrayBuffer"]);
  });

  test("binaryType may be set before the connection is open, and in its open event", async () => {
    await withRawServer(async (server) => {
      for (const when of ["before", "in open"]) {
        const ws = new WebSocket(server.url);
        if (when === "before") ws.binaryType = "arraybuffer";
        else ws.onopen = () => (ws.binaryType = "arraybuffer");
        (await server.next()).upgrade([], binary(1));
        assert.ok((await eventOf<MessageEvent>(ws, "message")).data instanceof ArrayBuffer, when);
      }
    });
  });

  test.run();
}
