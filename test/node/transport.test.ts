// The way out to a Node socket: peers that break off, sockets that are gone, and what Socket passes on.

import { Socket as NetSocket } from "node:net";
import * as assert from "uvu/assert";
import type { Socket } from "../../bindings/node/index.ts";
import { StreamTransport } from "../../bindings/node/stream-transport.ts";
import { filled, hex, toHex } from "../support/octets.ts";
import { serverSuite } from "./server-suite.ts";
import { deferred, RawClient, turns, until, withServer } from "./support.ts";

const MIB = 2 ** 20;
const test = serverSuite("transport");

test("a peer that resets while much is unsent: done is told an error, and drain is not called", async () => {
  for (const parts of [1, 40]) {
    const opened = deferred<Socket>();
    const closed = deferred<number>();
    let drainCount = 0;
    const options = {
      open: opened.resolve,
      drain: () => drainCount++,
      error() {},
      close: (_socket: Socket, code: number) => closed.resolve(code),
    };
    await withServer(options, async ({ port, server }) => {
      const client = await RawClient.open(port);
      client.socket.pause();
      const socket = await opened.promise;
      const told: unknown[] = [];
      const payload = filled((40 * MIB) / parts, 1);
      for (let count = 0; count < parts; count++) socket.send(payload, (error) => told.push(error));
      await turns();
      assert.ok(socket.bufferedAmount > 32 * MIB);
      const before = told.length;
      client.socket.resetAndDestroy();
      assert.is(await closed.promise, 1006);
      await until(() => told.length === parts);
      assert.ok(before < parts, "what the kernel took before may have been told so");
      for (const error of told.slice(before)) assert.instance(error, Error, "never success");
      assert.is(drainCount, 0);
      assert.is(socket.bufferedAmount, 0);
      await until(() => server.sockets.size === 0);
    });
  }
});

test("write to a socket that is gone or ended writes nothing and takes nothing", () => {
  for (const way of ["destroy", "end"] as const) {
    const stream = new NetSocket();
    const errors: unknown[] = [];
    stream.on("error", (error) => errors.push(error));
    const transport = new StreamTransport(stream);
    let writeCount = 0;
    const { write } = stream;
    stream[way]();
    stream.write = ((...args: Parameters<typeof write>) => {
      writeCount++;
      return write.apply(stream, args);
    }) as typeof write;
    assert.is(transport.write(hex("81 00"), true), false);
    assert.is(transport.write(hex("81 00"), false), false);
    assert.is(writeCount, 0, way);
    transport.end();
    transport.destroy();
    assert.equal(errors, []);
  }
});

test("Socket.ping and Socket.pong send what they are given (§5.5.2, §5.5.3)", async () => {
  const options = {
    open(socket: Socket) {
      socket.ping("one");
      assert.is(socket.pong("two"), true);
      socket.pong(hex("01 02"));
      socket.pong();
    },
  };
  await withServer(options, async ({ port }) => {
    const client = await RawClient.open(port);
    const frames = await client.frameCount(4);
    assert.equal(
      frames.map(({ opcode, payload }) => `${opcode} ${toHex(payload)}`),
      ["9 6f 6e 65", "10 74 77 6f", "10 01 02", "10 "],
    );
    client.destroy();
  });
});

test.run();
