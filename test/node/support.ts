// What the tests of the Node server share: servers that go away with their test, a client made of a bare socket, and a
// clock that moves when told.

import type { AddressInfo } from "node:net";
import { connect, type Socket as NetSocket } from "node:net";
import * as assert from "uvu/assert";
import { initSync } from "../../bindings/index.ts";
import type { KernelName } from "../../bindings/kernel/kernel.ts";
import type { Server, ServerOptions, TimerSource } from "../../bindings/node/index.ts";
import { isPossible } from "../../bindings/node/memory-reader.ts";
import { createServer } from "../support/adapter.ts";
import { frame, masked } from "../support/frames.ts";
import { concat, utf8 } from "../support/octets.ts";
import { runtime } from "../support/runtime.ts";

/** Both kernels that a server may run on. */
export const kernelNames: readonly KernelName[] = ["wasm", "scalar"];

/** How a server may read its sockets. */
export type Transport = Server["transport"];

/** The ways that servers on a kernel are tested in. No way of reading knows the kernel: one of them sees both. */
export function transportsOf(kernel: KernelName): readonly Transport[] {
  if (!isPossible) return ["data"];
  return kernel === "wasm" ? ["memory", "data"] : ["memory"];
}

/** A server on a free port, and where it is. */
export interface Running {
  readonly server: Server<unknown>;
  readonly port: number;
  readonly url: string;
}

/** Runs a server for as long as `use` takes; drops what is left of its connections then. */
export async function withServer(
  options: ServerOptions,
  use: (running: Running) => Promise<void>,
  kernel: KernelName = "wasm",
): Promise<void> {
  initSync({ kernel });
  const server = createServer(options);
  initSync();
  const { port } = (await server.listen({ port: 0, host: "127.0.0.1" })) as AddressInfo;
  try {
    assertTransport(server, options.transport);
    await use({ server, port, url: `ws://127.0.0.1:${port}` });
  } finally {
    for (const socket of server.sockets) socket.terminate();
    await server.close();
  }
}

/** Fails where a server reads in another way than it was told; told none, than the suite or this platform has it read. */
export function assertTransport(
  { transport }: Server<unknown>,
  told: string | undefined = process.env.WSIMD_TRANSPORT,
): void {
  assert.is(transport, told ?? transportsOf("wasm")[0]);
}

/** A promise and the function that resolves it. */
export function deferred<T = void>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((take) => (resolve = take));
  return { promise, resolve };
}

/**
 * Lets what is under way on loopback arrive: turns of the event loop, not time. Deno and Bun read sockets beside their loops,
 * whose turns may be over before: there each of many takes a millisecond. A few are no wait but a pace.
 */
export async function turns(count = 20): Promise<void> {
  const takesTime = runtime !== "node" && count >= 10;
  for (let turn = 0; turn < count; turn++) {
    await new Promise((resolve) => (takesTime ? setTimeout(resolve, 1) : setImmediate(resolve)));
  }
}

/** Waits until something holds, a turn of the event loop at a time; the runner's timeout ends what never does. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** A frame as it came. */
export interface ReceivedFrame {
  readonly opcode: number;
  readonly fin: boolean;
  readonly payload: Uint8Array;
  /** A client's frame has one. */
  readonly maskingKey?: Uint8Array;
}

/** Takes frames from octets that grow: a server's, which are never masked, or a client's, which always are. RFC 6455 §5.2. */
class FrameReader {
  readonly frames: ReceivedFrame[] = [];
  private readonly sender: "server" | "client";
  private at: number;

  constructor(start: number, sender: "server" | "client") {
    this.at = start;
    this.sender = sender;
  }

  read(octets: Buffer): ReceivedFrame[] {
    while (this.at + 2 <= octets.length) {
      const first = octets[this.at]!;
      const isMasked = octets[this.at + 1]! > 127;
      if (isMasked !== (this.sender === "client")) throw new Error(`a ${this.sender}'s frame, masked: ${isMasked}`);
      const short = octets[this.at + 1]! & 127;
      const keyAt = this.at + 2 + (short === 126 ? 2 : short === 127 ? 8 : 0);
      const start = keyAt + (isMasked ? 4 : 0);
      if (start > octets.length) break;
      const length =
        short === 126
          ? octets.readUInt16BE(keyAt - 2)
          : short === 127
            ? Number(octets.readBigUInt64BE(keyAt - 8))
            : short;
      if (start + length > octets.length) break;
      this.at = start + length;
      const frame = { opcode: first & 15, fin: first > 127 };
      const payload = octets.subarray(start, this.at);
      if (isMasked) {
        const maskingKey = Uint8Array.from(octets.subarray(keyAt, start));
        this.frames.push({ ...frame, payload: masked(payload, maskingKey), maskingKey });
      } else {
        this.frames.push({ ...frame, payload });
      }
    }
    return this.frames;
  }
}

/** An answer to an HTTP request, taken apart. */
export interface Answer {
  readonly httpStatus: number;
  readonly head: string;
  readonly body: string;
}

/** The lines of a valid opening handshake, some replaced or, where undefined, left out. */
export function upgradeRequest(
  changes: Readonly<Record<string, string | undefined>> = {},
  requestLine = "GET / HTTP/1.1",
): string {
  const fields = {
    Host: "127.0.0.1",
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    ...changes,
  };
  const lines = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  return `${[requestLine, ...lines].join("\r\n")}\r\n\r\n`;
}

const zeroKey = new Uint8Array(4);

/** A client's frame, masked with a key that changes nothing. */
export function clientFrame(opcode: number, payload: string | Uint8Array = "", fin = true): Uint8Array {
  return frame({ opcode, fin, maskingKey: zeroKey, payload: typeof payload === "string" ? utf8(payload) : payload });
}

/** A client's Close. */
export function closeFrame(code: number, reason = ""): Uint8Array {
  return clientFrame(8, concat(Uint8Array.of(code >> 8, code & 255), utf8(reason)));
}

/** The code of a Close frame's payload, 1005 for none. */
export function closeCodeOf({ payload }: ReceivedFrame): number {
  return payload.length < 2 ? 1005 : payload[0]! * 256 + payload[1]!;
}

/** A peer that is nothing but a socket: it sends what it is told, and keeps what it gets. */
export class RawPeer {
  readonly socket: NetSocket;
  isEnded = false;
  isClosed = false;
  error: Error | null = null;
  /** What came, and room for more. */
  private memory: Buffer = Buffer.alloc(4096);
  private length = 0;
  private reader: FrameReader | null = null;
  protected wake: () => void = () => {};

  constructor(socket: NetSocket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.keep(chunk);
      this.wake();
    });
    socket.on("end", () => {
      this.isEnded = true;
      this.wake();
    });
    socket.on("error", (error) => {
      this.error = error;
    });
    socket.on("close", () => {
      this.isClosed = true;
      this.wake();
    });
  }

  /** Everything received. */
  get received(): Buffer {
    return this.memory.subarray(0, this.length);
  }

  private keep(chunk: Buffer): void {
    const length = this.length + chunk.length;
    if (length > this.memory.length) {
      const grown = Buffer.alloc(length * 2);
      grown.set(this.received);
      this.memory = grown;
    }
    this.memory.set(chunk, this.length);
    this.length = length;
  }

  /** The frames received after the opening handshake. */
  get frames(): ReceivedFrame[] {
    return this.reader?.read(this.received) ?? [];
  }

  /** What comes after `headLength` octets is frames. */
  protected readFrames(headLength: number, sender: "server" | "client"): void {
    this.reader = new FrameReader(headLength, sender);
  }

  send(...parts: readonly (string | Uint8Array)[]): void {
    this.socket.write(concat(...parts.map((part) => (typeof part === "string" ? utf8(part) : part))));
  }

  /** Waits until something holds; rejects if the socket closes before. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.isClosed)
        throw new Error(`closed (${this.error?.message ?? "no error"}) after ${this.received.length} octets`);
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  /** Waits for as many frames and returns them all. */
  async frameCount(count: number): Promise<ReceivedFrame[]> {
    await this.until(() => this.frames.length >= count);
    return this.frames;
  }

  /** Waits for the other side's FIN. */
  async ended(): Promise<void> {
    await this.until(() => this.isEnded);
  }

  async closed(): Promise<void> {
    await this.until(() => this.isClosed);
  }

  /** Waits for a head; returns it with its empty line. */
  protected async head(): Promise<string> {
    await this.until(() => this.received.includes("\r\n\r\n"));
    return this.received.toString("latin1", 0, this.received.indexOf("\r\n\r\n") + 4);
  }

  destroy(): void {
    this.socket.destroy();
  }
}

/** A client of that kind. */
export class RawClient extends RawPeer {
  /** @param where  a port, the path of a Unix socket, or a stream that is there already */
  constructor(where: number | string | NetSocket) {
    const options = typeof where === "number" ? { port: where, host: "127.0.0.1" } : { path: where as string };
    super(typeof where === "object" ? where : connect({ ...options, allowHalfOpen: true }));
  }

  /** A client whose opening handshake is done; octets of frames may go out with the request. */
  static async open(where: number | string, ...frames: readonly Uint8Array[]): Promise<RawClient> {
    const client = new RawClient(where);
    client.send(upgradeRequest(), ...frames);
    const { httpStatus } = await client.answer();
    if (httpStatus !== 101) throw new Error(`the server answered ${httpStatus}`);
    return client;
  }

  /** The head of the answer to an upgrade, or all of an answer that ends with the connection. */
  async answer(): Promise<Answer> {
    const head = await this.head();
    const httpStatus = Number(head.slice(9, 12));
    if (httpStatus === 101) this.readFrames(head.length, "server");
    else await this.ended();
    return { httpStatus, head, body: this.received.toString("utf8", head.length) };
  }
}

/** Sends a request on a connection of its own and returns the answer. */
export async function ask(port: number, ...request: readonly (string | Uint8Array)[]): Promise<Answer> {
  const client = new RawClient(port);
  client.send(...request);
  const answer = await client.answer();
  client.destroy();
  return answer;
}

/** A clock that stands still until it is told to move, and counts the timers it was asked for. */
export class FakeTimers implements TimerSource {
  startedCount = 0;
  private nowMs = 1000;
  private readonly running = new Map<() => void, { readonly periodMs: number; nextMs: number }>();

  get runningCount(): number {
    return this.running.size;
  }

  now(): number {
    return this.nowMs;
  }

  every(periodMs: number, run: () => void): () => void {
    this.startedCount++;
    this.running.set(run, { periodMs, nextMs: this.nowMs + periodMs });
    return () => this.running.delete(run);
  }

  /** Moves the clock, and runs what comes due on the way, in order. */
  advance(byMs: number): void {
    const endMs = this.nowMs + byMs;
    for (;;) {
      const [due] = [...this.running]
        .filter(([, { nextMs }]) => nextMs <= endMs)
        .sort(([, a], [, b]) => a.nextMs - b.nextMs);
      if (due === undefined) break;
      const [run, timer] = due;
      this.nowMs = timer.nextMs;
      timer.nextMs += timer.periodMs;
      run();
    }
    this.nowMs = endMs;
  }
}
