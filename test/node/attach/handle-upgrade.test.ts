// Upgrades that the application routes: handleUpgrade, its arguments, octets that joined meanwhile, and how sockets are read.

import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { type Duplex, PassThrough } from "node:stream";
import * as assert from "uvu/assert";
import { createServer, type Server, type ServerOptions, type Socket } from "../../../bindings/node/index.ts";
import { memoryTrial } from "../../../bindings/node/memory-trial.ts";
import { streamOf, writerOf } from "../internals.ts";
import { serverSuite } from "../server-suite.ts";
import { assertTransport, clientFrame, deferred, RawClient, turns, until, upgradeRequest } from "../support.ts";

const test = serverSuite("handleUpgrade");

type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer, server: Server<unknown>) => unknown;

async function withUpgrades(
  options: ServerOptions,
  upgrade: Upgrade,
  use: (port: number, server: Server<unknown>) => Promise<void>,
): Promise<void> {
  const server = createServer(options);
  const http = createHttpServer();
  http.on("upgrade", (request, socket, head) => void upgrade(request, socket, head, server));
  await new Promise<void>((resolve) => void http.listen(0, "127.0.0.1", resolve));
  try {
    await use((http.address() as AddressInfo).port, server);
  } finally {
    for (const socket of server.sockets) socket.terminate();
    await server.close();
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  }
}

const now: Upgrade = (request, socket, head, server) => server.handleUpgrade(request, socket, head);

test("sockets are read, and written to, as those of `listen` are", async () => {
  const { writer } = await memoryTrial();
  const opened = deferred<Socket>();
  const events: string[] = [];
  const options: ServerOptions = {
    open: opened.resolve,
    message: (socket, data) => void socket.send(data),
  };
  await withUpgrades(options, now, async (port, server) => {
    const client = await RawClient.open(port, clientFrame(1, "with the request"));
    const stream = streamOf(await opened.promise);
    assertTransport(server);
    // Whoever reads by events has a listener for them; whoever reads into memory has none.
    assert.is(stream.listenerCount("data"), server.transport === "data" ? 1 : 0);
    if (server.transport === "memory") assert.is(writerOf(server), writer);
    stream.on("end", () => events.push("end"));
    client.send(clientFrame(1, "later"));
    const frames = await client.frameCount(2);
    assert.equal(
      frames.map(({ payload }) => Buffer.from(payload).toString()),
      ["with the request", "later"],
    );
    client.destroy();
  });
});

test("an application that awaits something first loses none of the octets that come meanwhile", async () => {
  const told: unknown[] = [];
  const options: ServerOptions = { message: (_socket, data) => void told.push(data) };
  const asked = deferred();
  const later: Upgrade = async (request, socket, head, server) => {
    asked.resolve();
    await until(() => socket.readableLength > 0);
    server.handleUpgrade(request, socket, head);
  };
  await withUpgrades(options, later, async (port, server) => {
    const client = new RawClient(port);
    client.socket.setNoDelay(true); // or what follows waits for an acknowledgement, and comes late
    client.send(upgradeRequest(), clientFrame(1, "in the head"));
    await asked.promise;
    client.send(clientFrame(1, "joined"));
    const long = "x".repeat(1_000_000); // more than a socket that nobody reads holds
    client.socket.write(clientFrame(1, long));
    client.socket.write(clientFrame(1, "last"));
    await client.answer();
    await until(() => told.length === 4);
    assert.ok(told[2] === long);
    assert.equal([told[0], told[1], told[3]], ["in the head", "joined", "last"]);
    assertTransport(server);
    const [socket] = server.sockets;
    assert.is(streamOf(socket as Socket).listenerCount("data"), server.transport === "data" ? 1 : 0);
    client.destroy();
  });
});

test("an end that came before the socket was handed over is seen", async () => {
  const closed = deferred<number>();
  const later: Upgrade = async (request, socket, head, server) => {
    await new Promise((resolve) => setTimeout(resolve, 30));
    server.handleUpgrade(request, socket, head);
  };
  await withUpgrades({ close: (_socket, code) => closed.resolve(code) }, later, async (port) => {
    const client = new RawClient(port);
    client.send(upgradeRequest());
    client.socket.end();
    assert.is(await closed.promise, 1006);
  });
});

test("a socket that broke off before it was handed over is dropped", async () => {
  const handed = deferred();
  const later: Upgrade = async (request, socket, head, server) => {
    socket.on("error", () => {});
    await new Promise((resolve) => setTimeout(resolve, 30));
    server.handleUpgrade(request, socket, head);
    handed.resolve();
  };
  await withUpgrades({}, later, async (port, server) => {
    const client = new RawClient(port);
    client.send(upgradeRequest());
    await turns();
    client.socket.resetAndDestroy();
    await handed.promise;
    await turns();
    assert.is(server.sockets.size, 0);
  });
});

test("what is no upgrade, and a socket that is served already, is a UsageError", async () => {
  const errors: { code: string }[] = [];
  const twice: Upgrade = (request, socket, head, server) => {
    const attempts: readonly (readonly [unknown, unknown, unknown])[] = [
      [undefined, socket, head],
      [{}, socket, head],
      [request, undefined, head],
      [request, {}, head],
      [request, socket, undefined],
      [request, socket, "head"],
    ];
    for (const args of attempts) {
      try {
        server.handleUpgrade(...(args as unknown as Parameters<Server["handleUpgrade"]>));
      } catch (error) {
        errors.push(error as { code: string });
      }
    }
    server.handleUpgrade(request, socket, head);
    try {
      server.handleUpgrade(request, socket, head);
    } catch (error) {
      errors.push(error as { code: string });
    }
  };
  await withUpgrades({}, twice, async (port) => {
    const client = await RawClient.open(port);
    assert.equal(
      errors.map(({ code }) => code),
      Array.from({ length: 7 }, () => "WS_ARGUMENT"),
    );
    client.destroy();
  });
});

test("a closed server refuses with 503", async () => {
  const afterClose: Upgrade = async (request, socket, head, server) => {
    await server.close();
    server.handleUpgrade(request, socket, head);
  };
  await withUpgrades({}, afterClose, async (port) => {
    const client = new RawClient(port);
    client.send(upgradeRequest());
    const { httpStatus, body } = await client.answer();
    assert.is(httpStatus, 503);
    assert.match(body, /closing/);
    client.destroy();
  });
});

test("any stream will do: it need be no socket", async () => {
  const told = deferred<unknown>();
  const server = createServer({ message: (_socket, data) => told.resolve(data) });
  const toServer = new PassThrough();
  const { Duplex: MadeOf } = await import("node:stream");
  const written = new PassThrough();
  const stream = MadeOf.from({ readable: toServer, writable: written });
  const rawHeaders = upgradeRequest()
    .trim()
    .split("\r\n")
    .slice(1)
    .flatMap((line) => line.split(": "));
  const request = { method: "GET", url: "/", httpVersion: "1.1", rawHeaders } as unknown as IncomingMessage;
  server.handleUpgrade(request, stream, Buffer.from(clientFrame(1, "hello")));
  assert.is(await told.promise, "hello");
  assert.match(String(written.read()), /^HTTP\/1.1 101 /);
  for (const socket of server.sockets) socket.terminate();
  await server.close();
});

test.run();
