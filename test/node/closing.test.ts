// How connections and servers end: orderly, failing, cut off, or with the process. RFC 6455 §7.

import { once } from "node:events";
import * as assert from "uvu/assert";
import { WebSocket } from "ws";
import { ProtocolError, UsageError } from "../../bindings/index.ts";
import { Clock, type ServerOptions, type Socket } from "../../bindings/node/index.ts";
import { createServer } from "../support/adapter.ts";
import { filled, hex } from "../support/octets.ts";
import { serverSuite } from "./server-suite.ts";
import {
  clientFrame,
  closeCodeOf,
  closeFrame,
  deferred,
  FakeTimers,
  kernelNames,
  RawClient,
  turns,
  until,
  withServer,
} from "./support.ts";

const orderly = serverSuite("closing / orderly");

orderly("the server answers Close with its code alone, then FIN (§5.5.1, §7.1.1)", async () => {
  const closes: unknown[] = [];
  await withServer({ close: (_socket, code, reason) => closes.push([code, reason]) }, async ({ port }) => {
    const client = await RawClient.open(port);
    client.send(closeFrame(3000, "why not"));
    await client.ended();
    assert.equal([...client.frames[0]!.payload], [0x0b, 0xb8]);
    assert.is(client.frames.length, 1);
    client.socket.end();
    await client.closed();
    await until(() => closes.length === 1);
    assert.equal(closes, [[3000, "why not"]]);
  });
});

orderly(
  "messages that arrive after close() and before the peer's Close are delivered, those after it not (§5.5.1)",
  async () => {
    const events: string[] = [];
    const options: ServerOptions = {
      open: (socket) => socket.close(1000),
      message: (_socket, data) => events.push(String(data)),
      close: (_socket, code) => events.push(`close ${code}`),
    };
    await withServer(options, async ({ port }) => {
      const client = await RawClient.open(port);
      await client.frameCount(1);
      client.send(clientFrame(1, "before"), closeFrame(1000), clientFrame(1, "after"));
      client.socket.end();
      await until(() => events.length === 2);
      await turns();
      assert.equal(events, ["before", "close 1000"]);
    });
  },
);

orderly("send after close() returns false and sends nothing; done learns of it (§5.5.1)", async () => {
  const learnt = deferred<unknown>();
  const options: ServerOptions = {
    open(socket) {
      socket.close(1000);
      assert.is(socket.send("late", learnt.resolve), false);
    },
  };
  await withServer(options, async ({ port }) => {
    const client = await RawClient.open(port);
    await client.frameCount(1);
    assert.instance(await learnt.promise, UsageError);
    client.send(closeFrame(1000));
    await client.ended();
    assert.is(client.frames.length, 1);
    client.destroy();
  });
});

orderly("terminate: no Close, the socket is gone, and close is told 1006 (§7.1.5)", async () => {
  const closes: number[] = [];
  await withServer(
    { open: (socket) => socket.terminate(), close: (_socket, code) => closes.push(code) },
    async ({ port, server }) => {
      const client = new WebSocket(`ws://127.0.0.1:${port}`);
      client.on("error", () => {});
      const [code] = await once(client, "close");
      assert.is(code, 1006);
      await until(() => server.sockets.size === 0);
      assert.equal(closes, [1006]);
    },
  );
});

orderly.run();

const failing = serverSuite("closing / failing");

const faults: readonly (readonly [name: string, octets: Uint8Array, code: number])[] = [
  ["an unmasked frame (§5.1)", hex("81 05 48 65 6c 6c 6f"), 1002],
  ["a reserved opcode (§5.2)", hex("83 80 00 00 00 00"), 1002],
  ["a reserved bit (§5.2)", hex("c1 80 00 00 00 00"), 1002],
  ["text that is not UTF-8 (§8.1)", hex("81 82 00 00 00 00 c3 28"), 1007],
  ["a message of 2^53 octets (§10.4)", hex("82 ff 00 20 00 00 00 00 00 00 00 00 00 00"), 1009],
  ["a Close of one octet (§5.5.1)", hex("88 81 00 00 00 00 03"), 1002],
];

for (const kernel of kernelNames) {
  for (const [name, octets, code] of faults) {
    failing(`${name} closes with ${code}; with a message handler alone nothing else happens (${kernel})`, async () => {
      await withServer(
        { message: (socket, data) => socket.send(data) },
        async ({ port }) => {
          const bystander = await RawClient.open(port);
          const client = await RawClient.open(port);
          client.send(clientFrame(1, "fine"), octets, clientFrame(1, "ignored"));
          await client.ended();
          assert.equal(
            client.frames.map(({ opcode }) => opcode),
            [1, 8],
            "what came before the fault is answered, what came after is not",
          );
          assert.is(closeCodeOf(client.frames[1]!), code);
          client.socket.end();
          await client.closed();
          bystander.send(clientFrame(1, "still here"));
          await bystander.frameCount(1);
          bystander.destroy();
        },
        kernel,
      );
    });
  }
}

failing("events come in order: open, messages, error, close, each once", async () => {
  const events: string[] = [];
  const options: ServerOptions = {
    open: () => events.push("open"),
    message: (_socket, data) => events.push(String(data)),
    error: (_socket, error) => {
      assert.instance(error, ProtocolError);
      events.push("error");
    },
    close: (_socket, code) => events.push(`close ${code}`),
  };
  await withServer(options, async ({ port }) => {
    const client = await RawClient.open(port, clientFrame(1, "a"), clientFrame(1, "b"), hex("83 80 00 00 00 00"));
    await client.ended();
    client.send(closeFrame(1002));
    client.socket.end();
    await until(() => events.includes("close 1006"));
    await turns();
    assert.equal(events, ["open", "a", "b", "error", "close 1006"]);
  });
});

for (const [name, handler] of [
  [
    "throws",
    () => {
      throw new Error("my own");
    },
  ],
  ["rejects", async () => Promise.reject(new Error("my own"))],
] as const) {
  for (const event of ["open", "message"] as const) {
    failing(
      `a handler of ${event} that ${name}: that connection closes with 1011, error is told, others go on`,
      async () => {
        const told = deferred<unknown>();
        let isFirst = true;
        const options: ServerOptions = {
          [event](socket: Socket) {
            if (!isFirst) return socket.send("fine");
            isFirst = false;
            return handler();
          },
          error: (_socket, error) => told.resolve(error),
        };
        await withServer(options, async ({ port }) => {
          const client = await RawClient.open(port, clientFrame(1, "x"));
          await client.ended();
          assert.is(closeCodeOf(client.frames.at(-1)!), 1011);
          assert.match(String(await told.promise), /my own/);
          client.destroy();
          const other = await RawClient.open(port, clientFrame(1, "x"));
          await other.frameCount(1);
          other.destroy();
        });
      },
    );
  }
}

failing.run();

const cut = serverSuite("closing / cut off");

cut("FIN without Close: close is told 1006 once, and FIN is answered (§7.1.5)", async () => {
  const closes: number[] = [];
  await withServer({ close: (_socket, code) => closes.push(code) }, async ({ port, server }) => {
    const client = await RawClient.open(port);
    client.send(clientFrame(1, "cut").subarray(0, 7));
    client.socket.end();
    await client.ended();
    await client.closed();
    assert.is(client.error, null);
    assert.is(client.frames.length, 0);
    await until(() => server.sockets.size === 0);
    assert.equal(closes, [1006]);
  });
});

cut("FIN right behind messages: all are delivered, and the answers arrive (half-open)", async () => {
  await withServer({ message: (socket, data) => socket.send(data) }, async ({ port }) => {
    const client = await RawClient.open(port);
    client.socket.pause();
    for (let index = 0; index < 100; index++) client.send(clientFrame(2, filled(100_000, index)));
    client.socket.end();
    await turns(50);
    client.socket.resume();
    await client.ended();
    assert.is(client.frames.length, 100, "half of the connection still carries answers");
    client.destroy();
  });
});

cut("a reset is no error of the application's: close is told 1006", async () => {
  const closes: number[] = [];
  await withServer({ close: (_socket, code) => closes.push(code) }, async ({ port, server }) => {
    const client = await RawClient.open(port);
    await until(() => server.sockets.size === 1);
    client.socket.resetAndDestroy();
    await until(() => closes.length === 1);
    assert.equal(closes, [1006]);
    assert.is(server.sockets.size, 0);
  });
});

cut.run();

const server = serverSuite("closing / server");

server(
  "close() sends 1001 to every connection, resolves when all are closed, and listens no more (§7.4.1)",
  async () => {
    await withServer({}, async ({ port, server }) => {
      const clients = Array.from({ length: 10 }, () => new WebSocket(`ws://127.0.0.1:${port}`));
      await Promise.all(clients.map((client) => once(client, "open")));
      const codes = Promise.all(clients.map(async (client) => (await once(client, "close"))[0]));
      const first = server.close();
      assert.is(server.close(), first, "a second call returns the same promise");
      await first;
      assert.is(server.sockets.size, 0);
      assert.is(server.address(), null);
      assert.equal(await codes, Array(10).fill(1001));
      const late = new RawClient(port);
      await late.closed();
      assert.is((late.error as NodeJS.ErrnoException).code, "ECONNREFUSED");
      await server.listen({ port: 0 }).then(
        () => assert.unreachable(),
        (error) => assert.instance(error, UsageError),
      );
    });
  },
);

server("close() ends paused connections and unfinished handshakes too", async () => {
  const clock = new Clock(new FakeTimers()); // stands still: no timeout helps
  await withServer({ clock, open: (socket) => socket.pause() }, async ({ port, server }) => {
    const greeting = new RawClient(port);
    greeting.send("GET / HTTP/1.1\r\n");
    const paused = new WebSocket(`ws://127.0.0.1:${port}`);
    await once(paused, "open");
    const gone = once(paused, "close");
    await server.close();
    assert.is((await gone)[0], 1001);
    await until(() => greeting.isEnded || greeting.isClosed);
    greeting.destroy();
  });
});

server("close() right after listen(): nothing is left listening", async () => {
  const server = createServer({});
  const listening = server.listen({ port: 0, host: "127.0.0.1" }).catch((error: unknown) => error);
  await server.close();
  await listening;
  await turns();
  assert.is(server.address(), null);
});

server.run();
