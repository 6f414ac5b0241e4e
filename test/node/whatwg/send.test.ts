// What `send` takes and what becomes of it. WebSockets Standard §3.1, `send(data)`; Web IDL §3.2.24 to §3.2.26.

import { runInNewContext } from "node:vm";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { WebSocket } from "../../../bindings/node/index.ts";
import { nameOf, sent, socketOn, withPair, withRawServer } from "./support.ts";

const test = suite("WebSocket / send");

test("while CONNECTING a message throws InvalidStateError, and is not counted", async () => {
  await withRawServer(async (server) => {
    const ws = socketOn("wasm", server.url);
    assert.throws(
      () => ws.send("x"),
      (error: unknown) => error instanceof DOMException && error.code === 11,
    );
    assert.is(
      nameOf(() => ws.send(new Blob(["x"]))),
      "InvalidStateError",
    );
    assert.is(ws.bufferedAmount, 0);
    ws.close();
  });
});

test("no argument throws a TypeError, also while CONNECTING and after close()", async () => {
  const isRefused = (ws: WebSocket): void =>
    assert.is(
      nameOf(() => (ws.send as () => void)()),
      "TypeError",
    );
  await withRawServer(async (server) => {
    const ws = socketOn("wasm", server.url);
    isRefused(ws);
    ws.close();
    isRefused(ws);
  });
  await withPair(async ({ ws }) => isRefused(ws));
});

test("a string is sent as text, the empty one too", async () => {
  assert.equal(
    await sent("", "Grüße", "a\0b", "👋🏽"),
    ["1", "1 Grüße", "1 a\0b", "1 👋🏽"].map((line) => (line === "1" ? "1 " : line)),
  );
});

test("a lone surrogate is sent as U+FFFD (USVString)", async () => {
  assert.equal(await sent("\ud800", "a\udfffb", `${"x".repeat(40)}\ud800`), [
    "1 \ufffd",
    "1 a\ufffdb",
    `1 ${"x".repeat(40)}\ufffd`,
  ]);
});

test("whatever else there is is sent as the text that it converts to", async () => {
  const values = [undefined, null, 1, 10n, true, {}, [1, [2]], { toString: () => "o" }, new SharedArrayBuffer(2)];
  const texts = ["undefined", "null", "1", "10", "true", "[object Object]", "1,2", "o", "[object SharedArrayBuffer]"];
  assert.equal(
    await sent(...values),
    texts.map((text) => `1 ${text}`),
  );
});

test("what has no string throws what its conversion throws", async () => {
  await withPair(async ({ ws }) => {
    assert.is(
      nameOf(() => ws.send(Symbol("x") as unknown as string)),
      "TypeError",
    );
    assert.is(
      nameOf(() => ws.send(Object.create(null))),
      "TypeError",
    );
    const error = new RangeError("mine");
    const value = {
      toString: (): string => {
        throw error;
      },
    };
    assert.is(
      nameOf(() => ws.send(value as unknown as string)),
      "RangeError",
    );
    assert.is(ws.bufferedAmount, 0);
  });
});

test("an ArrayBuffer is sent as octets, an empty and a detached one too", async () => {
  const detached = new ArrayBuffer(3);
  structuredClone(detached, { transfer: [detached] });
  assert.equal(await sent(Uint8Array.of(1, 2, 3).buffer, new ArrayBuffer(0), detached), ["2 01 02 03", "2", "2"]);
});

test("a view is sent with its own octets only, of whichever kind it is", async () => {
  const { buffer } = Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
  const views = [
    new Uint8Array(buffer, 1, 3),
    new Uint16Array(buffer, 2, 1),
    new Float64Array(buffer, 8, 1),
    new DataView(buffer, 3, 4),
    Buffer.from(buffer, 15, 1),
    new BigInt64Array(buffer, 0, 0),
  ];
  const octets = ["2 01 02 03", "2 02 03", "2 08 09 0a 0b 0c 0d 0e 0f", "2 03 04 05 06", "2 0f", "2"];
  assert.equal(await sent(...views), octets);
});

test("octets of another realm are octets", async () => {
  const values = ["Uint8Array.of(7, 8)", "Uint8Array.of(9).buffer", "new DataView(Uint8Array.of(1).buffer)"];
  assert.equal(await sent(...values.map((code) => runInNewContext(code))), ["2 07 08", "2 09", "2 01"]);
});

test("a view of shared memory throws a TypeError: there is no [AllowShared]", async () => {
  await withPair(async ({ ws }) => {
    for (const view of [new Uint8Array(new SharedArrayBuffer(4)), new DataView(new SharedArrayBuffer(4), 1)]) {
      assert.is(
        nameOf(() => ws.send(view)),
        "TypeError",
      );
    }
    assert.is(ws.bufferedAmount, 0);
  });
});

test("octets may be changed right after send, whatever their number", async () => {
  for (const length of [1, 125, 40_000, 3_000_000]) {
    await withPair(async ({ ws, peer }) => {
      const octets = new Uint8Array(length).fill(1);
      ws.send(octets);
      octets.fill(2);
      ws.send(octets.buffer);
      octets.fill(3);
      await peer.until(() => peer.frames.length === 2);
      const [first, second] = peer.frames;
      assert.ok(first!.payload.length === length && first!.payload.every((octet) => octet === 1), `${length}`);
      assert.ok(second!.payload.length === length && second!.payload.every((octet) => octet === 2), `${length}`);
    });
  }
});

test("after close() a message is discarded, whatever it is", async () => {
  await withPair(async ({ ws, peer }) => {
    ws.close();
    for (const data of ["text", Uint8Array.of(1), new Blob(["b"])]) ws.send(data);
    assert.equal(await peer.frameCount(1), ["8"]);
    peer.send(Buffer.from("8800", "hex"));
    peer.socket.end();
    await peer.ended();
    assert.equal(peer.told, ["8"]);
  });
});

test.run();
