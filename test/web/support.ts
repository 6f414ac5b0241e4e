// What the tests of wsimd/web share: pairs of streams, a peer that is nothing but one end of them, and time that moves when told.
// Nothing of a runtime's own: these tests run in pages too.

import { suite, type Test } from "uvu";
import * as assert from "uvu/assert";
import { initSync } from "../../bindings/index.ts";
import type { KernelName } from "../../bindings/kernel/kernel.ts";
import type { TimerSource } from "../../bindings/web/index.ts";
import { frame } from "../support/frames.ts";
import { concat, utf8 } from "../support/octets.ts";

export const kernelNames: readonly KernelName[] = ["wasm", "scalar"];

/** A suite about `topic` whose tests make their sockets on one kernel; its first test asserts which. */
export function webSuite(topic: string, kernel: KernelName): Test {
  const test = suite(`web / ${topic} / ${kernel}`);
  test.before(() => void initSync({ kernel }));
  test.after(() => void initSync());
  test(`runs the ${kernel} kernel`, () => assert.is(initSync({ kernel }), kernel));
  return test;
}

export type Octets = Uint8Array<ArrayBuffer>;

/** One end of a connection. */
export interface End {
  readonly readable: ReadableStream<Octets>;
  readonly writable: WritableStream<Octets>;
}

/** Both ends of a connection: what is written to one is read from the other, and nothing is kept on the way. */
export function ends(): [End, End] {
  const there = new TransformStream<Octets, Octets>();
  const back = new TransformStream<Octets, Octets>();
  return [
    { readable: back.readable, writable: there.writable },
    { readable: there.readable, writable: back.writable },
  ];
}

/** A stream whose chunks come from a function, as they are asked for, without an end but that of the function. */
export function streamOf(next: () => Octets | null): { readonly stream: ReadableStream<Octets>; pullCount: number } {
  const made = {
    pullCount: 0,
    stream: new ReadableStream<Octets>(
      {
        pull(controller) {
          made.pullCount++;
          const chunk = next();
          if (chunk === null) controller.close();
          else controller.enqueue(chunk);
        },
      },
      { highWaterMark: 0 },
    ),
  };
  return made;
}

/** Takes everything and forgets it. */
export const sink = (): WritableStream<Octets> => new WritableStream({ write() {} });

/** Whether octets are the same, whatever class they are of. */
export const isSame = (first: Uint8Array, second: Uint8Array): boolean =>
  first.length === second.length && first.every((octet, index) => octet === second[index]);

/** Waits until something holds, a task at a time; the runner's timeout ends what never does. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 0));
}

/** Lets whatever is under way in microtasks and tasks come to rest. */
export async function settled(): Promise<void> {
  for (let task = 0; task < 5; task++) await new Promise((resolve) => setTimeout(resolve, 0));
}

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { readonly code?: string }> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error("it does not reject");
}

/** Asserts that a call throws, or a promise rejects with, a UsageError, and what it says. */
export async function assertUsage(act: () => unknown, pattern: RegExp): Promise<void> {
  const error = await rejection((async () => act())());
  assert.is(error.name, "UsageError", String(error));
  assert.match(error.message, pattern);
}

/** The request of an opening handshake whose answer is known. RFC 6455 §1.3. */
export const request = (fields = "", line = "GET /chat HTTP/1.1"): Octets =>
  utf8(
    `${line}\r\nHost: server.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
      `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${fields}\r\n`,
  );

/** A key that changes what it masks. */
const maskingKey = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d);

/** A client's frame: opcode 1 text, 2 binary, 8 Close, 9 ping. */
export const clientFrame = (opcode: number, payload: string | Uint8Array = "", fin = true): Octets =>
  frame({ opcode, fin, maskingKey, payload: typeof payload === "string" ? utf8(payload) : payload });

/** A server's frame. */
export const serverFrame = (opcode: number, payload: string | Uint8Array = ""): Octets =>
  frame({ opcode, payload: typeof payload === "string" ? utf8(payload) : payload });

export const closePayload = (code: number, reason = ""): Octets =>
  concat(Uint8Array.of(code >> 8, code & 255), utf8(reason));

/** A frame as it came from a server. */
export interface ServerFrame {
  readonly opcode: number;
  readonly payload: Octets;
}

/** The other end, as a bare peer: it writes what it is told and keeps what comes. */
export class Peer {
  received: Octets = new Uint8Array(0);
  /** Every chunk as it came, in the memory that it came in. */
  readonly chunks: Octets[] = [];
  hasEnded = false;
  error: unknown = undefined;
  private readonly writer: WritableStreamDefaultWriter<Octets>;
  private readonly reader: ReadableStreamDefaultReader<Octets>;
  private headLength = 0;

  constructor({ readable, writable }: End) {
    this.writer = writable.getWriter();
    this.reader = readable.getReader();
    this.writer.closed.catch(() => {});
    void this.read();
  }

  private async read(): Promise<void> {
    try {
      for (let { done, value } = await this.reader.read(); !done; { done, value } = await this.reader.read()) {
        this.chunks.push(value!);
        this.received = concat(this.received, value!);
      }
      this.hasEnded = true;
    } catch (error) {
      this.error = error ?? new Error("no reason");
    }
  }

  /** Writes chunks; resolves when they are taken. */
  async send(...chunks: readonly Octets[]): Promise<void> {
    for (const chunk of chunks) await this.writer.write(chunk);
  }

  end(): Promise<void> {
    return this.writer.close();
  }

  /** Breaks off what it writes. */
  abort(why: unknown): Promise<void> {
    return this.writer.abort(why);
  }

  /** Breaks off what it reads. */
  cancel(why: unknown): Promise<void> {
    return this.reader.cancel(why);
  }

  /** Breaks off, both ways. */
  async vanish(why: unknown = new Error("the peer is gone")): Promise<void> {
    await Promise.allSettled([this.abort(why), this.cancel(why)]);
  }

  /** The head of an answer, once it is there. */
  async head(): Promise<string> {
    await until(() => this.text.includes("\r\n\r\n") || this.isOver);
    this.headLength = this.text.indexOf("\r\n\r\n") + 4;
    return this.text.slice(0, this.headLength);
  }

  get text(): string {
    return new TextDecoder("latin1").decode(this.received);
  }

  get isOver(): boolean {
    return this.hasEnded || this.error !== undefined;
  }

  /** The server's frames that are whole: short ones and those with 16 or 64 bits of length. §5.2 */
  get frames(): ServerFrame[] {
    const frames: ServerFrame[] = [];
    const view = new DataView(this.received.buffer);
    for (let at = this.headLength; at + 2 <= this.received.length; ) {
      const short = this.received[at + 1]!;
      const start = at + (short < 126 ? 2 : short === 126 ? 4 : 10);
      if (start > this.received.length) break;
      const length = short < 126 ? short : short === 126 ? view.getUint16(at + 2) : Number(view.getBigUint64(at + 2));
      if (start + length > this.received.length) break;
      frames.push({ opcode: this.received[at]! & 15, payload: this.received.slice(start, start + length) });
      at = start + length;
    }
    return frames;
  }

  async frameCount(count: number): Promise<ServerFrame[]> {
    await until(() => this.frames.length >= count || this.isOver);
    assert.ok(this.frames.length >= count, `${this.frames.length} frames, and the end`);
    return this.frames;
  }
}

/** The code of a Close frame. */
export const codeOf = ({ opcode, payload }: ServerFrame): number => {
  assert.is(opcode, 8, "a Close");
  return payload.length < 2 ? 1005 : payload[0]! * 256 + payload[1]!;
};

/** How a connection ended: give its `close` to a socket. */
export class Ending {
  code = 0;
  reason = "";
  readonly close = (_socket: unknown, code: number, reason: string): void => {
    this.code = code;
    this.reason = reason;
  };

  /** Waits for the end. */
  told(): Promise<void> {
    return until(() => this.code !== 0);
  }
}

/** A clock's timers, which stand still until they are told. */
export class Timers implements TimerSource {
  private nowMs = 0;
  private readonly running = new Set<() => void>();

  get runningCount(): number {
    return this.running.size;
  }

  now(): number {
    return this.nowMs;
  }

  every(_periodMs: number, run: () => void): () => void {
    this.running.add(run);
    return () => this.running.delete(run);
  }

  advance(byMs: number): void {
    this.nowMs += byMs;
    for (const run of [...this.running]) run();
  }
}
