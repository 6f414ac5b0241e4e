// What a socket does for a server, whichever way it is read: the same is counted, told, answered and let go.

import { once } from "node:events";
import type { Socket as NetSocket } from "node:net";
import { promisify } from "node:util";
import * as assert from "uvu/assert";
import type { Server, Socket } from "../../bindings/node/index.ts";
import { filled } from "../support/octets.ts";
import { greetingCountOf, netOf, REGION_LENGTH, streamOf } from "./internals.ts";
import { serverSuite } from "./server-suite.ts";
import { clientFrame, closeCodeOf, closeFrame, deferred, RawClient, turns, until, withServer } from "./support.ts";

/** How many connections the listening socket counts. */
const countOf = (server: Server): Promise<number> =>
  promisify((done: (error: Error | null, count: number) => void) => netOf(server).getConnections(done))();

/** A server's socket and its client's, once they are open. */
async function pair(port: number, opened: Promise<Socket>): Promise<[RawClient, Socket, NetSocket]> {
  const client = await RawClient.open(port);
  const socket = await opened;
  return [client, socket, streamOf(socket)];
}

const test = serverSuite("socket");

test("bytesRead and bytesWritten are those of the peer, its close event comes once, and nobody is counted afterwards", async () => {
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
    assert.is(await countOf(server), 1);
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
    assert.is(await countOf(server), 0);
    await server.close();
  });
});

test("a peer that has ended its half gets all that is sent, also what is sent later, and then our end", async () => {
  const length = 4 * 2 ** 20;
  await withServer({ message: (socket) => void socket.send(filled(length, 7)) }, async ({ port, server }) => {
    const client = await RawClient.open(port);
    client.socket.end(clientFrame(1, "all"));
    await client.ended();
    assert.is(client.frames[0]!.payload.length, length);
    await client.closed();
    assert.is(client.error, null);
    await until(() => server.sockets.size === 0);
    assert.is(await countOf(server), 0);
  });
});

test("a peer that ends its half while it is refused, or before it has asked, is answered", async () => {
  await withServer({}, async ({ port, server }) => {
    for (const words of ["", "GET / HTTP/1.1\r\n", "GET / HTTP/1.0\r\n\r\n"]) {
      const client = new RawClient(port);
      client.socket.end(words);
      await client.ended();
      await client.closed();
      assert.is(client.error, null);
    }
    await until(() => greetingCountOf(server) === 0);
    assert.is(await countOf(server), 0);
  });
});

test("a paused socket takes one more region at most, hears no end, and goes on with every message in order", async () => {
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
});

test("a handler that pauses is told nothing before the resume, however often it changes its mind", async () => {
  const opened = deferred<Socket>();
  const heard: string[] = [];
  let isTold = true;
  const options = {
    open: opened.resolve,
    message(socket: Socket, data: string | Uint8Array): void {
      assert.ok(isTold, `${data} in a pause`);
      heard.push(String(data));
      socket.pause();
      socket.resume();
      socket.pause();
      isTold = false;
    },
  };
  await withServer(options, async ({ port }) => {
    const [client, socket] = await pair(port, opened.promise);
    const texts = Array.from({ length: 30 }, (_, index) => `${index}`.padEnd(index * 1000, "."));
    for (const text of texts) client.send(clientFrame(1, text));
    for (let count = 1; count <= texts.length; count++) {
      await until(() => heard.length === count);
      await turns(3);
      isTold = true;
      socket.resume();
    }
    assert.equal(heard, texts);
    client.destroy();
  });
});

for (const how of ["destroy", "terminate"] as const) {
  test(`a handler that lets its socket ${how} hears nothing more, and close comes once`, async () => {
    const heard: unknown[] = [];
    const options = {
      message(socket: Socket, data: string | Uint8Array): void {
        heard.push(data);
        if (how === "destroy") streamOf(socket).destroy();
        else socket.terminate();
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
      assert.is(await countOf(server), 0);
    });
  });
}

test("a peer that resets is told as an error of the socket, once a pause is over at the latest", async () => {
  for (const isPaused of [false, true]) {
    const opened = deferred<Socket>();
    const closes: number[] = [];
    await withServer({ open: opened.resolve, close: (_, code) => void closes.push(code) }, async ({ port, server }) => {
      const [client, socket] = await pair(port, opened.promise);
      if (isPaused) socket.pause();
      client.socket.resetAndDestroy();
      await turns();
      if (isPaused) socket.resume();
      await until(() => server.sockets.size === 0);
      assert.is((socket.closeReport?.error as { code?: string } | null)?.code, "ECONNRESET");
      assert.equal(closes, [1006]);
      assert.is(await countOf(server), 0);
    });
  }
});

test("what a handler throws fails its connection alone, and the next octets find the reader as it was", async () => {
  const options = {
    message(socket: Socket, data: string | Uint8Array): void {
      if (data === "throw") throw new Error("mine");
      socket.send(data);
    },
    error() {},
  };
  await withServer(options, async ({ port }) => {
    const bystander = await RawClient.open(port, clientFrame(1, "by", false));
    for (let round = 0; round < 3; round++) {
      const client = await RawClient.open(port);
      client.send(clientFrame(1, "fine"), clientFrame(1, "throw"), clientFrame(1, "unheard"));
      await client.ended();
      assert.equal(
        client.frames.map(({ opcode }) => opcode),
        [1, 8],
      );
      assert.is(closeCodeOf(client.frames[1]!), 1011);
      client.destroy();
    }
    bystander.send(clientFrame(0, "stander"));
    assert.is(Buffer.from((await bystander.frameCount(1))[0]!.payload).toString(), "bystander");
    bystander.destroy();
  });
});

test("no timeout of the socket's own is set, and one that the application sets is told", async () => {
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

test("a Close behind many messages comes behind them, and server.close() finds nobody", async () => {
  const events: unknown[] = [];
  const options = {
    message: (_: Socket, data: string | Uint8Array) => void events.push(data),
    close: (_: Socket, code: number, reason: string) => void events.push(`${code} ${reason}`),
  };
  await withServer(options, async ({ port, server }) => {
    const client = await RawClient.open(port);
    const texts = Array.from({ length: 5000 }, (_, index) => `${index}`);
    client.send(...texts.map((text) => clientFrame(1, text)), closeFrame(4000, "done"));
    await client.ended();
    client.socket.end();
    await client.closed();
    await until(() => server.sockets.size === 0);
    assert.equal(events, [...texts, "4000 done"]);
    await server.close();
  });
});

test("server.close() reaches sockets that are idle, paused and not yet greeted", async () => {
  const sockets: Socket[] = [];
  await withServer({ open: (socket) => void sockets.push(socket) }, async ({ port, server }) => {
    const clients = [await RawClient.open(port), await RawClient.open(port)];
    await until(() => sockets.length === 2);
    sockets[1]!.pause();
    const silent = new RawClient(port);
    silent.send("GET / HTTP/1.1\r\n");
    await until(() => greetingCountOf(server) === 1);
    const closed = server.close();
    await until(() => silent.isEnded || silent.isClosed); // reset, where its octets had not been read
    silent.destroy();
    for (const client of clients) {
      assert.is(closeCodeOf((await client.frameCount(1))[0]!), 1001);
      client.socket.end(closeFrame(1001));
      await client.closed();
    }
    await closed;
  });
});

test.run();
