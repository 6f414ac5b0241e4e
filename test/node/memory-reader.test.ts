// What only a socket that is read into linear memory could do wrong: the region is one for all, and the next that is read
// overwrites it. socket.test.ts has what a socket does whichever way it is read.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { currentKernel } from "../../bindings/kernel/select.ts";
import type { Socket } from "../../bindings/node/index.ts";
import { SocketSink } from "../../bindings/socket/socket.ts";
import { poison } from "../support/current-kernel.ts";
import { frame } from "../support/frames.ts";
import { concat, filled, Random, utf8 } from "../support/octets.ts";
import { streamOf } from "./internals.ts";
import { kernelNames, RawClient, transportsOf, turns, until, upgradeRequest, withServer } from "./support.ts";

const KIB = 1024;
const key = Uint8Array.of(0x5a, 0x17, 0xc3, 0x88);

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
    const { landed } = SocketSink.prototype;
    /** How many octets each read brought; empty where sockets are not read into memory. */
    let reads: number[] = [];

    // Between two reads nothing in linear memory means anything: it is as if every other connection had overwritten it.
    test.before.each(() => {
      reads = [];
      SocketSink.prototype.landed = function (this: SocketSink<unknown>, region, length) {
        reads.push(length);
        landed.call(this, region, length);
        region.fill(0xa5);
        poison(currentKernel());
      };
    });
    test.after.each(() => {
      SocketSink.prototype.landed = landed;
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

    test("a header cut by the end of a read is carried into the next one, at each of its octets", async () => {
      await withEcho(async (port, heard, sockets) => {
        const first = filled(70_000, 0x61);
        const second = filled(66_000, 0x62); // behind a header of 14 octets
        const octets = concat(
          frame({ opcode: 2, maskingKey: key, payload: first }),
          frame({ opcode: 2, maskingKey: key, payload: second }),
          frame({ opcode: 9, maskingKey: key, payload: filled(125, 0x63) }),
        );
        for (let before = 0; before <= 16; before++) {
          const client = await RawClient.open(port);
          await until(() => heard.length > before);
          const stream = streamOf(sockets[before]!);
          const cut = 14 + first.length + before;
          const wanted = stream.bytesRead + cut;
          client.send(octets.subarray(0, cut));
          await until(() => stream.bytesRead === wanted);
          client.send(octets.subarray(cut));
          await until(() => heard[before]!.messages.length === 3);
          assert.equal(
            heard[before]!.messages,
            [first, second, filled(125, 0x63)].map((one) => Buffer.from(one)),
          );
          client.destroy();
        }
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
