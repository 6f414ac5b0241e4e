// What the tests of the WebSocket class share: a server that is nothing but sockets, a stream that plays one, and a diary of
// events. Nothing here comes from the code under test but the class itself.

import { createHash } from "node:crypto";
import { type AddressInfo, createServer, type Socket as NetSocket } from "node:net";
import { Duplex } from "node:stream";
import { initSync } from "../../../bindings/index.ts";
import type { KernelName } from "../../../bindings/kernel/kernel.ts";
import { type Sendable, WebSocket, type WebSocketOptions } from "../../../bindings/node/index.ts";
import { frame } from "../../support/frames.ts";
import { concat, utf8 } from "../../support/octets.ts";
import { type ReceivedFrame, turns } from "../support.ts";

/** The head of the answer that opens a connection, with fields of one's own. RFC 6455 §4.2.2. */
export function acceptance(request: string, fields: readonly string[] = []): string {
  const key = /^sec-websocket-key: *(\S+)/im.exec(request)![1]!;
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
  return [...head, `Sec-WebSocket-Accept: ${accept}`, ...fields, "", ""].join("\r\n");
}

/** A server's frame. */
export function serverFrame(opcode: number, payload: string | Uint8Array = "", fin = true): Uint8Array {
  return frame({ opcode, fin, payload: typeof payload === "string" ? utf8(payload) : payload });
}

export const text = (payload: string): Uint8Array => serverFrame(1, payload);
export const binary = (...octets: readonly number[]): Uint8Array => serverFrame(2, Uint8Array.from(octets));

/** A server's Close; without a code, an empty one. */
export function serverClose(code?: number, reason = ""): Uint8Array {
  return serverFrame(8, code === undefined ? "" : concat(Uint8Array.of(code >> 8, code & 255), utf8(reason)));
}

/** RSV1 without an extension. RFC 6455 §5.2. */
export const violation: Uint8Array = frame({ opcode: 1, rsv: 4 });

/** The server's end of one connection: it sends what it is told, and keeps what it gets. */
export class RawPeer {
  readonly socket: NetSocket;
  /** The opening handshake's head. */
  request = "";
  /** The client's frames. */
  readonly frames: ReceivedFrame[] = [];
  /** How many chunks came after the head. */
  chunkCount = 0;
  isEnded = false;
  isClosed = false;
  private received: Buffer = Buffer.alloc(0);
  private wake: () => void = () => {};

  constructor(socket: NetSocket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk]);
      if (this.request === "") this.takeRequest();
      else this.chunkCount++;
      if (this.request !== "") this.takeFrames();
      this.wake();
    });
    socket.on("error", () => {});
    socket.on("end", () => {
      this.isEnded = true;
      this.wake();
    });
    socket.on("close", () => {
      this.isEnded = this.isClosed = true;
      this.wake();
    });
  }

  private takeRequest(): void {
    const end = this.received.indexOf("\r\n\r\n") + 4;
    if (end < 4) return;
    this.request = this.received.toString("latin1", 0, end);
    this.received = this.received.subarray(end);
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.isClosed) throw new Error(`the client closed after ${this.frames.length} frames`);
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  /** Answers the opening handshake; frames leave in the same write. */
  upgrade(fields: readonly string[] = [], ...frames: readonly Uint8Array[]): void {
    this.send(utf8(acceptance(this.request, fields)), ...frames);
  }

  /** Sends everything in one write. */
  send(...octets: readonly Uint8Array[]): void {
    this.socket.write(concat(...octets));
  }

  /** Takes the client's frames, whole ones, and unmasks them. §5.2. */
  private takeFrames(): void {
    while (this.received.length >= 2) {
      const { received } = this;
      const short = received[1]! & 127;
      if (received[1]! < 128) throw new Error("a client's frame is not masked");
      const keyAt = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0);
      if (keyAt + 4 > received.length) return;
      const length =
        short === 126 ? received.readUInt16BE(2) : short === 127 ? Number(received.readBigUInt64BE(2)) : short;
      const start = keyAt + 4;
      if (start + length > received.length) return;
      const payload = received.subarray(start, start + length);
      for (let at = 0; at < length; at++) payload[at]! ^= received[keyAt + (at & 3)]!;
      this.frames.push({ opcode: received[0]! & 15, fin: received[0]! > 127, payload });
      this.received = received.subarray(start + length);
    }
  }

  /** What `frames` say: "1 text", "2 0a 0b", "8 1000 reason", "8". */
  get told(): string[] {
    return this.frames.map(({ opcode, payload }) => {
      const octets = Buffer.from(payload);
      if (opcode === 1) return `1 ${octets.toString()}`;
      if (opcode === 8 && octets.length >= 2) return `8 ${octets.readUInt16BE(0)} ${octets.toString("utf8", 2)}`.trim();
      return `${opcode} ${octets.toString("hex").replace(/..(?=.)/g, "$& ")}`.trim();
    });
  }

  /** Waits for as many frames; returns what all say. */
  async frameCount(count: number): Promise<string[]> {
    await this.until(() => this.frames.length >= count);
    return this.told;
  }

  /** Waits for the client's FIN. */
  async ended(): Promise<void> {
    while (!this.isEnded) await new Promise<void>((resolve) => (this.wake = resolve));
  }
}

/** A server on a free port, which answers nothing by itself. */
export class RawServer {
  readonly url: string;
  connectionCount = 0;
  private readonly peers: RawPeer[] = [];
  private readonly waiting: ((peer: RawPeer) => void)[] = [];

  constructor(port: number) {
    this.url = `ws://127.0.0.1:${port}`;
  }

  take(socket: NetSocket): void {
    this.connectionCount++;
    const peer = new RawPeer(socket);
    peer
      .until(() => peer.request !== "")
      .then(
        () => (this.waiting.shift() ?? ((peer) => this.peers.push(peer)))(peer),
        () => {},
      );
  }

  /** The next client whose request has come. */
  async next(): Promise<RawPeer> {
    return this.peers.shift() ?? new Promise((resolve) => this.waiting.push(resolve));
  }
}

/** Runs such a server for as long as `use` takes. */
export async function withRawServer(use: (server: RawServer) => Promise<void>): Promise<void> {
  const sockets = new Set<NetSocket>();
  const listener = createServer({ allowHalfOpen: true, noDelay: true });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const server = new RawServer((listener.address() as AddressInfo).port);
  listener.on("connection", (socket) => {
    sockets.add(socket);
    server.take(socket);
  });
  try {
    await use(server);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => listener.close(resolve));
  }
}

/** What happened to a WebSocket, a line an event. */
export class Diary {
  readonly lines: string[] = [];
  /** The error of the last `error` event. */
  error: unknown = undefined;
  /** Resolves at `close`. */
  readonly closed: Promise<void>;

  constructor(ws: WebSocket) {
    ws.addEventListener("open", () => this.lines.push("open"));
    ws.addEventListener("message", ({ data }) => this.lines.push(`message ${show(data)}`));
    ws.addEventListener("error", ({ error }) => {
      this.error = error;
      this.lines.push("error");
    });
    this.closed = new Promise((resolve) => {
      ws.addEventListener("close", ({ code, reason, wasClean }) => {
        this.lines.push(`close ${code} ${wasClean ? "clean" : "unclean"} ${reason}`.trim());
        resolve();
      });
    });
  }
}

function show(data: unknown): string {
  return data instanceof ArrayBuffer ? Buffer.from(data).toString("hex") : String(data);
}

/** Both ends of an open connection. */
export interface Pair {
  readonly ws: WebSocket;
  readonly peer: RawPeer;
  readonly diary: Diary;
}

/** Makes a WebSocket on one kernel. */
export function socketOn(kernel: KernelName, url: string, options: WebSocketOptions = {}): WebSocket {
  initSync({ kernel });
  try {
    return new WebSocket(url, options);
  } finally {
    initSync();
  }
}

/** Runs `use` with an open connection. */
export async function withPair(
  use: (pair: Pair) => Promise<void>,
  options: WebSocketOptions = {},
  kernel: KernelName = "wasm",
): Promise<void> {
  await withRawServer(async (server) => {
    const ws = socketOn(kernel, server.url, options);
    const diary = new Diary(ws);
    const peer = await server.next();
    peer.upgrade();
    await eventOf(ws, "open");
    await turns(1); // the event's own turn is over
    await use({ ws, peer, diary });
  });
}

/** The next event of a type. */
export function eventOf<E extends Event>(target: EventTarget, type: string): Promise<E> {
  return new Promise((resolve) => target.addEventListener(type, (event) => resolve(event as E), { once: true }));
}

/** A stream that plays the server: once the request's head is there, `answer` says what comes of it, in the same tick. */
export class ScriptedStream extends Duplex {
  written = "";
  private readonly answer: (stream: ScriptedStream, acceptance: string) => void;
  private isAnswered = false;

  constructor(answer: (stream: ScriptedStream, acceptance: string) => void) {
    super();
    this.answer = answer;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.written += chunk.toString("latin1");
    done();
    if (this.isAnswered || !this.written.includes("\r\n\r\n")) return;
    this.isAnswered = true;
    this.answer(this, acceptance(this.written));
  }

  /** Pushes the parts as one chunk. */
  tell(...parts: readonly (string | Uint8Array)[]): void {
    this.push(concat(...parts.map((part) => (typeof part === "string" ? utf8(part) : part))));
  }
}

/** The name of what a function throws. */
export function nameOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as Error).name;
  }
  return "nothing";
}

/** Sends values of any kind and returns what the server got, "1 text" or "2 octets". */
export async function sent(...values: readonly unknown[]): Promise<string[]> {
  let told: string[] = [];
  await withPair(async ({ ws, peer }) => {
    for (const value of values) ws.send(value as Sendable);
    told = await peer.frameCount(values.length);
  });
  return told;
}
