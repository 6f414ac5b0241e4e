// Writing past a socket's stream: what the handle answers, and what becomes of octets that it does not take at once.

import { Socket as NetSocket } from "node:net";
import { Worker } from "node:worker_threads";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HandleWriter, Written, watchWrite } from "../../bindings/node/handle-writer.ts";
import type { Socket } from "../../bindings/node/index.ts";
import { memoryTrial } from "../../bindings/node/memory-trial.ts";
import { filled } from "../support/octets.ts";
import { writerOf } from "./internals.ts";
import { deferred, RawClient, turns, until, upgradeRequest, withServer } from "./support.ts";

const MIB = 2 ** 20;

/** As Node's requests are named. */
class WriteWrap {
  isUsed = false;

  getAsyncId(): number {
    return this.isUsed ? 7 : -1;
  }
}

/** A handle that answers what it is told, beneath a stream that knows no better. */
function withHandle(writeBuffer: (request: unknown, octets: Uint8Array) => unknown, writeQueueSize = 0): NetSocket {
  const stream = new NetSocket();
  const handle = { writeBuffer, writeQueueSize, close: (done?: () => void) => done?.(), unref() {}, ref() {} };
  Object.defineProperty(stream, "_handle", { value: handle, writable: true });
  stream.on("error", () => {});
  return stream;
}

const octets = Uint8Array.of(0x81, 0);
const test = suite("handle writer");

test("what the handle takes at once is written whole, and one request serves any number of writes", () => {
  const requests = new Set<unknown>();
  const stream = withHandle((request) => {
    requests.add(request);
    return 0;
  });
  const writer = new HandleWriter(new WriteWrap());
  for (let count = 0; count < 10; count++) assert.is(writer.write(stream, octets), Written.Whole);
  assert.is(requests.size, 1);
});

for (const queued of [2, 0]) {
  test(`a request that a write uses keeps the octets, and the next write has another: ${queued} octets left`, () => {
    const requests: { buffer?: unknown }[] = [];
    const writer = new HandleWriter(new WriteWrap());
    const take = (request: unknown): number => {
      (request as WriteWrap).isUsed = true;
      requests.push(request as object);
      return 0;
    };
    const busy = withHandle(take, queued);
    assert.is(writer.write(busy, octets), Written.Partly);
    assert.is(writer.write(busy, octets), Written.Partly);
    assert.is(requests[0]!.buffer, octets);
    assert.is.not(requests[0], requests[1]);
  });
}

test("large messages come whole to a peer that reads while they are written", async () => {
  // The rest of a write may find room that its first try did not: a request is then used, though nothing is left to write.
  const length = 4 * MIB;
  const peer = `
    const { connect } = require("node:net");
    const { workerData: { port, request, length }, parentPort } = require("node:worker_threads");
    const frame = Buffer.alloc(14 + length, 97);
    frame.set([0x81, 0xff, 0, 0, 0, 0]);
    frame.writeUInt32BE(length, 6);
    frame.fill(0, 10, 14);
    for (let index = 0; index < 4; index++) {
      let left = 0;
      let count = 12;
      const onread = { buffer: Buffer.alloc(1 << 18), callback: (taken) => {
        left = left === 0 ? 10 + length : left - taken; // the answer to the request comes first, alone
        if (left === 10 + length || left === 0) count-- > 0 ? (left = 10 + length, socket.write(frame)) : parentPort.postMessage(index);
        return true;
      } };
      const socket = connect({ port, host: "127.0.0.1", noDelay: true, onread }, () => socket.write(request));
      socket.on("error", (error) => parentPort.postMessage(error.message));
    }
  `;
  const echo = (socket: Socket, data: string | Uint8Array): boolean => socket.send(data);
  await withServer({ message: echo, transport: "memory" }, async ({ port }) => {
    const worker = new Worker(peer, { eval: true, workerData: { port, length, request: upgradeRequest() } });
    const heard: unknown[] = [];
    worker.on("message", (message) => heard.push(message));
    await until(() => heard.length === 4);
    await worker.terminate();
    assert.equal(heard.sort(), [0, 1, 2, 3]);
  });
});

test("a handle that makes its requests itself keeps the octets in those", () => {
  const request: { buffer?: unknown; oncomplete?: unknown } = {};
  const given: unknown[] = [];
  const answer = (own: unknown): object => {
    given.push(own);
    return request;
  };
  const stream = withHandle(answer, 2);
  assert.is(new HandleWriter(null).write(stream, octets), Written.Partly);
  assert.equal(given, [null]);
  assert.is(request.buffer, octets);
  assert.type(request.oncomplete, "function");
});

test("an error of the write, at once or later, ends the stream with its name", async () => {
  const now = withHandle(() => -32);
  assert.is(new HandleWriter(new WriteWrap()).write(now, octets), Written.Partly);
  assert.ok(now.destroyed);
  assert.is((now.errored as NodeJS.ErrnoException).code, "EPIPE");
  let request: { oncomplete(status: number): void } | undefined;
  const keep = (given: unknown): number => {
    (given as WriteWrap).isUsed = true;
    request = given as typeof request;
    return 0;
  };
  const later = withHandle(keep, 2);
  new HandleWriter(new WriteWrap()).write(later, octets);
  request!.oncomplete(0);
  assert.not.ok(later.destroyed);
  request!.oncomplete(-104);
  assert.is((later.errored as NodeJS.ErrnoException).code, "ECONNRESET");
});

test("nothing is written where the stream has octets of its own, or no handle", () => {
  let writeCount = 0;
  const stream = withHandle(() => writeCount++);
  Object.defineProperty(stream, "writableLength", { value: 5 });
  assert.is(new HandleWriter(null).write(stream, octets), Written.Not);
  assert.is(new HandleWriter(null).write(new NetSocket(), octets), Written.Not);
  assert.is(writeCount, 0);
});

test("a handle whose writes are not as known is not written to", () => {
  assert.is(watchWrite(new NetSocket(), octets), undefined);
  assert.is(
    watchWrite(
      withHandle(() => 0, 7),
      octets,
    ),
    undefined,
  );
});

test("a server that reads into memory writes past its streams, where the trial found nothing against it", async () => {
  const { refusal, writer } = await memoryTrial();
  assert.is(writer === null, refusal !== null, "this Node is one of those that it was written for");
  await withServer({ transport: "data" }, async ({ server }) => {
    assert.is(writerOf(server), null);
  });
  if (refusal !== null) return;
  await withServer({ transport: "memory" }, async ({ server }) => {
    assert.instance(writerOf(server), HandleWriter);
  });
});

test("a peer that reads late gets everything, in order, and done is told when it is gone", async () => {
  const opened = deferred<Socket>();
  await withServer({ open: opened.resolve }, async ({ port }) => {
    const client = await RawClient.open(port);
    client.socket.pause();
    const socket = await opened.promise;
    const told: number[] = [];
    const texts = Array.from({ length: 24 }, (_, index) => `${index}:`.padEnd(MIB, "abcdefgh"));
    for (const [index, text] of texts.entries()) {
      socket.send(text, () => void told.push(index));
      socket.send(filled(100, index));
      await turns(1);
    }
    assert.ok(socket.bufferedAmount > 0);
    assert.ok(told.length < texts.length);
    client.socket.resume();
    const frames = await client.frameCount(48);
    for (const [index, text] of texts.entries()) {
      assert.is(Buffer.compare(frames[2 * index]!.payload, Buffer.from(text)), 0, `text ${index}`);
      assert.is(Buffer.compare(frames[2 * index + 1]!.payload, filled(100, index)), 0, `binary ${index}`);
    }
    await until(() => told.length === texts.length);
    assert.equal(
      told,
      texts.map((_, index) => index),
    );
    assert.is(socket.bufferedAmount, 0);
    client.destroy();
  });
});

test("a peer that resets while the handle has octets ends the connection with an error", async () => {
  const opened = deferred<Socket>();
  const closed = deferred<number>();
  const errors: unknown[] = [];
  const options = {
    open: opened.resolve,
    error: (_socket: Socket, error: unknown) => void errors.push(error),
    close: (_socket: Socket, code: number) => closed.resolve(code),
  };
  await withServer(options, async ({ port }) => {
    const client = await RawClient.open(port);
    client.socket.pause();
    const socket = await opened.promise;
    let outcome: unknown = "none";
    socket.send("x".repeat(30 * MIB), (error) => (outcome = error));
    await turns();
    assert.is(outcome, "none");
    client.socket.resetAndDestroy();
    assert.is(await closed.promise, 1006);
    await until(() => outcome !== "none");
    assert.instance(outcome, Error, String(outcome));
  });
});

test.run();
