// createServer in conversation with the two clients that Node programs use, on both kernels and in both ways of reading.

import { once } from "node:events";
import { WebSocket as UndiciWebSocket } from "undici";
import * as assert from "uvu/assert";
import type { ServerOptions } from "../../bindings/node/index.ts";
import { Random } from "../support/octets.ts";
import { ws } from "../support/ws.ts";
import { serverSuite } from "./server-suite.ts";
import { deferred, kernelNames, withServer } from "./support.ts";

/** A client reduced to what both have in common. */
interface Client {
  readonly protocol: string;
  send(data: string | Uint8Array): void;
  close(code?: number, reason?: string): void;
  /** The next message. */
  next(): Promise<string | Uint8Array>;
  readonly opened: Promise<unknown>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

class Inbox {
  private readonly messages: (string | Uint8Array)[] = [];
  private readonly waiting: ((message: string | Uint8Array) => void)[] = [];

  add(message: string | Uint8Array): void {
    const take = this.waiting.shift();
    if (take === undefined) this.messages.push(message);
    else take(message);
  }

  next(): Promise<string | Uint8Array> {
    const message = this.messages.shift();
    if (message !== undefined) return Promise.resolve(message);
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}

const octetsOf = (data: ArrayBuffer): Uint8Array => new Uint8Array(data);

function wsClient(url: string, protocols: string[] = []): Client {
  const socket = new ws.WebSocket(url, protocols);
  const inbox = new Inbox();
  socket.on("message", (data: Buffer, isBinary) => inbox.add(isBinary ? data : data.toString()));
  return {
    get protocol() {
      return socket.protocol;
    },
    send: (data) => socket.send(data),
    close: (code, reason) => socket.close(code, reason),
    next: () => inbox.next(),
    opened: once(socket, "open"),
    closed: once(socket, "close").then(([code, reason]) => ({ code, reason: String(reason) })),
  };
}

function undiciClient(url: string, protocols: string[] = []): Client {
  const socket = new UndiciWebSocket(url, protocols);
  socket.binaryType = "arraybuffer";
  const inbox = new Inbox();
  socket.addEventListener("message", ({ data }) => inbox.add(typeof data === "string" ? data : octetsOf(data)));
  return {
    get protocol() {
      return socket.protocol;
    },
    send: (data) => socket.send(data as string),
    close: (code, reason) => socket.close(code, reason),
    next: () => inbox.next(),
    opened: new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", reject);
    }),
    closed: new Promise((resolve) => {
      socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason }));
    }),
  };
}

const clients = { ws: wsClient, undici: undiciClient };

const echo: ServerOptions = {
  message(socket, data, isBinary) {
    socket.send(data, { binary: isBinary });
  },
};

const texts = [
  "",
  "Hello",
  "Grüße aus Köln",
  "Привет, мир",
  "你好，世界",
  "สวัสดีชาวโลก",
  "שלום עולם",
  "नमस्ते दुनिया",
  "👋🏽 𝒜𝓈𝓉𝓇𝒶𝓁 𠜎",
  "inside, \ufeff is a character",
  "\u0000 and \u007f and \uffff",
  "é".repeat(70_000),
];

const lengths = [0, 1, 125, 126, 65_535, 65_536, 2 ** 20, 2 ** 24];

for (const kernel of kernelNames) {
  for (const [name, makeClient] of Object.entries(clients)) {
    const test = serverSuite(`conversation / ${kernel} / ${name}`, kernel);

    test("text in several scripts comes back as it was (§5.6)", async () => {
      await withServer(
        echo,
        async ({ url }) => {
          const client = makeClient(url);
          await client.opened;
          for (const text of texts) {
            client.send(text);
            assert.is(await client.next(), text);
          }
          client.close(1000);
          await client.closed;
        },
        kernel,
      );
    });

    for (const length of lengths) {
      test(`a binary message of ${length} octets comes back as it was (§5.2)`, async () => {
        await withServer(
          echo,
          async ({ url }) => {
            const sent = new Random(length).octets(length);
            const client = makeClient(url);
            await client.opened;
            client.send(sent);
            const received = (await client.next()) as Uint8Array;
            assert.is(received.length, length);
            assert.is(Buffer.compare(received, sent), 0, "the octets differ");
            client.close(1000);
            await client.closed;
          },
          kernel,
        );
      });
    }

    test("many messages sent at once come back in order", async () => {
      await withServer(
        echo,
        async ({ url }) => {
          const client = makeClient(url);
          await client.opened;
          for (let index = 0; index < 5000; index++) client.send(`message ${index}`);
          for (let index = 0; index < 5000; index++) assert.is(await client.next(), `message ${index}`);
          client.close(1000);
          await client.closed;
        },
        kernel,
      );
    });

    test("the client closes: the server is told code and reason, and repeats the code (§7.1.5, §7.1.6)", async () => {
      const told = deferred<[number, string]>();
      await withServer(
        { close: (_socket, code, reason) => told.resolve([code, reason]) },
        async ({ url }) => {
          const client = makeClient(url);
          await client.opened;
          client.close(4321, "bis bald 👋");
          assert.equal(await told.promise, [4321, "bis bald 👋"]);
          assert.is((await client.closed).code, 4321);
        },
        kernel,
      );
    });

    test("the client closes without a code: the server is told 1005 (§7.1.5)", async () => {
      const told = deferred<[number, string]>();
      await withServer(
        { close: (_socket, code, reason) => told.resolve([code, reason]) },
        async ({ url }) => {
          const client = makeClient(url);
          await client.opened;
          client.close();
          assert.equal(await told.promise, [1005, ""]);
          assert.is((await client.closed).code, 1005);
        },
        kernel,
      );
    });

    test("the server closes: the client is told code and reason, the server what the client answers (§7.1.2)", async () => {
      const told = deferred<number>();
      await withServer(
        {
          open: (socket) => socket.close(4001, "voll: 満員"),
          close: (socket, code) => {
            assert.is(socket.closeReport?.first, "local");
            assert.equal(socket.closeReport?.sent, { code: 4001, reason: "voll: 満員" });
            told.resolve(code);
          },
        },
        async ({ url }) => {
          const client = makeClient(url);
          assert.equal(await client.closed, { code: 4001, reason: "voll: 満員" });
          assert.is(await told.promise, 4001);
        },
        kernel,
      );
    });

    test("the server's first subprotocol that the client offers is agreed (§1.9)", async () => {
      await withServer(
        { protocols: ["b.v2", "b.v1"], open: (socket) => socket.send(`agreed: ${socket.protocol}`) },
        async ({ url }) => {
          const client = makeClient(url, ["a", "b.v1", "b.v2"]);
          await client.opened;
          assert.is(client.protocol, "b.v2");
          assert.is(await client.next(), "agreed: b.v2");
          client.close(1000);
          await client.closed;
        },
        kernel,
      );
    });

    test('with text: "bytes" a handler is given text as octets, and what is sent back is text', async () => {
      await withServer(
        {
          text: "bytes",
          message(socket, data, isBinary) {
            assert.instance(data, Uint8Array);
            assert.not(isBinary);
            socket.send(data, { binary: false });
          },
        },
        async ({ url }) => {
          const client = makeClient(url);
          await client.opened;
          for (const text of texts) {
            client.send(text);
            assert.is(await client.next(), text);
          }
          client.close(1000);
          await client.closed;
        },
        kernel,
      );
    });

    test.run();
  }

  const test = serverSuite(`conversation / ${kernel} / ws, frame by frame`, kernel);

  test("a message in fragments, with pings between them, arrives whole (§5.4)", async () => {
    const pings: string[] = [];
    await withServer(
      { ...echo, ping: (_socket, data) => pings.push(Buffer.from(data).toString()) },
      async ({ url }) => {
        const socket = new ws.WebSocket(url);
        await once(socket, "open");
        const pongs: string[] = [];
        socket.on("pong", (data) => pongs.push(data.toString()));
        const text = "ein Satz, in der Mitte eines „Ü“ geschnitten 👋";
        const octets = Buffer.from(text);
        for (let index = 0; index < octets.length; index++) {
          socket.send(octets.subarray(index, index + 1), { fin: index === octets.length - 1, binary: false });
          socket.ping(`${index}`);
        }
        const [data, isBinary] = await once(socket, "message");
        assert.is(String(data), text);
        assert.not(isBinary);
        socket.close();
        await once(socket, "close");
        assert.equal(pings, [...octets.keys()].map(String)); // the last may come after the answer
        assert.equal(pongs, pings, "a pong for every ping, in order (§5.5.3)");
      },
      kernel,
    );
  });

  test("a byte order mark at the start of a text stays in it, both ways (§5.6)", async () => {
    await withServer(
      {
        message(socket, data) {
          assert.is(data, "\ufefftext");
          socket.send(data);
        },
      },
      async ({ url }) => {
        const socket = new ws.WebSocket(url); // undici's drops the mark it receives
        await once(socket, "open");
        socket.send("\ufefftext");
        const [data] = await once(socket, "message");
        assert.is(data.toString("hex"), "efbbbf74657874");
        socket.close();
        await once(socket, "close");
      },
      kernel,
    );
  });

  test("binary in fragments of every length arrives whole (§5.4)", async () => {
    await withServer(
      echo,
      async ({ url }) => {
        const socket = new ws.WebSocket(url);
        await once(socket, "open");
        const whole = new Random(7).octets(300_000);
        let start = 0;
        for (const length of [0, 1, 125, 126, 65_535, 65_536, 100_000]) {
          socket.send(whole.subarray(start, start + length), { fin: false });
          start += length;
        }
        socket.send(whole.subarray(start), { fin: true });
        const [data, isBinary] = await once(socket, "message");
        assert.ok(isBinary);
        assert.is(Buffer.compare(data, whole), 0);
        socket.close();
        await once(socket, "close");
      },
      kernel,
    );
  });

  test("a ping from the server is answered, and its pong told (§5.5.2)", async () => {
    const told = deferred<string>();
    await withServer(
      {
        open: (socket) => socket.ping("are you there?"),
        pong: (_socket, data) => told.resolve(Buffer.from(data).toString()),
      },
      async ({ url }) => {
        const socket = new ws.WebSocket(url);
        const [data] = await once(socket, "ping");
        assert.is(String(data), "are you there?");
        assert.is(await told.promise, "are you there?");
        socket.close();
        await once(socket, "close");
      },
      kernel,
    );
  });

  test("a message above maxMessageLength closes with 1009, and its error says the limit (§10.4)", async () => {
    const told = deferred<unknown>();
    await withServer(
      { maxMessageLength: 1000, error: (_socket, error) => told.resolve(error) },
      async ({ url }) => {
        const socket = new ws.WebSocket(url);
        await once(socket, "open");
        socket.send(new Uint8Array(1001));
        const [code] = await once(socket, "close");
        assert.is(code, 1009);
        const { name, limit, actual } = (await told.promise) as { name: string; limit: number; actual: number };
        assert.equal({ name, limit, actual }, { name: "LimitError", limit: 1000, actual: 1001 });
      },
      kernel,
    );
  });

  test.run();
}
