// `bufferedAmount`: octets that send() took and that had not left when the present task began. WebSockets Standard §3.1.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WebSocket } from "../../../bindings/node/index.ts";
import { turns, until } from "../support.ts";
import { eventOf, ScriptedStream, serverClose, text, withPair } from "./support.ts";

const test = suite("WebSocket / bufferedAmount");

test("it counts octets of UTF-8, not characters nor headers, at once", async () => {
  await withPair(async ({ ws }) => {
    const amounts: number[] = [];
    for (const data of [
      "abc",
      "é",
      "€",
      "👋",
      "\ud800",
      "",
      new Uint8Array(70_000),
      new ArrayBuffer(5),
      new Blob(["12"]),
    ]) {
      ws.send(data);
      amounts.push(ws.bufferedAmount);
    }
    assert.equal(amounts, [3, 5, 8, 12, 15, 15, 70_015, 70_020, 70_022]);
  });
});

test("it does not fall within a task, microtasks included, and falls in a later one", async () => {
  await withPair(async ({ ws, peer }) => {
    ws.send("12345");
    for (let hop = 0; hop < 20; hop++) {
      await null;
      assert.is(ws.bufferedAmount, 5);
    }
    ws.send("678");
    assert.is(ws.bufferedAmount, 8);
    await peer.frameCount(2);
    await until(() => ws.bufferedAmount === 0);
    ws.send("9");
    assert.is(ws.bufferedAmount, 1);
  });
});

test("it is what the peer leaves unread, to the octet", async () => {
  await withPair(async ({ ws, peer }) => {
    peer.socket.pause();
    let total = 0;
    // What the kernel takes is counted as gone; what it does not, stays.
    while (ws.bufferedAmount < 2_000_000) {
      ws.send(new Uint8Array(500_000));
      total += 500_000;
      await turns(3);
    }
    const stuck = ws.bufferedAmount;
    assert.ok(stuck <= total);
    ws.send("12345");
    assert.is(ws.bufferedAmount, stuck + 5);
    await turns(5);
    assert.is(ws.bufferedAmount, stuck + 5);
    peer.socket.resume();
    await until(() => ws.bufferedAmount === 0);
    await peer.until(() => peer.frames.length === total / 500_000 + 1);
  });
});

test("it is exact on a stream that says when it has taken what", async () => {
  const held: (() => void)[] = [];
  class Slow extends ScriptedStream {
    override _write(chunk: Buffer, encoding: BufferEncoding, done: () => void): void {
      super._write(chunk, encoding, () => (this.isOpened ? held.push(done) : done()));
    }
    isOpened = false;
  }
  const stream = new Slow((stream, acceptance) => stream.tell(acceptance));
  const ws = new WebSocket("ws://127.0.0.1/", { connect: () => stream });
  await eventOf(ws, "open");
  stream.isOpened = true;
  await turns(1);
  ws.send("one");
  ws.send(new Uint8Array(1000));
  await turns();
  assert.is(ws.bufferedAmount, 1003);
  held.shift()!();
  await turns();
  assert.is(ws.bufferedAmount, 1000);
  ws.send("four");
  assert.is(ws.bufferedAmount, 1004);
  stream.destroy();
  await eventOf(ws, "close");
  assert.is(ws.bufferedAmount, 1004);
});

test("after close() it grows with every message, and never falls", async () => {
  await withPair(async ({ ws, peer, diary }) => {
    ws.close();
    ws.send("123");
    assert.is(ws.bufferedAmount, 3);
    ws.send(new Blob(["45"]));
    ws.send("\ud800");
    await turns();
    assert.is(ws.bufferedAmount, 8);
    peer.send(serverClose());
    peer.socket.end();
    await diary.closed;
    ws.send(new Uint8Array(10));
    await turns();
    assert.is(ws.bufferedAmount, 18);
  });
});

test("what was unsent when the connection broke stays counted, each octet once", async () => {
  await withPair(async ({ ws, peer, diary }) => {
    peer.socket.pause();
    while (ws.bufferedAmount < 2_000_000) {
      ws.send(new Uint8Array(500_000));
      await turns(3);
    }
    const blob = new Blob(["never read"]);
    blob.arrayBuffer = () => new Promise(() => {});
    ws.send(blob);
    ws.send("behind it");
    const stuck = ws.bufferedAmount;
    peer.socket.destroy();
    await diary.closed;
    const lost = ws.bufferedAmount;
    assert.ok(lost <= stuck && lost > 1_000_000, `${lost} of ${stuck}`);
    ws.send("123");
    assert.is(ws.bufferedAmount, lost + 3);
    await turns();
    assert.is(ws.bufferedAmount, lost + 3);
  });
});

test("in a message's event it counts what earlier events of the batch sent", async () => {
  await withPair(async ({ ws, peer }) => {
    const amounts: number[] = [];
    ws.onmessage = ({ data }) => {
      ws.send(String(data));
      amounts.push(ws.bufferedAmount);
    };
    peer.send(text("a"), text("bb"), text("ccc"));
    await peer.frameCount(3);
    assert.equal(amounts, [1, 3, 6]);
  });
});

test.run();
