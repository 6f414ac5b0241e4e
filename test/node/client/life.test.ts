// The life of a client's connection after its opening: masking, pings, timeouts, the closing handshake, many at once.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Clock, connect, type Socket } from "../../../bindings/node/index.ts";
import { filled } from "../../support/octets.ts";
import { closeCodeOf, deferred, FakeTimers, kernelNames, turns, until, withServer } from "../support.ts";
import { acceptAll, connectOn, serverClose, serverFrame, withRawServer } from "./support.ts";

const test = suite("client life");

for (const kernel of kernelNames) {
  test(`every frame is masked, each with a key of its own (§5.3) / ${kernel}`, async () => {
    await withRawServer(acceptAll, async ({ url, peer }) => {
      const socket = await connectOn(kernel, url);
      const count = 200;
      for (let index = 0; index < count; index++) {
        if (index % 4 === 0) socket.ping("same");
        else if (index % 4 === 1) socket.send(filled(index === 101 ? 200_000 : 20, 0));
        else socket.send("same");
        if (index % 50 === 0) await turns(1);
      }
      socket.close(1000);
      const frames = await (await peer()).frameCount(count + 1); // an unmasked one throws
      const keys = new Set(frames.map(({ maskingKey }) => Buffer.from(maskingKey!).toString("hex")));
      assert.ok(keys.size > count - 2, `${keys.size} keys for ${count + 1} frames`);
      const zeros = frames.filter(({ opcode }) => opcode === 2);
      assert.ok(zeros.every(({ payload }) => payload.every((octet) => octet === 0)));
      socket.terminate();
    });
  });

  test(`a ping is answered with its payload, and told (§5.5.2, §5.5.3) / ${kernel}`, async () => {
    await withRawServer(acceptAll, async ({ url, peer }) => {
      const told: string[] = [];
      const socket = await connectOn(kernel, url, {
        ping: (_socket, data) => told.push(`ping ${Buffer.from(data)}`),
        pong: (_socket, data) => told.push(`pong ${Buffer.from(data)}`),
      });
      const server = await peer();
      server.send(serverFrame(10, "unasked"), serverFrame(9, "one"), serverFrame(9, filled(125, 0x61)));
      const frames = await server.frameCount(2);
      assert.equal(
        frames.map(({ opcode, payload }) => `${opcode} ${payload.length}`),
        ["10 3", "10 125"],
      );
      assert.equal(told.slice(0, 2), ["pong unasked", "ping one"]);
      socket.terminate();
    });
  });
}

test("the client begins the closing handshake, and leaves it to the server to end TCP (§7.1.1)", async () => {
  await withRawServer(acceptAll, async ({ url, peer }) => {
    const timers = new FakeTimers();
    const closed = deferred<string>();
    const socket = await connect(url, {
      clock: new Clock(timers),
      close: (_socket, code, reason) => closed.resolve(`${code} ${reason}`),
    });
    socket.close(4000, "mine");
    const server = await peer();
    const [frame] = await server.frameCount(1);
    assert.is(closeCodeOf(frame!), 4000);
    server.send(serverClose(4001, "theirs"));
    await turns(40);
    assert.is(server.isEnded, false, "the server ends first");
    assert.is(socket.readyState, 2);
    server.socket.end();
    assert.is(await closed.promise, "4001 theirs");
    assert.is(socket.closeReport!.first, "local");
    await server.closed();
    assert.is(server.error, null, "an orderly end");
    await until(() => timers.runningCount === 0);
  });
});

test("the server begins it: its code is answered, and close is told once TCP has ended", async () => {
  await withRawServer(acceptAll, async ({ url, peer }) => {
    const closed = deferred<string>();
    const socket = await connect(url, { close: (_socket, code, reason) => closed.resolve(`${code} ${reason}`) });
    const server = await peer();
    server.send(serverClose(3333, "bye"));
    const [frame] = await server.frameCount(1);
    assert.is(closeCodeOf(frame!), 3333);
    assert.is(socket.send("late"), false);
    server.socket.end();
    assert.is(await closed.promise, "3333 bye");
    assert.is(socket.closeReport!.first, "peer");
    await server.closed();
  });
});

test("a server that answers no Close, or does not end TCP, is dropped after closeTimeoutMs", async () => {
  for (const answers of [false, true]) {
    await withRawServer(acceptAll, async ({ url, peer }) => {
      const timers = new FakeTimers();
      const closed = deferred<number>();
      const socket = await connect(url, {
        clock: new Clock(timers),
        closeTimeoutMs: 2000,
        close: (_socket, code) => closed.resolve(code),
      });
      socket.close(1000);
      const server = await peer();
      await server.frameCount(1);
      if (answers) server.send(serverClose(1000));
      await turns();
      timers.advance(1900);
      await turns();
      assert.is(socket.readyState, 2);
      timers.advance(400);
      assert.is(await closed.promise, answers ? 1000 : 1006);
      await server.until(() => server.isEnded || server.isClosed);
      await until(() => timers.runningCount === 0);
    });
  }
});

test("a silent server is sent a ping at half of idleTimeoutMs, 1001 at its end, and is dropped then (§7.4.1)", async () => {
  await withRawServer(acceptAll, async ({ url, peer }) => {
    const timers = new FakeTimers();
    const closed = deferred<number>();
    const socket = await connect(url, {
      clock: new Clock(timers),
      idleTimeoutMs: 10_000,
      closeTimeoutMs: 2000,
      close: (_socket, code) => closed.resolve(code),
    });
    const server = await peer();
    const rest = (async () => {
      for await (const _message of socket) assert.unreachable();
    })().catch((error: { code?: string }) => error.code);
    await turns();
    timers.advance(5500);
    assert.is((await server.frameCount(1))[0]!.opcode, 9);
    server.send(serverFrame(10));
    await turns();
    timers.advance(5500);
    await server.frameCount(2);
    timers.advance(5500);
    const frames = await server.frameCount(3);
    assert.equal(
      frames.map(({ opcode }) => opcode),
      [9, 9, 8],
    );
    assert.is(closeCodeOf(frames[2]!), 1001);
    timers.advance(2500);
    assert.is(await closed.promise, 1006);
    assert.is(await rest, "WS_ABNORMAL_CLOSURE", "we did not ask for that");
  });
});

test("200 clients at once live on one clock with one timer, which goes away with the last", async () => {
  await withServer({ message: (socket, data) => void socket.send(data) }, async ({ url, server }) => {
    const timers = new FakeTimers();
    const clock = new Clock(timers);
    const echoes: unknown[] = [];
    const sockets = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        connect(url, { clock, data: index, message: (socket: Socket, data) => echoes.push(`${socket.data} ${data}`) }),
      ),
    );
    assert.is(timers.runningCount, 1);
    assert.ok(timers.startedCount <= 3, `${timers.startedCount} timers were started`);
    assert.is(server.sockets.size, 200);
    for (const socket of sockets) socket.send(`m${socket.data}`);
    await until(() => echoes.length === 200);
    assert.equal(echoes.sort(), Array.from({ length: 200 }, (_, index) => `${index} m${index}`).sort());
    for (const socket of sockets.slice(1)) socket.close();
    await until(() => server.sockets.size === 1);
    assert.is(timers.runningCount, 1);
    sockets[0]!.close();
    await until(() => timers.runningCount === 0);
  });
});

test("remoteAddress, bufferedAmount and readyState are those of the connection, before and after its end", async () => {
  await withRawServer(acceptAll, async ({ url, peer }) => {
    const closed = deferred();
    const socket = await connect(url, { close: () => closed.resolve() });
    assert.is(socket.remoteAddress, "127.0.0.1");
    assert.is(socket.bufferedAmount, 0);
    assert.is(socket.closeReport, null);
    (await peer()).destroy();
    await closed.promise;
    assert.is(socket.readyState, 3);
    assert.is(socket.send("x"), false);
    assert.is(socket.ping(), false);
    socket.close(1000);
    socket.terminate();
    socket.pause();
    socket.resume();
  });
});

test.run();
