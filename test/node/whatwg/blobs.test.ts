// Blobs that are sent: they are read later, and keep their place. WebSockets Standard §3.1, `send(data)`.

import { File } from "node:buffer";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { deferred } from "../support.ts";
import { sent, withPair } from "./support.ts";

const test = suite("WebSocket / blobs");

/** A Blob whose octets are there when the test says so. */
function slowBlob(octets: string): { blob: Blob; read: () => void; fail: (error: unknown) => void } {
  const { promise, resolve } = deferred<() => Promise<ArrayBuffer>>();
  const blob = new Blob([octets]);
  blob.arrayBuffer = async () => (await promise)();
  return {
    blob,
    read: () => resolve(() => new Blob([octets]).arrayBuffer()),
    fail: (error) => resolve(() => Promise.reject(error)),
  };
}

test("a Blob is sent as octets, a File too", async () => {
  const blob = new Blob(["ab", Uint8Array.of(255)]);
  const file = new File(["f"], "name");
  assert.equal(await sent(blob, new Blob([]), blob.slice(1), file), ["2 61 62 ff", "2", "2 62 ff", "2 66"]);
});

test("messages leave in the order of send, those behind a Blob too, as they were", async () => {
  await withPair(async ({ ws, peer }) => {
    const slow = slowBlob("blob");
    const octets = Uint8Array.of(1, 2);
    ws.send("before");
    ws.send(slow.blob);
    ws.send(octets);
    octets.fill(9);
    ws.send("text");
    ws.send(new Blob(["second"]));
    ws.send("after");
    assert.equal(await peer.frameCount(1), ["1 before"]);
    slow.read();
    const rest = ["2 62 6c 6f 62", "2 01 02", "1 text", "2 73 65 63 6f 6e 64", "1 after"];
    assert.equal(await peer.frameCount(6), ["1 before", ...rest]);
    ws.send("direct");
    assert.equal((await peer.frameCount(7)).at(-1), "1 direct");
  });
});

test("close() waits for the Blobs before it", async () => {
  await withPair(async ({ ws, peer }) => {
    const slow = slowBlob("b");
    ws.send(slow.blob);
    ws.close(3000, "done");
    ws.send("discarded");
    assert.is(ws.readyState, 2);
    slow.read();
    assert.equal(await peer.frameCount(2), ["2 62", "8 3000 done"]);
  });
});

test("a Blob that cannot be read fails the connection, and nothing is sent in its place", async () => {
  await withPair(async ({ ws, peer, diary }) => {
    const slow = slowBlob("abc");
    const error = new Error("the file is gone");
    ws.send(slow.blob);
    ws.send("behind");
    slow.fail(error);
    assert.equal(await peer.frameCount(1), ["8 1011"]);
    peer.socket.end();
    await diary.closed;
    assert.equal(diary.lines, ["open", "error", "close 1006 unclean"]);
    assert.is(diary.error, error);
    assert.is(ws.bufferedAmount, 9);
  });
});

test.run();
