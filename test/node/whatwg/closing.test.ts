// How a connection ends from outside, and what becomes of one that never opens. WebSockets Standard §3.2, RFC 6455 §7.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ProtocolError, WsimdError } from "../../../bindings/index.ts";
import { Clock } from "../../../bindings/node/index.ts";
import { FakeTimers, until } from "../support.ts";
import { eventOf, serverClose, serverFrame, text, violation, withPair } from "./support.ts";

const test = suite("WebSocket / closing");

test("the server's Close: code and reason are its own, the answer repeats the code, clean", async () => {
  await withPair(async ({ ws, peer, diary }) => {
    peer.send(serverClose(4321, "grüße"));
    assert.equal(await peer.frameCount(1), ["8 4321"]);
    peer.socket.end();
    await diary.closed;
    assert.equal([ws.readyState, ...diary.lines], [3, "open", "close 4321 clean grüße"]);
  });
});

test("the server's Close without a code is 1005, clean", async () => {
  await withPair(async ({ peer, diary }) => {
    peer.send(serverClose());
    assert.equal(await peer.frameCount(1), ["8"]);
    peer.socket.end();
    await diary.closed;
    assert.equal(diary.lines, ["open", "close 1005 clean"]);
  });
});

test("readyState is CLOSING from the server's Close to the end of the connection, and send() discards", async () => {
  await withPair(async ({ ws, peer, diary }) => {
    const states: number[] = [];
    ws.onmessage = () => states.push(ws.readyState);
    ws.onclose = () => states.push(ws.readyState);
    peer.send(text("a"), serverClose(1000), text("not heard"));
    await until(() => ws.readyState === 2);
    ws.send("lost");
    assert.is(ws.bufferedAmount, 4);
    assert.equal(await peer.frameCount(1), ["8 1000"]);
    peer.socket.end();
    await diary.closed;
    assert.equal(states, [1, 3]);
    assert.equal(diary.lines, ["open", "message a", "close 1000 clean"]);
  });
});

test("a server that ends TCP without a Close fails the connection: error, close 1006 (RFC 6455 §7.2.1)", async () => {
  await withPair(async ({ ws, peer, diary }) => {
    peer.send(text("last words"));
    peer.socket.end();
    await diary.closed;
    assert.equal([ws.readyState, ...diary.lines], [3, "open", "message last words", "error", "close 1006 unclean"]);
    assert.ok(diary.error instanceof WsimdError && diary.error.code === "WS_ABNORMAL_CLOSURE");
  });
});

test("a server that resets TCP fails the connection: error, close 1006", async () => {
  await withPair(async ({ peer, diary }) => {
    peer.socket.resetAndDestroy();
    await diary.closed;
    assert.equal(diary.lines, ["open", "error", "close 1006 unclean"]);
    assert.is((diary.error as { readonly code?: string }).code, "ECONNRESET");
  });
});

test("a server that ends TCP in place of an answer to our Close: error, close 1006", async () => {
  await withPair(async ({ ws, peer, diary }) => {
    ws.close(1000);
    await peer.frameCount(1);
    peer.socket.end();
    await diary.closed;
    assert.equal(diary.lines, ["open", "error", "close 1006 unclean"]);
  });
});

test("a server that answers nothing to our Close is left after closeTimeoutMs: error, close 1006", async () => {
  const timers = new FakeTimers();
  await withPair(
    async ({ ws, peer, diary }) => {
      ws.close(1000);
      await peer.frameCount(1);
      timers.advance(5000);
      await diary.closed;
      await peer.ended();
      assert.equal(diary.lines, ["open", "error", "close 1006 unclean"]);
    },
    { clock: new Clock(timers) },
  );
});

test("a server that leaves TCP open after both Closes is left after closeTimeoutMs, cleanly", async () => {
  const timers = new FakeTimers();
  await withPair(
    async ({ peer, diary }) => {
      peer.send(serverClose(1000));
      await peer.frameCount(1);
      timers.advance(5000);
      await diary.closed;
      assert.equal(diary.lines, ["open", "close 1000 clean"]);
    },
    { clock: new Clock(timers) },
  );
});

test("a violation fails the connection: the server is told 1002, then error, then close 1006", async () => {
  await withPair(async ({ ws, peer, diary }) => {
    peer.send(text("good"), violation, text("not heard"), serverClose(1000));
    assert.equal(await peer.frameCount(1), ["8 1002"]);
    assert.is(ws.readyState, 2);
    peer.socket.end();
    await diary.closed;
    assert.equal(diary.lines, ["open", "message good", "error", "close 1006 unclean"]);
    assert.ok(diary.error instanceof ProtocolError);
  });
});

test("text that is not UTF-8 fails the connection with 1007", async () => {
  await withPair(async ({ peer, diary }) => {
    peer.send(serverFrame(1, Uint8Array.of(0xc3, 0x28)));
    assert.equal(await peer.frameCount(1), ["8 1007"]);
    peer.socket.end();
    await diary.closed;
    assert.equal(diary.lines, ["open", "error", "close 1006 unclean"]);
  });
});

test("the error event has the error and its message; in it the state is CLOSED", async () => {
  await withPair(async ({ ws, peer }) => {
    const states: number[] = [];
    const failed = eventOf<ErrorEventLike>(ws, "error");
    ws.onerror = () => states.push(ws.readyState);
    peer.send(violation);
    peer.socket.end();
    const { error, message } = await failed;
    assert.ok(error instanceof ProtocolError);
    assert.equal([message, ...states], [error.message, 3]);
  });
});

interface ErrorEventLike extends Event {
  readonly error: unknown;
  readonly message: string;
}

test.run();
