// What a socket does for a server, whichever way it is read: the same is counted, told, answered and let go.

import * as assert from "uvu/assert";
import type { Socket } from "../../bindings/node/index.ts";
import { filled } from "../support/octets.ts";
import { connectionCountOf, greetingCountOf } from "./internals.ts";
import { serverSuite } from "./server-suite.ts";
import { clientFrame, closeCodeOf, closeFrame, deferred, RawClient, turns, until, withServer } from "./support.ts";

/** A server's socket and its client's, once they are open. */
async function pair(port: number, opened: Promise<Socket>): Promise<[RawClient, Socket]> {
  return [await RawClient.open(port), await opened];
}

const test = serverSuite("socket");

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
    assert.is(await connectionCountOf(server), 0);
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
    assert.is(await connectionCountOf(server), 0);
  });
});

test("a paused socket hears no end, and goes on with every message in order", async () => {
  const opened = deferred<Socket>();
  const heard: string[] = [];
  const options = {
    open: opened.resolve,
    message: (_: Socket, data: string | Uint8Array) => void heard.push(String(data)),
  };
  await withServer(options, async ({ port, server }) => {
    const [client, socket] = await pair(port, opened.promise);
    socket.pause();
    const texts = Array.from({ length: 400 }, (_, index) => `${index} `.padEnd(10_000, "."));
    for (const text of texts) client.send(clientFrame(1, text));
    client.socket.end();
    await turns(50);
    assert.equal([heard.length, server.sockets.size], [0, 1]);
    for (const way of ["resume", "pause", "pause", "resume", "resume", "pause"] as const) socket[way]();
    await turns(50);
    assert.ok(heard.length < 400, "a paused socket does not take all that there is");
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

test("a handler that lets its socket terminate hears nothing more, and close comes once", async () => {
  const heard: unknown[] = [];
  const options = {
    message(socket: Socket, data: string | Uint8Array): void {
      heard.push(data);
      socket.terminate();
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
      assert.is(await connectionCountOf(server), 0);
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
