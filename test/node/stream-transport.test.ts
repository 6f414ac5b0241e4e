// The way out on a stream that is no socket of Node's: when octets count as taken, whose they are, and what passes through.

import { Socket as NetSocket } from "node:net";
import { Duplex, PassThrough } from "node:stream";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Connection } from "../../bindings/connection/connection.ts";
import { StreamTransport } from "../../bindings/node/stream-transport.ts";
import { concat, hex, toHex } from "../support/octets.ts";
import { turns } from "./support.ts";

const test = suite("stream transport");

/** A stream that keeps each batch of writes, and completes them when told. */
class Slow extends Duplex {
  /** What was written together, in hex. */
  readonly batches: string[][] = [];
  private done: ((error?: Error | null) => void) | null = null;

  override _read(): void {}

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    this.batches.push([toHex(chunk)]);
    this.done = done;
  }

  override _writev(chunks: { chunk: Uint8Array }[], done: (error?: Error | null) => void): void {
    this.batches.push(chunks.map(({ chunk }) => toHex(chunk)));
    this.done = done;
  }

  complete(error?: Error): void {
    this.done!(error);
  }
}

/** A transport over a stream, and how often it said that a write is complete. */
function over<T extends Duplex>(stream: T): { stream: T; transport: StreamTransport; completed: () => number } {
  let count = 0;
  const transport = new StreamTransport(stream);
  transport.carry({ writeCompleted: () => count++ } as unknown as Connection<never>);
  return { stream, transport, completed: () => count };
}

test("a write is not taken at once, and is complete when the stream says so", async () => {
  const { stream, transport, completed } = over(new Slow());
  assert.is(transport.write(hex("81 00"), false), false);
  assert.equal(stream.batches, [["81 00"]]);
  await turns();
  assert.is(completed(), 0);
  stream.complete();
  await turns();
  assert.is(completed(), 1);
  stream.destroy();
});

test("a stream that takes everything at once says so after write has returned", async () => {
  const { stream, transport, completed } = over(new PassThrough());
  assert.is(transport.write(hex("81 00"), false), false);
  assert.is(completed(), 0);
  await turns();
  assert.is(completed(), 1);
  stream.destroy();
});

test("writes with more behind them leave together, and complete together", async () => {
  const { stream, transport, completed } = over(new Slow());
  assert.is(transport.write(hex("01"), true), false);
  assert.is(transport.write(hex("02"), true), false);
  assert.equal(stream.batches, []);
  assert.is(transport.write(hex("03"), false), false);
  await turns();
  assert.equal(stream.batches, [["01", "02", "03"]]);
  assert.is(completed(), 0);
  stream.complete();
  await turns();
  assert.is(completed(), 1);
  assert.is(stream.writableCorked, 0);
  stream.destroy();
});

test("the stream's octets stay what they were, whatever the writer does with its own", async () => {
  const { stream, transport, completed } = over(new PassThrough());
  const octets = hex("01 02 03");
  transport.write(octets, true);
  transport.write(octets, false);
  octets.fill(0xff);
  await turns();
  assert.is(completed(), 1, "it has called back");
  const read: Uint8Array[] = [];
  for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) read.push(chunk as Uint8Array); // one or two
  assert.is(toHex(concat(...read)), "01 02 03 01 02 03");
  stream.destroy();
});

test("a write that fails is never complete: the end of the stream says why", async () => {
  const { stream, transport, completed } = over(new Slow());
  const errors: unknown[] = [];
  stream.on("error", (error) => errors.push(error));
  transport.write(hex("01"), false);
  const boom = new Error("boom");
  stream.complete(boom);
  await turns();
  assert.is(completed(), 0);
  assert.equal(errors, [boom]);
  assert.is(transport.write(hex("02"), false), false);
  await turns();
  assert.is(stream.batches.length, 1, "nothing is written to a stream that is destroyed");
});

test("end, pause, resume and destroy are the stream's; end after destroy is nothing", async () => {
  const { stream, transport } = over(new Slow());
  transport.pause();
  assert.is(stream.isPaused(), true);
  transport.resume();
  assert.is(stream.isPaused(), false);
  transport.end();
  assert.is(stream.writableEnded, true);
  assert.is(transport.write(hex("01"), false), false);
  transport.destroy();
  assert.is(stream.destroyed, true);
  transport.end();
  await turns();
  assert.equal(stream.batches, []);
});

test("a subclass of net.Socket may keep what it is given: it gets copies", () => {
  const kept: Uint8Array[] = [];
  class Keeping extends NetSocket {
    override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
      kept.push(chunk);
      done();
    }
  }
  const { stream, transport } = over(new Keeping());
  const octets = hex("81 01 61");
  assert.is(transport.write(octets, false), false);
  octets.fill(0);
  assert.equal(kept.map(toHex), ["81 01 61"]);
  stream.destroy();
});

test.run();
