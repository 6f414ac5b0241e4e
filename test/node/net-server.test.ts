// What a server does with Node's own sockets and listeners, seen from inside of them.

import { once } from "node:events";
import { connect, type Socket as NetSocket } from "node:net";
import * as assert from "uvu/assert";
import { createServer, type Socket } from "../../bindings/node/index.ts";
import { filled } from "../support/octets.ts";
import { connectionCountOf, netOf, REGION_LENGTH, streamOf } from "./internals.ts";
import { serverSuite } from "./server-suite.ts";
import { clientFrame, closeFrame, deferred, RawClient, turns, until, withServer } from "./support.ts";

/** A server's socket and its client's, once they are open, and the server's stream. */
async function pair(port: number, opened: Promise<Socket>): Promise<[RawClient, Socket, NetSocket]> {
  const client = await RawClient.open(port);
  const socket = await opened;
  return [client, socket, streamOf(socket)];
}

const sockets = serverSuite("server / of Node");

sockets("a server that could not listen at first tells an error of its listening socket once", async () => {
  const faults: unknown[] = [];
  await withServer({}, async ({ port }) => {
    const server = createServer({ serverError: (error) => faults.push(error) });
    for (let attempt = 0; attempt < 2; attempt++) {
      await server.listen({ port, host: "127.0.0.1" }).then(
        () => assert.unreachable(),
        (error) => assert.is(error.code, "EADDRINUSE"),
      );
    }
    await server.listen({ port: 0, host: "127.0.0.1" });
    netOf(server).emit("error", new Error("of the listening socket"));
    assert.is(faults.length, 1);
    await server.close();
  });
});

sockets(
  "every accepted socket has noDelay: two small answers in separate ticks do not wait for each other",
  async () => {
    await withServer({}, async ({ port }) => {
      // The handles of both ends are of one class.
      const client = connect(port, "127.0.0.1");
      type Handle = { setNoDelay(enable: boolean): number };
      const handles = Object.getPrototypeOf((client as unknown as { _handle: Handle })._handle) as Handle;
      client.destroy();
      const original = handles.setNoDelay;
      const calls: boolean[] = [];
      handles.setNoDelay = function (this: Handle, enable) {
        calls.push(enable);
        return original.call(this, enable);
      };
      try {
        const one = await RawClient.open(port);
        const two = await RawClient.open(port);
        assert.equal(calls, [true, true]);
        one.destroy();
        two.destroy();
      } finally {
        handles.setNoDelay = original;
      }
    });
  },
);

sockets(
  "bytesRead and bytesWritten are those of the peer, its close event comes once, and nobody is counted afterwards",
  async () => {
    const opened = deferred<Socket>();
    const closes: number[] = [];
    const options = {
      open: opened.resolve,
      message: (socket: Socket, data: string | Uint8Array) => void socket.send(data),
      close: (_: Socket, code: number) => void closes.push(code),
    };
    await withServer(options, async ({ port, server }) => {
      const [client, , stream] = await pair(port, opened.promise);
      let closeCount = 0;
      stream.on("close", () => closeCount++);
      assert.is(await connectionCountOf(server), 1);
      for (const length of [1, 70_000, 300_000]) client.send(clientFrame(2, filled(length, 1)));
      await client.frameCount(3);
      client.send(closeFrame(1000));
      await client.ended();
      client.socket.end();
      await client.closed();
      await until(() => stream.closed);
      await turns();
      assert.equal([stream.bytesRead, stream.bytesWritten], [client.socket.bytesWritten, client.received.length]);
      assert.equal([closeCount, closes], [1, [1000]]);
      assert.is(await connectionCountOf(server), 0);
      await server.close();
    });
  },
);

sockets(
  "a paused socket takes one more region at most, hears no end, and goes on with every message in order",
  async () => {
    const opened = deferred<Socket>();
    const heard: string[] = [];
    const options = {
      open: opened.resolve,
      message: (_: Socket, data: string | Uint8Array) => void heard.push(String(data)),
    };
    await withServer(options, async ({ port, server }) => {
      const [client, socket, stream] = await pair(port, opened.promise);
      socket.pause();
      const before = stream.bytesRead;
      const texts = Array.from({ length: 400 }, (_, index) => `${index} `.padEnd(10_000, "."));
      for (const text of texts) client.send(clientFrame(1, text));
      client.socket.end();
      await turns(50);
      assert.ok(stream.bytesRead - before <= REGION_LENGTH, `${stream.bytesRead - before} octets were read`);
      assert.equal([heard.length, server.sockets.size], [0, 1]);
      for (const way of ["resume", "pause", "pause", "resume", "resume", "pause"] as const) socket[way]();
      await turns(50);
      const afterwards = stream.bytesRead - before;
      assert.ok(afterwards <= 2 * REGION_LENGTH, `${afterwards} octets were read`);
      for (const way of ["resume", "pause", "resume"] as const) socket[way]();
      await client.ended();
      assert.equal(heard, texts);
    });
  },
);

sockets("a handler that lets its stream be destroyed hears nothing more, and close comes once", async () => {
  const heard: unknown[] = [];
  const options = {
    message(socket: Socket, data: string | Uint8Array): void {
      heard.push(data);
      streamOf(socket).destroy();
    },
    close: (_: Socket, code: number) => void heard.push(code),
  };
  await withServer(options, async ({ port, server }) => {
    const client = await RawClient.open(port);
    client.send(clientFrame(1, "first"));
    await until(() => client.isEnded || client.isClosed);
    client.destroy();
    await until(() => server.sockets.size === 0);
    await turns();
    assert.equal(heard, ["first", 1006]);
    assert.is(await connectionCountOf(server), 0);
  });
});

sockets("no timeout of the socket's own is set, and one that the application sets is told", async () => {
  const opened = deferred<Socket>();
  await withServer({ open: opened.resolve }, async ({ port }) => {
    const [client, , stream] = await pair(port, opened.promise);
    assert.equal([stream.timeout ?? 0, stream.listenerCount("timeout")], [0, 0]);
    stream.setTimeout(20);
    await once(stream, "timeout");
    assert.is(stream.destroyed, false);
    stream.setTimeout(0);
    client.destroy();
  });
});

sockets.run();
