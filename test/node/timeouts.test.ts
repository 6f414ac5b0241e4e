// Timeouts over real sockets, on a clock that moves when told: one timer for all connections.

import * as assert from "uvu/assert";
import { Clock, type Socket } from "../../bindings/node/index.ts";
import { createServer } from "../support/adapter.ts";
import { serverSuite } from "./server-suite.ts";
import {
  clientFrame,
  closeCodeOf,
  closeFrame,
  deferred,
  FakeTimers,
  RawClient,
  turns,
  until,
  withServer,
} from "./support.ts";

const test = serverSuite("timeouts");

test("one coarse timer serves every connection of every server, and goes away with the last", async () => {
  const timers = new FakeTimers();
  const clock = new Clock(timers);
  const timeoutCount = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  await withServer({ clock }, async (one) => {
    await withServer({ clock }, async (two) => {
      assert.is(timers.runningCount, 1);
      const before = timeoutCount();
      const clients = await Promise.all(
        Array.from({ length: 50 }, (_, index) => RawClient.open(index % 2 === 0 ? one.port : two.port)),
      );
      assert.is(one.server.sockets.size + two.server.sockets.size, 50);
      assert.is(timers.runningCount, 1);
      assert.is(timers.startedCount, 1);
      assert.is(timeoutCount(), before, "no timer of the platform's beside it");
      for (const client of clients) client.destroy();
    });
    assert.is(timers.runningCount, 1);
  });
  assert.is(timers.runningCount, 0);
});

test("the platform's clock keeps no process alive and stops with the last server", async () => {
  const countOf = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = countOf();
  const server = createServer({});
  await server.listen({ port: 0, host: "127.0.0.1" });
  assert.is(countOf(), before, "an unreferenced timer is not counted");
  await server.close();
});

test("a silent connection is sent a ping at half of idleTimeoutMs, and stays if it answers (§5.5.2)", async () => {
  const timers = new FakeTimers();
  await withServer({ clock: new Clock(timers), idleTimeoutMs: 10_000 }, async ({ port, server }) => {
    const client = await RawClient.open(port);
    await turns();
    timers.advance(4000);
    await turns();
    assert.is(client.frames.length, 0);
    timers.advance(2500);
    const [ping] = await client.frameCount(1);
    assert.is(ping!.opcode, 9);
    client.send(clientFrame(10, ping!.payload));
    await turns();
    timers.advance(4500);
    await turns();
    assert.is(client.frames.length, 1, "the answer starts the silence anew");
    assert.is(server.sockets.size, 1);
    timers.advance(2500);
    await client.frameCount(2);
    client.destroy();
  });
});

test("a connection silent for idleTimeoutMs is closed with 1001, and dropped if it stays silent (§7.4.1)", async () => {
  const timers = new FakeTimers();
  const told = deferred<number>();
  const options = {
    clock: new Clock(timers),
    idleTimeoutMs: 10_000,
    closeTimeoutMs: 3000,
    close: (_socket: Socket, code: number) => told.resolve(code),
  };
  await withServer(options, async ({ port, server }) => {
    const client = await RawClient.open(port);
    await turns();
    timers.advance(11_000);
    const frames = await client.frameCount(2);
    assert.equal(
      frames.map(({ opcode }) => opcode),
      [9, 8],
    );
    assert.is(closeCodeOf(frames[1]!), 1001);
    assert.is(server.sockets.size, 1);
    timers.advance(4000);
    assert.is(await told.promise, 1006);
    await until(() => server.sockets.size === 0);
    client.destroy();
  });
});

test("an unanswered Close is waited for closeTimeoutMs, not longer (§7.1.1)", async () => {
  const timers = new FakeTimers();
  const told = deferred<number>();
  const options = {
    clock: new Clock(timers),
    closeTimeoutMs: 3000,
    open: (socket: Socket) => socket.close(1000),
    close: (_socket: Socket, code: number) => told.resolve(code),
  };
  await withServer(options, async ({ port, server }) => {
    const client = await RawClient.open(port);
    await client.frameCount(1);
    timers.advance(2500);
    await turns();
    assert.is(server.sockets.size, 1);
    timers.advance(1000);
    assert.is(await told.promise, 1006);
    client.destroy();
  });
});

test("a peer that closed but sends no FIN is dropped after closeTimeoutMs, and close is told its code (§7.1.1)", async () => {
  const timers = new FakeTimers();
  const told = deferred<number>();
  const options = {
    clock: new Clock(timers),
    closeTimeoutMs: 3000,
    close: (_socket: Socket, code: number) => told.resolve(code),
  };
  await withServer(options, async ({ port, server }) => {
    const client = await RawClient.open(port);
    client.send(closeFrame(4000));
    await client.ended();
    assert.is(server.sockets.size, 1, "half-closed, not dropped: the peer may still read");
    timers.advance(3500);
    assert.is(await told.promise, 4000);
    await until(() => server.sockets.size === 0);
    client.destroy();
  });
});

test("server.close() drops after closeTimeoutMs those that do not answer", async () => {
  const timers = new FakeTimers();
  await withServer({ clock: new Clock(timers), closeTimeoutMs: 3000 }, async ({ port, server }) => {
    const client = await RawClient.open(port);
    let isDone = false;
    const closing = server.close().then(() => (isDone = true));
    await client.frameCount(1);
    timers.advance(2500);
    await turns();
    assert.not(isDone);
    timers.advance(1000);
    await closing;
    client.destroy();
  });
});

test("a paused connection is not idle: nobody listens to it (pause)", async () => {
  const timers = new FakeTimers();
  const options = { clock: new Clock(timers), idleTimeoutMs: 1000, open: (socket: Socket) => socket.pause() };
  await withServer(options, async ({ port, server }) => {
    const client = await RawClient.open(port);
    await turns();
    timers.advance(10_000);
    await turns();
    assert.is(client.frames.length, 0);
    assert.is(server.sockets.size, 1);
    client.destroy();
  });
});

test("idleTimeoutMs: Infinity never pings", async () => {
  const timers = new FakeTimers();
  await withServer({ clock: new Clock(timers), idleTimeoutMs: Number.POSITIVE_INFINITY }, async ({ port, server }) => {
    const client = await RawClient.open(port);
    await turns();
    timers.advance(10_000_000);
    await turns();
    assert.is(client.frames.length, 0);
    assert.is(server.sockets.size, 1);
    client.destroy();
  });
});

test.run();
