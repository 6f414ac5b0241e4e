// What `close()` does in each state. WebSockets Standard §3.1.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WebSocket } from "../../../bindings/node/index.ts";
import { turns } from "../support.ts";
import { Diary, eventOf, ScriptedStream, serverClose, text, withPair, withRawServer } from "./support.ts";

const test = suite("WebSocket / close / states");

test("while OPEN it is CLOSING at once, and closes cleanly with the server's code and reason", async () => {
  await withPair(async ({ ws, peer, diary }) => {
    ws.close(3001, "ours");
    assert.is(ws.readyState, 2);
    assert.equal(await peer.frameCount(1), ["8 3001 ours"]);
    peer.send(serverClose(3002, "theirs"));
    await turns();
    assert.is(ws.readyState, 2);
    peer.socket.end();
    await diary.closed;
    assert.is(ws.readyState, 3);
    assert.equal(diary.lines, ["open", "close 3002 clean theirs"]);
  });
});

test("a second call, and one after the connection is closed, does nothing", async () => {
  await withPair(async ({ ws, peer, diary }) => {
    ws.close(3000, "first");
    ws.close(3001, "second");
    assert.equal(await peer.frameCount(1), ["8 3000 first"]);
    peer.send(serverClose(3000));
    peer.socket.end();
    await diary.closed;
    ws.close(3002);
    await peer.ended();
    await turns();
    assert.equal([ws.readyState, ...peer.told, ...diary.lines], [3, "8 3000 first", "open", "close 3000 clean"]);
  });
});

test("messages sent before it leave before the Close", async () => {
  await withPair(async ({ ws, peer }) => {
    ws.send("a");
    ws.send(new Uint8Array(100_000));
    ws.close(1000);
    const told = await peer.frameCount(3);
    assert.equal([told[0], told[2]], ["1 a", "8 1000"]);
  });
});

test("messages that arrive after it are dropped, those of the same batch too", async () => {
  await withPair(async ({ ws, peer, diary }) => {
    ws.addEventListener("message", () => ws.close());
    peer.send(text("heard"), text("dropped"));
    await peer.frameCount(1);
    peer.send(text("late"), serverClose(1000));
    peer.socket.end();
    await diary.closed;
    assert.equal(diary.lines, ["open", "message heard", "close 1000 clean"]);
  });
});

test("while CONNECTING it is CLOSING at once, then fails: error, close 1006, never open", async () => {
  await withRawServer(async (server) => {
    const ws = new WebSocket(server.url, "chat");
    const diary = new Diary(ws);
    const peer = await server.next();
    ws.close(3000, "too late");
    assert.equal([ws.readyState, diary.lines.length], [2, 0]);
    await diary.closed;
    assert.equal([ws.readyState, ws.protocol, ...diary.lines], [3, "", "error", "close 1006 unclean"]);
    await peer.ended();
    peer.upgrade(["Sec-WebSocket-Protocol: chat"]);
    await turns();
    assert.is(diary.lines.length, 2);
  });
});

test("between the server's answer and the open event it still fails the connection", async () => {
  const stream = new ScriptedStream((stream, acceptance) => stream.tell(acceptance, text("with the answer")));
  // Whoever else hears the answer is a microtask ahead of the event.
  stream.on("data", () => queueMicrotask(() => ws.close()));
  const ws = new WebSocket("ws://127.0.0.1/", { connect: () => stream });
  const diary = new Diary(ws);
  let code: unknown;
  ws.onerror = ({ error }) => {
    code = (error as { readonly code?: string }).code;
  };
  await diary.closed;
  assert.equal([ws.readyState, ws.protocol, ...diary.lines], [3, "", "error", "close 1006 unclean"]);
  assert.is(code, "WS_NOT_OPEN");
  assert.ok(stream.destroyed);
});

test("in the open event it closes before anything is received", async () => {
  await withRawServer(async (server) => {
    const ws = new WebSocket(server.url);
    const diary = new Diary(ws);
    ws.onopen = () => ws.close(1000);
    const peer = await server.next();
    peer.upgrade([], text("dropped"), serverClose(1000));
    assert.equal(await peer.frameCount(1), ["8 1000"]);
    peer.socket.end();
    await eventOf(ws, "close");
    assert.equal(diary.lines, ["open", "close 1000 clean"]);
  });
});

test.run();
