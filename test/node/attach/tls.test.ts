// `listen` with TLS: what reaches it, what is dropped, and what is refused at once.

import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect as connectNet } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Clock, connect, type ServerOptions } from "../../../bindings/node/index.ts";
import { createServer } from "../../support/adapter.ts";
import { cert, key } from "../../support/certificate.ts";
import { runtime } from "../../support/runtime.ts";
import { FakeTimers, RawClient, turns, until, upgradeRequest } from "../support.ts";

const test = suite("listen / TLS");
const tls = { key, cert };

async function withTls(
  options: ServerOptions,
  use: (port: number, server: ReturnType<typeof createServer>) => Promise<void>,
): Promise<void> {
  const server = createServer(options);
  const { port } = await server.listen({ port: 0, host: "127.0.0.1", tls });
  try {
    await use(port, server);
  } finally {
    for (const socket of server.sockets) socket.terminate();
    await server.close();
  }
}

test("over a Unix socket it is as over TCP, and ALPN is http/1.1; where there is no such thing it is a UsageError", async () => {
  const folder = mkdtempSync(join(tmpdir(), "wsimd-"));
  const server = createServer({});
  try {
    if (runtime === "deno") {
      const refused = server.listen({ path: join(folder, "socket"), tls }).then(
        () => assert.unreachable(),
        (error) => assert.is(error.code, "WS_OPTION"),
      );
      await refused;
      return;
    }
    const path = await server.listen({ path: join(folder, "socket"), tls });
    const stream = connectTls({ path, ca: cert, servername: "localhost", ALPNProtocols: ["h2", "http/1.1"] });
    await once(stream, "secureConnect");
    assert.is(stream.alpnProtocol, "http/1.1");
    const client = new RawClient(stream);
    client.send(upgradeRequest());
    assert.is((await client.answer()).httpStatus, 101);
    client.destroy();
  } finally {
    for (const socket of server.sockets) socket.terminate();
    await server.close();
    rmSync(folder, { recursive: true });
  }
});

test("the client of this package talks to it", async () => {
  await withTls({ message: (socket, data) => void socket.send(data) }, async (port) => {
    const socket = await connect(`wss://localhost:${port}`, { tls: { ca: cert } });
    socket.send("hello");
    for await (const message of socket) {
      assert.is(message, "hello");
      socket.close();
    }
  });
});

test("plain requests are answered over TLS, too", async () => {
  await withTls({ request: () => ({ body: "a page" }) }, async (port) => {
    const client = new RawClient(connectTls({ port, host: "127.0.0.1", ca: cert }));
    client.send("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    assert.is((await client.answer()).body, "a page");
    client.destroy();
  });
});

test("an established connection is not dropped with them", async () => {
  const timers = new FakeTimers();
  await withTls({ clock: new Clock(timers), handshakeTimeoutMs: 1000 }, async (port, server) => {
    const client = new RawClient(connectTls({ port, host: "127.0.0.1", ca: cert }));
    client.send(upgradeRequest());
    await client.answer();
    timers.advance(5000);
    await turns();
    assert.is(client.isClosed, false);
    assert.is(server.sockets.size, 1);
    client.destroy();
  });
});

test("what is no TLS, and TLS that breaks off, is dropped; the server goes on", async () => {
  const told: unknown[] = [];
  await withTls({ serverError: (error) => told.push(error) }, async (port, server) => {
    for (const octets of ["GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x00\x05hello", "\x00".repeat(100)]) {
      const client = new RawClient(port);
      client.send(octets);
      await client.ended().catch(() => {});
      client.destroy();
    }
    // A bad record behind a good handshake.
    const raw = connectNet({ port, host: "127.0.0.1" });
    const stream = connectTls({ socket: raw, ca: cert, servername: "localhost" });
    const client = new RawClient(stream);
    client.send(upgradeRequest());
    await client.answer();
    await until(() => server.sockets.size === 1);
    raw.write("\x17\x03\x03\x00\x05hello");
    await until(() => server.sockets.size === 0);
    client.destroy();
    raw.destroy();
    const after = new RawClient(connectTls({ port, host: "127.0.0.1", ca: cert }));
    after.send(upgradeRequest());
    assert.is((await after.answer()).httpStatus, 101);
    after.destroy();
    assert.equal(told, []);
  });
});

test("server.close does not wait for handshakes of TLS that are under way", async () => {
  const server = createServer({});
  const { port } = await server.listen({ port: 0, host: "127.0.0.1", tls });
  const client = new RawClient(port);
  await once(client.socket, "connect");
  await turns();
  await server.close();
  client.destroy();
});

test("a key that is none rejects with the runtime's error; tls that is no object is a UsageError", async () => {
  const server = createServer({});
  await server.listen({ port: 0, tls: { key: "none", cert } }).then(
    () => assert.unreachable(),
    (error) => (runtime === "deno" ? assert.is(error.name, "InvalidData") : assert.match(String(error.code), /^ERR_/)),
  );
  for (const wrong of [true, null, "yes"]) {
    await server.listen({ port: 0, tls: wrong as never }).then(
      () => assert.unreachable(),
      (error) => assert.is(error.code, "WS_OPTION"),
    );
  }
  await server.listen({ port: 0, host: "127.0.0.1" });
  await server.close();
});

test.run();
