// A peer that reads slowly or not at all, and a server that stops reading.

import * as assert from "uvu/assert";
import { LimitError } from "../../bindings/index.ts";
import type { Socket } from "../../bindings/node/index.ts";
import { filled } from "../support/octets.ts";
import { serverSuite } from "./server-suite.ts";
import { clientFrame, closeCodeOf, closeFrame, deferred, RawClient, turns, until, withServer } from "./support.ts";

const MIB = 2 ** 20;
const test = serverSuite("backpressure");

/** A connection whose peer reads nothing. */
async function deaf(port: number): Promise<RawClient> {
  const client = await RawClient.open(port);
  client.socket.pause();
  return client;
}

test("send says when to wait, bufferedAmount counts what the kernel has not taken, drain says when to go on", async () => {
  const opened = deferred<Socket>();
  let drainCount = 0;
  const options = { maxBufferedAmount: 32 * MIB, open: opened.resolve, drain: () => drainCount++ };
  await withServer(options, async ({ port }) => {
    const client = await deaf(port);
    const socket = await opened.promise;
    assert.is(socket.bufferedAmount, 0);
    const message = filled(MIB, 0x61);
    let sentCount = 0;
    let mayGoOn = true;
    while (mayGoOn) {
      mayGoOn = socket.send(message);
      sentCount++;
      await turns(2); // the kernel takes what it can
    }
    assert.ok(socket.bufferedAmount > 16 * MIB - MIB, "false only above half of the limit");
    assert.ok(socket.bufferedAmount <= sentCount * MIB);
    assert.is(socket.bufferedAmount % MIB, 0, "whole payloads: what the kernel took of one counts when all is taken");
    assert.is(drainCount, 0);
    client.socket.resume();
    await client.until(() => drainCount === 1);
    assert.ok(socket.bufferedAmount <= 16 * MIB);
    await client.frameCount(sentCount);
    await until(() => socket.bufferedAmount === 0);
    assert.is(drainCount, 1, "once for each false");
    client.destroy();
  });
});

test("a peer that reads nothing is dropped at maxBufferedAmount, and error says why", async () => {
  const opened = deferred<Socket>();
  const closed = deferred<number>();
  const errors: unknown[] = [];
  const options = {
    maxBufferedAmount: 8 * MIB,
    open: opened.resolve,
    error: (_socket: Socket, error: unknown) => errors.push(error),
    close: (_socket: Socket, code: number) => closed.resolve(code),
  };
  await withServer(options, async ({ port, server }) => {
    const client = await deaf(port);
    const socket = await opened.promise;
    let lost: unknown;
    for (let count = 0; socket.readyState === 1; count++) {
      assert.ok(count < 100, "nothing stops it");
      socket.send(filled(MIB, 0x61), (error) => (lost ??= error));
      await turns(2);
    }
    assert.is(await closed.promise, 1006);
    assert.instance(errors[0], LimitError);
    assert.is((errors[0] as LimitError).limit, 8 * MIB);
    assert.instance(lost, LimitError);
    assert.is(socket.send("late"), false);
    await until(() => server.sockets.size === 0);
    client.destroy();
  });
});

test("a lone message above maxBufferedAmount is sent", async () => {
  const options = { maxBufferedAmount: 1000, open: (socket: Socket) => void socket.send(filled(4 * MIB, 1)) };
  await withServer(options, async ({ port }) => {
    const client = await RawClient.open(port);
    const [frame] = await client.frameCount(1);
    assert.is(frame!.payload.length, 4 * MIB);
    client.destroy();
  });
});

test("done is called once the octets are with the kernel, in order", async () => {
  const order: number[] = [];
  const all = deferred();
  const options = {
    open(socket: Socket) {
      for (const index of [0, 1, 2, 3]) {
        socket.send(filled(index % 2 === 0 ? 10 : MIB, index), (error) => {
          assert.is(error, undefined);
          order.push(index);
          if (order.length === 4) all.resolve();
        });
      }
    },
  };
  await withServer(options, async ({ port }) => {
    const client = await RawClient.open(port);
    await client.frameCount(4);
    await all.promise;
    assert.equal(order, [0, 1, 2, 3]);
    client.destroy();
  });
});

test("pause stops delivery at once and reading soon; resume delivers what was held, in order", async () => {
  const messages: number[] = [];
  const opened = deferred<Socket>();
  let pauseAt = 2;
  const options = {
    open: opened.resolve,
    message(socket: Socket, data: string | Uint8Array) {
      messages.push((data as Uint8Array)[0]!);
      if (messages.length === pauseAt) socket.pause();
    },
  };
  await withServer(options, async ({ port }) => {
    const client = await RawClient.open(port);
    const socket = await opened.promise;
    client.send(...[1, 2, 3, 4, 5].map((value) => clientFrame(2, Uint8Array.of(value))));
    await until(() => messages.length === 2);
    await turns();
    assert.equal(messages, [1, 2]);
    // What arrives while it is paused stays with the kernel, and then with the peer.
    let takenCount = 0;
    const large = clientFrame(2, filled(MIB, 6));
    for (let index = 0; index < 64; index++) client.socket.write(large, () => takenCount++);
    await turns(200);
    assert.ok(takenCount < 64, "a paused connection goes on reading");
    pauseAt = 4;
    socket.resume();
    assert.equal(messages, [1, 2, 3, 4], "what was held is delivered before resume returns, up to the next pause");
    pauseAt = 0;
    socket.resume();
    await until(() => messages.length === 5 + 64);
    assert.equal(messages.slice(0, 6), [1, 2, 3, 4, 5, 6]);
    client.destroy();
  });
});

test("a Close that arrives during a pause is answered after resume (§5.5.1)", async () => {
  const opened = deferred<Socket>();
  const events: string[] = [];
  const options = {
    open(socket: Socket) {
      socket.pause();
      opened.resolve(socket);
    },
    message: (_socket: Socket, data: string | Uint8Array) => events.push(String(data)),
    close: (_socket: Socket, code: number) => events.push(`close ${code}`),
  };
  await withServer(options, async ({ port }) => {
    const client = await RawClient.open(port);
    const socket = await opened.promise;
    client.send(clientFrame(1, "held"), closeFrame(1000));
    await turns();
    assert.equal(events, []);
    socket.resume();
    const [frame] = await client.frameCount(1);
    assert.is(closeCodeOf(frame!), 1000);
    client.socket.end();
    await until(() => events.length === 2);
    assert.equal(events, ["held", "close 1000"]);
  });
});

test.run();
