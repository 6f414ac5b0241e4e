// What is the same whichever way a handshake comes: the conversation, what was agreed, refusals, limits, the end.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Clock, type Socket } from "../../../bindings/node/index.ts";
import { filled } from "../../support/octets.ts";
import { clientFrame, closeCodeOf, closeFrame, deferred, FakeTimers, turns, until } from "../support.ts";
import { ways } from "./ways.ts";

for (const way of ways) {
  const test = suite(`attach / ${way.name}`);

  test("messages come and go, long ones too, and the closing handshake ends the connection", async () => {
    const closed = deferred<unknown>();
    const options = {
      message: (socket: Socket, data: string | Uint8Array, isBinary: boolean) =>
        socket.send(data, { binary: isBinary }),
      close: (_socket: Socket, code: number, reason: string) => closed.resolve([code, reason]),
    };
    await way.with(options, async ({ call }) => {
      const caller = await call({ target: "/chat?x=1" });
      assert.is((await caller.answer()).httpStatus, way.accepted);
      const long = filled(300_000, 7);
      caller.send(clientFrame(1, "Grüße"), clientFrame(2, long));
      const [first, second] = await caller.frameCount(2);
      assert.is(Buffer.from(first!.payload).toString(), "Grüße");
      assert.is(Buffer.compare(second!.payload, long), 0);
      caller.send(closeFrame(4001, "bye"));
      const frames = await caller.frameCount(3);
      assert.is(closeCodeOf(frames[2]!), 4001);
      await caller.ended();
      caller.socket.end();
      assert.equal(await closed.promise, [4001, "bye"]);
    });
  });

  test("frames that do not wait for the answer are delivered", async () => {
    const told: unknown[] = [];
    await way.with({ message: (_socket, data) => void told.push(data) }, async ({ call }) => {
      const caller = await call({ frames: [clientFrame(1, "one"), clientFrame(1, "two")] });
      await caller.answer();
      await until(() => told.length === 2);
      assert.equal(told, ["one", "two"]);
    });
  });

  test("`open` is told the request; protocol and remoteAddress are known (RFC 6455 §4.2.2)", async () => {
    const opened = deferred<unknown>();
    const options = {
      protocols: ["b", "a"],
      open: (socket: Socket, request: { target: string; headers: { get(name: string): string | null } }) =>
        opened.resolve([request.target, request.headers.get("host"), socket.protocol, socket.remoteAddress]),
    };
    await way.with(options, async ({ call }) => {
      const caller = await call({ target: "/x?y", fields: { "Sec-WebSocket-Protocol": "a, b" } });
      const { head } = await caller.answer();
      assert.match(head, /sec-websocket-protocol: b\r\n/i);
      assert.equal(await opened.promise, ["/x?y", "127.0.0.1", "b", "127.0.0.1"]);
    });
  });

  test("pages of other origins are refused, and the reason can be read (§10.2)", async () => {
    await way.with({}, async ({ call }) => {
      const refused = await (await call({ fields: { Origin: "https://elsewhere.example" } })).answer();
      assert.is(refused.httpStatus, 403);
      assert.match(refused.body, /allowedOrigins/);
      const scheme = /TLS|https|secure|HTTP\/1/.test(way.name) ? "https" : "http";
      const own = await (await call({ fields: { Origin: `${scheme}://127.0.0.1` } })).answer();
      assert.is(own.httpStatus, way.accepted);
    });
  });

  test("a page on plain http is a stranger where the server has TLS, and only there", async () => {
    await way.with({}, async ({ call }) => {
      const isSecure = /TLS|https|secure|HTTP\/1/.test(way.name);
      const { httpStatus } = await (await call({ fields: { Origin: "http://127.0.0.1" } })).answer();
      assert.is(httpStatus, isSecure ? 403 : way.accepted);
    });
  });

  test("another version is refused with the one that is spoken (§4.4)", async () => {
    await way.with({}, async ({ call }) => {
      const answer = await (await call({ fields: { "Sec-WebSocket-Version": "8" } })).answer();
      assert.is(answer.httpStatus, way.accepted === 101 ? 426 : 400);
      assert.match(answer.head, /sec-websocket-version: 13\r\n/i);
    });
  });

  test("maxHeaderCount is kept: 431", async () => {
    const fields = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`X-${index}`, "x"]));
    await way.with({ maxHeaderCount: 20 }, async ({ call }) => {
      assert.is((await (await call({ fields })).answer()).httpStatus, 431);
      assert.is((await (await call()).answer()).httpStatus, way.accepted);
    });
  });

  test("server.close sends 1001 and resolves when the connections are gone", async () => {
    await way.with({}, async ({ server, call }) => {
      const caller = await call();
      await caller.answer();
      await until(() => server.sockets.size === 1);
      const closing = server.close();
      const [close] = await caller.frameCount(1);
      assert.is(closeCodeOf(close!), 1001);
      caller.send(closeFrame(1001));
      await caller.ended();
      caller.socket.end();
      await closing;
      assert.is(server.sockets.size, 0);
    });
  });

  test("a peer that breaks off is told to `close` with 1006", async () => {
    const closed = deferred<number>();
    await way.with({ close: (_socket, code) => closed.resolve(code) }, async ({ call }) => {
      const caller = await call();
      await caller.answer();
      caller.destroy();
      assert.is(await closed.promise, 1006);
    });
  });

  test("a silent connection is pinged and closed at idleTimeoutMs", async () => {
    const timers = new FakeTimers();
    await way.with({ clock: new Clock(timers), idleTimeoutMs: 1000 }, async ({ server, call }) => {
      const caller = await call();
      await caller.answer();
      await until(() => server.sockets.size === 1);
      timers.advance(600);
      assert.is((await caller.frameCount(1))[0]!.opcode, 9);
      timers.advance(600);
      await turns();
      timers.advance(1200); // a peer that took the ping, where that is only known later, was not silent meanwhile
      await caller.until(() => caller.frames.some(({ opcode }) => opcode === 8));
      assert.is(closeCodeOf(caller.frames.at(-1)!), 1001);
    });
  });

  test("a reader that is slow slows the sender down: bufferedAmount, then drain", async () => {
    const opened = deferred<Socket>();
    const drained = deferred();
    const options = { maxBufferedAmount: 4 * 2 ** 20, open: opened.resolve, drain: () => drained.resolve() };
    await way.with(options, async ({ call }) => {
      const caller = await call();
      await caller.answer();
      caller.socket.pause();
      const socket = await opened.promise;
      let count = 0;
      const piece = filled(100_000, 1);
      for (let may = true; may && count < 1000; count++) {
        may = socket.send(piece);
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.ok(count < 1000 && socket.bufferedAmount > 2 ** 20, `${count} messages, ${socket.bufferedAmount} octets`);
      caller.socket.resume();
      await drained.promise;
      const frames = await caller.frameCount(count);
      assert.ok(frames.every(({ payload }) => Buffer.compare(payload, piece) === 0));
    });
  });

  test("a paused socket stops its peer, and loses nothing", async () => {
    const opened = deferred<Socket>();
    let length = 0;
    const options = {
      open: opened.resolve,
      message(_socket: Socket, data: string | Uint8Array) {
        length += data.length;
      },
    };
    await way.with(options, async ({ call }) => {
      const caller = await call();
      await caller.answer();
      const socket = await opened.promise;
      socket.pause();
      const piece = clientFrame(2, filled(100_000, 1));
      for (let count = 0; count < 100; count++) caller.socket.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.is(length, 0);
      assert.ok(caller.socket.writableLength > 0, "the peer's output is not held back");
      socket.resume();
      await until(() => length === 10_000_000);
    });
  });

  test.run();
}
