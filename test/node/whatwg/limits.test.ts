// What bounds a WebSocket beyond the standard: lengths, amounts, time and a signal.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HandshakeError, LimitError } from "../../../bindings/index.ts";
import { Clock, WebSocket } from "../../../bindings/node/index.ts";
import { FakeTimers, turns } from "../support.ts";
import { Diary, serverClose, serverFrame, text, withPair, withRawServer } from "./support.ts";

const test = suite("WebSocket / limits");

test("a message longer than maxMessageLength: the server is told 1009, then error with a LimitError, then close 1006", async () => {
  await withPair(
    async ({ peer, diary }) => {
      peer.send(text("1234567890"), serverFrame(1, "123456", false), serverFrame(0, "78901"));
      assert.equal(await peer.frameCount(1), ["8 1009"]);
      peer.socket.end();
      await diary.closed;
      assert.equal(diary.lines, ["open", "message 1234567890", "error", "close 1006 unclean"]);
      const { error } = diary;
      assert.ok(error instanceof LimitError);
      assert.equal([error.limit, error.actual], [10, 11]);
    },
    { maxMessageLength: 10 },
  );
});

test("more unsent than maxBufferedAmount: error with a LimitError, then close 1006; everything stays counted", async () => {
  await withPair(
    async ({ ws, peer, diary }) => {
      peer.socket.pause();
      let total = 0;
      const started = new Diary(ws);
      while (ws.readyState === 1 && total < 64_000_000) {
        ws.send(new Uint8Array(400_000));
        total += 400_000;
        if (ws.readyState === 1) await turns(2);
      }
      const amount = ws.bufferedAmount;
      assert.ok(ws.readyState === 2 && amount > 1_000_000 && amount <= total, `${amount} of ${total}`);
      ws.send("123");
      assert.is(ws.bufferedAmount, amount + 3);
      await started.closed;
      await turns();
      assert.is(ws.bufferedAmount, amount + 3);
      assert.equal(diary.lines, ["open", "error", "close 1006 unclean"]);
      const { error } = diary;
      assert.ok(error instanceof LimitError);
      assert.equal([error.code, error.limit], ["WS_BUFFERED_AMOUNT", 1_000_000]);
    },
    { maxBufferedAmount: 1_000_000 },
  );
});

test("a silent server is pinged at half of idleTimeoutMs, and told 1001 at the end of it", async () => {
  const timers = new FakeTimers();
  await withPair(
    async ({ ws, peer, diary }) => {
      timers.advance(600);
      assert.equal(await peer.frameCount(1), ["9"]);
      timers.advance(500);
      assert.equal((await peer.frameCount(2))[1], "8 1001 idle timeout");
      assert.is(ws.readyState, 2);
      peer.send(serverClose(1001));
      peer.socket.end();
      await diary.closed;
      assert.equal(diary.lines, ["open", "close 1001 clean"]);
    },
    { clock: new Clock(timers), idleTimeoutMs: 1000 },
  );
});

test("a server that does not answer in handshakeTimeoutMs: error with a HandshakeError, then close 1006", async () => {
  const timers = new FakeTimers();
  await withRawServer(async (server) => {
    const ws = new WebSocket(server.url, { clock: new Clock(timers), handshakeTimeoutMs: 300 });
    const diary = new Diary(ws);
    const peer = await server.next();
    timers.advance(400);
    await diary.closed;
    await peer.ended();
    assert.equal(diary.lines, ["error", "close 1006 unclean"]);
    assert.ok(diary.error instanceof HandshakeError && diary.error.code === "WS_HANDSHAKE_TIMEOUT");
    assert.is(timers.runningCount, 0);
  });
});

test("a signal that is aborted while CONNECTING fails it with its reason; afterwards it is of no effect", async () => {
  await withRawServer(async (server) => {
    const controller = new AbortController();
    const { signal } = controller;
    const opened = new WebSocket(server.url, { signal });
    const openedDiary = new Diary(opened);
    (await server.next()).upgrade();
    await turns();
    const ws = new WebSocket(server.url, { signal });
    const diary = new Diary(ws);
    const peer = await server.next();
    const reason = new Error("enough");
    controller.abort(reason);
    assert.equal([ws.readyState, diary.lines.length], [0, 0]);
    await diary.closed;
    await peer.ended();
    assert.equal([ws.readyState, opened.readyState], [3, 1]);
    assert.equal(diary.lines, ["error", "close 1006 unclean"]);
    assert.ok(diary.error === reason);
    const late = new Diary(new WebSocket(server.url, { signal }));
    await late.closed;
    assert.equal([...openedDiary.lines, ...late.lines], ["open", "error", "close 1006 unclean"]);
    assert.is(server.connectionCount, 2);
    opened.close();
  });
});

test.run();
