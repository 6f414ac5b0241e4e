// What a socket does for a server, whichever way it is read, and what only one that is read into linear memory could do wrong:
// the region is one for all, and the next that is read overwrites it.

import { once } from "node:events";
import { type Server as NetServer, Socket as NetSocket } from "node:net";
import { promisify } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { currentKernel } from "../../bindings/kernel/select.ts";
import type { Server, Socket } from "../../bindings/node/index.ts";
import { isPossible, memoryReader, readInto } from "../../bindings/node/memory-reader.ts";
import { SocketTransport } from "../../bindings/node/socket.ts";
import { poison } from "../support/current-kernel.ts";
import { frame } from "../support/frames.ts";
import { concat, filled, Random, utf8 } from "../support/octets.ts";
import { serverSuite } from "./server-suite.ts";
import {
  clientFrame,
  closeCodeOf,
  closeFrame,
  deferred,
  kernelNames,
  RawClient,
  transportsOf,
  turns,
  until,
  upgradeRequest,
  withServer,
} from "./support.ts";

const KIB = 1024;
const REGION_LENGTH = 64 * KIB;
const key = Uint8Array.of(0x5a, 0x17, 0xc3, 0x88);

const streamOf = (socket: Socket): NetSocket =>
  (socket as unknown as { transport: { stream: NetSocket } }).transport.stream;
const netOf = (server: Server): NetServer => (server as unknown as { net: NetServer }).net;

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
  const length = 4 * KIB * KIB;
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
    await until(() => (server as unknown as { greetings: Set<unknown> }).greetings.size === 0);
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
    await until(() => (server as unknown as { greetings: Set<unknown> }).greetings.size === 1);
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

/** A message as it is sent, in frames of any length, and as it must arrive. */
interface Sent {
  readonly octets: Uint8Array;
  readonly data: string | Buffer;
}

/** A text or a binary message of about `length` octets that no other is like. */
function messageOf(random: Random, length: number): Sent {
  const isText = random.below(2) === 0;
  const words = `${random.below(2 ** 31)} żółw 🐢 `;
  const text = words.repeat(Math.ceil(length / utf8(words).length));
  const payload = isText ? utf8(text) : random.octets(length);
  const parts: Uint8Array[] = [];
  let at = 0;
  do {
    const end = random.below(3) === 0 ? Math.min(payload.length, at + 1 + random.below(length)) : payload.length;
    const opcode = at === 0 ? (isText ? 1 : 2) : 0;
    parts.push(frame({ opcode, fin: end === payload.length, maskingKey: key, payload: payload.subarray(at, end) }));
    at = end;
  } while (at < payload.length);
  return { octets: concat(...parts), data: isText ? text : Buffer.from(payload) };
}

/** Larger than the region, each in one frame and in several: made once, for it takes long. */
let largeOnes: readonly Sent[] | undefined;
function large(): readonly Sent[] {
  const random = new Random(2);
  largeOnes ??= [70, 200, 1000, 2000, 5 * KIB].flatMap((length) => [0, 1].map(() => messageOf(random, length * KIB)));
  return largeOnes;
}

/** What a server was told on one connection: kept as it was handed out, and as it was then. */
class Heard {
  readonly messages: (string | Buffer)[] = [];
  readonly copies: (string | Buffer)[] = [];

  add(data: string | Uint8Array): void {
    this.messages.push(data as string | Buffer);
    this.copies.push(typeof data === "string" ? ` ${data}`.slice(1) : Buffer.from(data));
  }
}

for (const kernel of kernelNames) {
  for (const transport of transportsOf(kernel)) {
    const test = suite(`region / ${kernel} / ${transport}`);
    const { landed } = SocketTransport.prototype;
    /** How many octets each read brought; empty where sockets are not read into memory. */
    let reads: number[] = [];

    // Between two reads nothing in linear memory means anything: it is as if every other connection had overwritten it.
    test.before.each(() => {
      reads = [];
      SocketTransport.prototype.landed = function (this: SocketTransport<unknown>, region, length) {
        reads.push(length);
        landed.call(this, region, length);
        region.fill(0xa5);
        poison(currentKernel());
      };
    });
    test.after.each(() => {
      SocketTransport.prototype.landed = landed;
    });

    /** Runs a server that keeps what it hears, by connection, and echoes. */
    const withEcho = (use: (port: number, heard: readonly Heard[], sockets: readonly Socket[]) => Promise<void>) => {
      const heard: Heard[] = [];
      const sockets: Socket<Heard>[] = [];
      return withServer(
        {
          transport,
          open(socket: Socket<Heard>) {
            socket.data = new Heard();
            heard.push(socket.data);
            sockets.push(socket);
          },
          message: (socket: Socket<Heard>, data, isBinary) => {
            socket.data!.add(data);
            socket.send(data, { binary: isBinary });
          },
          ping: (socket: Socket<Heard>, data) => socket.data!.add(data),
          pong: (socket: Socket<Heard>, data) => socket.data!.add(data),
          close: (socket: Socket<Heard>, code, reason) => socket.data!.add(`${code} ${reason}`),
        } as Parameters<typeof withServer>[0],
        async ({ port, server }) => {
          assert.is(server.transport, transport);
          await use(port, heard, sockets as Socket[]);
          assert.is(reads.length !== 0, transport === "memory", "reads into memory");
          for (const { messages, copies } of heard) {
            assert.equal(messages, copies, "what was handed out has changed");
            for (const message of messages) {
              if (typeof message !== "string") assert.is.not(message.buffer, currentKernel().octets.buffer);
            }
          }
        },
        kernel,
      );
    };

    test("octets cut anywhere across reads are the same messages", async () => {
      const random = new Random(1);
      const sent = [0, 1, 5, 125, 126, 300].map((length) => messageOf(random, length || 1));
      const ping = frame({ opcode: 9, maskingKey: key, payload: utf8("ping") });
      const pong = frame({ opcode: 10, maskingKey: key, payload: utf8("pong") });
      const stream = concat(...sent.flatMap(({ octets }) => [octets, ping, pong]));
      const expected = sent.flatMap(({ data }) => [data, Buffer.from("ping"), Buffer.from("pong")]);
      await withEcho(async (port, heard) => {
        const inTwo = await RawClient.open(port);
        inTwo.socket.setNoDelay(true);
        for (let cut = 1; cut < 60; cut++) {
          inTwo.socket.write(stream.subarray(0, cut));
          await turns(2);
          inTwo.socket.write(stream.subarray(cut));
          await until(() => heard[0]!.messages.length >= cut * expected.length);
        }
        const inOctets = await RawClient.open(port);
        inOctets.socket.setNoDelay(true);
        for (const octet of stream) {
          inOctets.socket.write(Uint8Array.of(octet));
          await turns(1);
        }
        await until(() => heard[1]!.messages.length >= expected.length);
        assert.equal(heard[0]!.messages, Array.from({ length: 59 }, () => expected).flat());
        assert.equal(heard[1]!.messages, expected);
        for (const client of [inTwo, inOctets]) client.destroy();
      });
    });

    test("a header cut by the region's end is carried into the next read, at each of its octets", async () => {
      await withEcho(async (port, heard, sockets) => {
        for (let before = 0; before <= 16; before++) {
          const client = await RawClient.open(port);
          await until(() => heard.length > before);
          const socket = sockets[before]!;
          // The first read takes what fits in the region, however the rest comes.
          socket.pause();
          const first = filled(REGION_LENGTH - before - 8, 0x61); // behind 8 octets of its own header
          const second = filled(66_000, 0x62); // behind 14
          client.send(
            frame({ opcode: 2, maskingKey: key, payload: first }),
            frame({ opcode: 2, maskingKey: key, payload: second }),
            frame({ opcode: 9, maskingKey: key, payload: filled(125, 0x63) }),
          );
          await turns(10);
          socket.resume();
          await until(() => heard[before]!.messages.length === 3);
          assert.equal(
            heard[before]!.messages,
            [first, second, filled(125, 0x63)].map((one) => Buffer.from(one)),
          );
          client.destroy();
        }
        if (transport === "memory")
          assert.ok(reads.filter((length) => length === REGION_LENGTH).length >= 17, `${reads}`);
      });
    });

    test("messages of 70 KiB to 5 MiB, text and binary, in one frame and in many, are exact", async () => {
      const sent = large();
      await withEcho(async (port, heard) => {
        const client = await RawClient.open(port);
        for (const { octets } of sent) client.socket.write(octets);
        await client.frameCount(sent.length);
        assert.is(heard[0]!.messages.length, sent.length);
        sent.forEach(({ data }, index) => void assert.ok(isSame(heard[0]!.messages[index], data), `message ${index}`));
        for (const [index, { payload }] of client.frames.entries())
          assert.is(Buffer.compare(payload, Buffer.from(sent[index]!.data)), 0, `echo ${index}`);
        client.destroy();
      });
    });

    test("many connections at once: each hears what its peer said, and nothing of it changes later", async () => {
      const random = new Random(3);
      await withEcho(async (port, heard) => {
        const clients: RawClient[] = [];
        for (let count = 0; count < 20; count++) {
          clients.push(await RawClient.open(port));
          await until(() => heard.length > count);
        }
        const expected: (string | Buffer)[][] = clients.map(() => []);
        const queues = clients.map((_, index) => {
          const octets: Uint8Array[] = [];
          for (let count = 0; count < 12; count++) {
            const { octets: message, data } = messageOf(random, 1 + random.below(random.pick([10, 1000, 50_000])));
            const control = random.octets(random.below(126));
            octets.push(message, frame({ opcode: random.pick([9, 10]), maskingKey: key, payload: control }));
            expected[index]!.push(data, Buffer.from(control));
          }
          const reason = `reason ${index} żółw`;
          expected[index]!.push(`3000 ${reason}`);
          const close = concat(Uint8Array.of(3000 >> 8, 3000 & 255), utf8(reason));
          octets.push(frame({ opcode: 8, maskingKey: key, payload: close }));
          return concat(...octets);
        });
        // Pieces of any length, of one connection after the other.
        const ats = queues.map(() => 0);
        while (ats.some((at, index) => at < queues[index]!.length)) {
          for (const [index, client] of clients.entries()) {
            const end = ats[index]! + random.below(random.pick([3, 2000, 40_000]));
            if (ats[index]! < queues[index]!.length) client.socket.write(queues[index]!.subarray(ats[index], end));
            ats[index] = end;
          }
          if (random.below(3) === 0) await turns(1);
        }
        for (const client of clients) {
          await client.ended();
          client.socket.end();
          await client.closed();
        }
        await until(() => heard.every(({ messages }, index) => messages.length === expected[index]!.length));
        for (const [index, { messages }] of heard.entries())
          for (const [at, message] of messages.entries())
            assert.ok(isSame(message, expected[index]![at]!), `connection ${index}, message ${at}`);
      });
    });

    test("frames, and a part of one, in the packet of the request are heard behind open, and the rest with the next", async () => {
      const whole = frame({ opcode: 1, maskingKey: key, payload: utf8("whole") });
      const cut = frame({ opcode: 2, maskingKey: key, payload: utf8("cut in two") });
      await withEcho(async (port, heard) => {
        for (let at = 0; at <= cut.length; at++) {
          const client = new RawClient(port);
          client.send(upgradeRequest(), whole, cut.subarray(0, at));
          assert.is((await client.answer()).httpStatus, 101);
          client.send(cut.subarray(at), whole);
          await client.frameCount(3);
          assert.equal(heard[at]!.messages, ["whole", Buffer.from("cut in two"), "whole"]);
          client.destroy();
        }
      });
    });

    test.run();
  }
}

function isSame(message: string | Buffer | undefined, expected: string | Buffer): boolean {
  return typeof message === "string" || typeof expected === "string"
    ? message === expected
    : message?.equals(expected) === true;
}

const fallback = suite("read into memory");

/** A sink that keeps what it is told, and where from. */
class Told {
  readonly events: string[] = [];
  landed(region: Uint8Array, length: number): void {
    this.events.push(`landed ${Buffer.from(region.subarray(0, length)).toString()}`);
  }
  arrived(chunk: Uint8Array): void {
    this.events.push(`arrived ${Buffer.from(chunk).toString()}`);
  }
  ended(): void {
    this.events.push("ended");
  }
  closed(error: unknown): void {
    this.events.push(`closed ${error}`);
  }
}

class Own extends NetSocket {}

/** Sockets of a server that are not what is expected, by what is done to them before they are read. */
const surprises: readonly (readonly [what: string, surprise: (stream: NetSocket) => void])[] = [
  ["a class of its own", (stream) => void Object.setPrototypeOf(stream, Own.prototype)],
  [
    "a handle that has no useUserBuffer",
    (stream) =>
      Object.defineProperty((stream as unknown as { _handle: object })._handle, "useUserBuffer", { value: undefined }),
  ],
  ["octets that were read before", (stream) => stream.unshift("early ")],
  [
    "somebody else's buffer",
    (stream) => {
      const isBuffer = (name: symbol): boolean => name.description === "kBuffer";
      const name = Object.getOwnPropertySymbols(stream).find(isBuffer)!;
      let value: unknown;
      Object.defineProperty(stream, name, { get: () => value, set: (next) => (value = next) });
    },
  ],
];

for (const [what, surprise] of isPossible ? surprises : []) {
  fallback(`a socket with ${what} is read by data events, from the first octet to its end`, async () => {
    await withServer({ transport: "memory" }, async ({ server, port }) => {
      const told = new Told();
      const net = netOf(server);
      net.removeAllListeners("connection");
      net.on("connection", (stream: NetSocket) => {
        surprise(stream);
        memoryReader(currentKernel())(stream, told);
        stream.on("end", () => stream.end());
      });
      const client = new RawClient(port);
      client.socket.end("octets");
      await client.closed();
      await until(() => told.events.at(-1)?.startsWith("closed") === true);
      const heard = told.events.filter((event) => event.startsWith("arrived")).map((event) => event.slice(8));
      assert.is(heard.join(""), `${what.startsWith("octets") ? "early " : ""}octets`);
      assert.equal(told.events.slice(-2), ["ended", "closed undefined"]);
      assert.is(
        told.events.some((event) => event.startsWith("landed")),
        false,
      );
    });
  });
}

fallback("a socket that cannot be read so stays as it was", () => {
  const callback = (): void => {};
  const region = new Uint8Array(8);
  const described = (stream: NetSocket): unknown =>
    Reflect.ownKeys(stream).map((name) => [name, Reflect.get(stream, name)]);
  const decoding = new NetSocket();
  decoding.setEncoding("utf8");
  const handle = new NetSocket();
  Object.defineProperty(handle, "_handle", { value: {} });
  for (const stream of [new NetSocket(), new Own(), decoding, handle]) {
    const before = described(stream);
    assert.is(readInto(stream, region, callback), false);
    assert.equal(described(stream), before);
  }
});

fallback("a server takes a socket that cannot be read into memory as any other", async () => {
  await withServer({ message: (socket, data) => void socket.send(data) }, async ({ server, port }) => {
    let count = 0;
    netOf(server).prependListener("connection", (stream: NetSocket) => {
      if (count++ % 2 === 0) Object.setPrototypeOf(stream, Own.prototype);
    });
    const clients = await Promise.all(Array.from({ length: 6 }, () => RawClient.open(port)));
    for (const [index, client] of clients.entries()) client.send(clientFrame(1, `one ${index}`, false));
    for (const client of clients) client.send(clientFrame(0, " two"));
    for (const [index, client] of clients.entries()) {
      assert.is(Buffer.from((await client.frameCount(1))[0]!.payload).toString(), `one ${index} two`);
      client.destroy();
    }
  });
});

fallback.run();
