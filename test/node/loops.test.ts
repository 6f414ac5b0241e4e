// `for await` over a server's sockets: `open` may loop where there is no `message` handler.

import { Readable } from "node:stream";
import * as assert from "uvu/assert";
import { heldOctets } from "../../bindings/connection/budget.ts";
import { Clock, type ServerOptions, type Socket } from "../../bindings/node/index.ts";
import { filled } from "../support/octets.ts";
import { serverSuite } from "./server-suite.ts";
import {
  clientFrame,
  closeFrame,
  deferred,
  FakeTimers,
  kernelNames,
  RawClient,
  turns,
  until,
  withServer,
} from "./support.ts";

const test = serverSuite("loops");

for (const kernel of kernelNames) {
  test(`a server without message handler: open loops over its socket and echoes / ${kernel}`, async () => {
    const ended = deferred();
    const options = {
      async open(socket: Socket) {
        for await (const message of socket) socket.send(message);
        ended.resolve();
      },
    };
    await withServer(
      options,
      async ({ port }) => {
        const client = await RawClient.open(port, clientFrame(1, "with the request"));
        client.send(clientFrame(2, "x"), clientFrame(1, filled(100_000, 0x61)));
        const frames = await client.frameCount(3);
        assert.equal(
          frames.map(({ opcode, payload }) => `${opcode} ${payload.length}`),
          ["1 16", "2 1", "1 100000"],
        );
        client.send(closeFrame(1000));
        client.socket.end();
        await ended.promise;
      },
      kernel,
    );
  });
}

/** More than a connection keeps for a loop before it is paused. */
const aboveMark = Array.from({ length: 40 }, () => clientFrame(2, filled(64 * 1024, 1)));

test("a client that vanishes from a server's loop crashes nothing, with or without an error handler", async () => {
  const caught: unknown[] = [];
  const listen = (error: unknown): void => void caught.push(error);
  process.on("uncaughtException", listen);
  for (const frames of [[], [clientFrame(3)]]) {
    for (const error of [undefined, () => {}]) {
      let openCount = 0;
      const options = {
        ...(error === undefined ? {} : { error }),
        async open(socket: Socket) {
          openCount++;
          for await (const message of socket) socket.send(message);
        },
      };
      await withServer(options, async ({ port, server }) => {
        const client = await RawClient.open(port, ...frames);
        client.socket.resetAndDestroy();
        await until(() => openCount === 1 && server.sockets.size === 0);
        await turns();
      });
    }
  }
  process.off("uncaughtException", listen);
  assert.equal(caught, []);
});

test("messages that come to a server's socket when open has ended, and no loop has begun, are dropped", async () => {
  const begun = deferred<string | Uint8Array>();
  const loop = async (socket: Socket): Promise<void> => {
    await turns();
    for await (const message of socket) begun.resolve(message);
  };
  const options: ServerOptions = { open: (socket) => void loop(socket) };
  await withServer(options, async ({ port }) => {
    const client = await RawClient.open(port, clientFrame(1, "early"));
    await turns(60);
    client.send(clientFrame(1, "later"));
    assert.is(await begun.promise, "later");
    client.destroy();
  });
});

test("open may await something before its loop: what arrives meanwhile is kept, in order", async () => {
  const seen: unknown[] = [];
  const mayGo = deferred();
  const options: ServerOptions = {
    async open(socket) {
      await mayGo.promise;
      for await (const message of socket) seen.push(message);
    },
  };
  await withServer(options, async ({ port }) => {
    const client = await RawClient.open(port, clientFrame(1, "with the request"));
    client.send(clientFrame(1, "later"));
    await turns();
    mayGo.resolve();
    client.send(clientFrame(1, "after"));
    await until(() => seen.length === 3);
    assert.equal(seen, ["with the request", "later", "after"]);
    client.destroy();
  });
});

test("where open ends without a loop its messages are dropped, and the peer's Close is seen", async () => {
  const mayGo = deferred();
  const closed = deferred<number>();
  await withServer(
    { open: () => mayGo.promise, close: (_socket, code) => closed.resolve(code) },
    async ({ port, server }) => {
      const client = await RawClient.open(port);
      const large = new Uint8Array(64 * 1024);
      client.send(...Array.from({ length: 40 }, () => clientFrame(2, large)), closeFrame(1000));
      client.socket.end(); // nobody waits for the closing timeout
      await turns(100);
      assert.is(server.sockets.size, 1);
      mayGo.resolve();
      assert.is(await closed.promise, 1000);
      client.destroy();
    },
  );
});

test("a loop made in open and begun later, as a stream does, gets everything", async () => {
  const seen: string[] = [];
  const ended = deferred();
  const options: ServerOptions = {
    async open(socket) {
      await turns(2);
      const stream = Readable.from(socket);
      stream.on("data", (message) => seen.push(String(message))).on("end", ended.resolve);
    },
  };
  await withServer(options, async ({ port }) => {
    const client = await RawClient.open(port, clientFrame(1, "a"));
    await turns();
    client.send(clientFrame(1, "b"), closeFrame(1000));
    client.socket.end();
    await ended.promise;
    assert.equal(seen, ["a", "b"]);
    client.destroy();
  });
});

test("an open that goes on and never loops keeps no silent peer: idleTimeoutMs is in force above the mark", async () => {
  const timers = new FakeTimers();
  const closed = deferred<number>();
  const options: ServerOptions = {
    clock: new Clock(timers),
    idleTimeoutMs: 10_000,
    closeTimeoutMs: 2000,
    open: () => new Promise<never>(() => {}),
    close: (_socket, code) => closed.resolve(code),
  };
  await withServer(options, async ({ port, server }) => {
    const client = await RawClient.open(port);
    client.send(...aboveMark);
    await until(() => heldOctets() > 1024 * 1024);
    timers.advance(5000);
    assert.is(server.sockets.size, 1);
    const [socket] = server.sockets;
    timers.advance(10_000);
    assert.is(await closed.promise, 1006);
    client.destroy();
    assert.ok(heldOctets() > 0, "what came is kept for the loop that may follow");
    socket!.terminate();
    assert.is(heldOctets(), 0, "what waited is held no more");
  });
});

test("a loop that was left keeps no peer that is gone: idleTimeoutMs is in force above the mark", async () => {
  const timers = new FakeTimers();
  const closed = deferred<number>();
  const options: ServerOptions = {
    clock: new Clock(timers),
    idleTimeoutMs: 10_000,
    closeTimeoutMs: 2000,
    async open(socket) {
      for await (const message of socket) if (message === "enough") break;
    },
    close: (_socket, code) => closed.resolve(code),
  };
  await withServer(options, async ({ port, server }) => {
    const client = await RawClient.open(port, clientFrame(1, "enough"));
    client.send(...aboveMark);
    await until(() => heldOctets() > 1024 * 1024);
    client.destroy(); // which a connection that reads nothing does not see
    await turns(100);
    assert.is(server.sockets.size, 1);
    timers.advance(13_000);
    timers.advance(3000);
    assert.is(await closed.promise, 1006);
  });
  assert.is(heldOctets(), 0, "what waited is held no more");
});

test("a loop that begins above the mark is not hurried: its silence is not the peer's", async () => {
  const timers = new FakeTimers();
  const mayGo = deferred();
  let seen = 0;
  const options: ServerOptions = {
    clock: new Clock(timers),
    idleTimeoutMs: 10_000,
    async open(socket) {
      await until(() => heldOctets() > 1024 * 1024);
      for await (const _ of socket) {
        seen++;
        await mayGo.promise;
      }
    },
  };
  await withServer(options, async ({ port, server }) => {
    const client = await RawClient.open(port);
    client.send(...aboveMark);
    await until(() => seen === 1);
    for (let count = 0; count < 10; count++) timers.advance(5000);
    assert.is(server.sockets.size, 1);
    assert.is([...server.sockets][0]!.closeReport, null);
    mayGo.resolve();
    await until(() => seen === 40);
    client.destroy();
  });
});

test("what open gives is waited for once, be it a query that begins when it is", async () => {
  let asked = 0;
  const lazy = {
    // biome-ignore lint/suspicious/noThenProperty: such are the queries of some libraries
    then(resolve: () => void): void {
      asked++;
      resolve();
    },
  };
  await withServer({ open: () => lazy }, async ({ port }) => {
    const client = await RawClient.open(port);
    await turns();
    assert.is(asked, 1);
    client.destroy();
  });
});

test.run();
