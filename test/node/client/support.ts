// What the tests of the client share: a server made of bare sockets, which reads a request's head and answers octets that a
// test chooses, and words for what became of a client.

import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Server as NetServer, type Socket as NetSocket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { initSync } from "../../../bindings/index.ts";
import type { KernelName } from "../../../bindings/kernel/kernel.ts";
import { type ConnectOptions, connect, type Socket } from "../../../bindings/node/index.ts";
import { frame } from "../../support/frames.ts";
import { concat, utf8 } from "../../support/octets.ts";
import { RawPeer } from "../support.ts";

/** A request as it stood on the wire. */
export interface RawRequest {
  /** As in "GET / HTTP/1.1". */
  readonly line: string;
  /** "Name: value", in order. */
  readonly fields: readonly string[];
}

/** The value of a request's field, by its name in lower case; undefined where it has none. */
export function fieldOf({ fields }: RawRequest, name: string): string | undefined {
  const found = fields.find((line) => line.toLowerCase().startsWith(`${name}:`));
  return found?.slice(name.length + 1).trim();
}

/** The Sec-WebSocket-Accept for a key. RFC 6455 §4.2.2. */
export function acceptOf(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

/** A head of lines. */
export function headOf(...lines: readonly string[]): string {
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** The answer that accepts a request; some fields replaced, added or, where undefined, left out. */
export function acceptance(
  request: RawRequest,
  changes: Readonly<Record<string, string | undefined>> = {},
  statusLine = "HTTP/1.1 101 Switching Protocols",
): string {
  const fields = {
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Accept": acceptOf(fieldOf(request, "sec-websocket-key")!),
    ...changes,
  };
  const lines = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  return headOf(statusLine, ...lines);
}

/** A server's frame. */
export function serverFrame(opcode: number, payload: string | Uint8Array = "", fin = true): Uint8Array {
  return frame({ opcode, fin, payload: typeof payload === "string" ? utf8(payload) : payload });
}

/** A server's Close. */
export function serverClose(code: number, reason = ""): Uint8Array {
  return serverFrame(8, concat(Uint8Array.of(code >> 8, code & 255), utf8(reason)));
}

/** One connection of a raw server. */
export class RawAccepted extends RawPeer {
  /** Waits for the request. */
  async request(): Promise<RawRequest> {
    const head = await this.head();
    const [line, ...fields] = head.slice(0, -4).split("\r\n");
    return { line: line!, fields };
  }

  /** Accepts the request; frames may go out with the answer. */
  async accept(
    changes: Readonly<Record<string, string | undefined>> = {},
    ...frames: Uint8Array[]
  ): Promise<RawRequest> {
    const request = await this.request();
    this.readFrames((await this.head()).length, "client");
    this.send(acceptance(request, changes), ...frames);
    return request;
  }
}

/** A raw server, and where it is. */
export interface RawServer {
  readonly port: number;
  readonly url: string;
  /** Its connections so far. */
  readonly peers: readonly RawAccepted[];
  /** Waits for a connection, the first being 0. */
  peer(index?: number): Promise<RawAccepted>;
}

/** Where a raw server listens, and as what. */
export interface RawServerPlace {
  readonly path?: string | undefined;
  readonly host?: string | undefined;
  /** Makes it speak TLS. */
  readonly tls?: TlsOptions | undefined;
}

/**
 * Runs a raw server for as long as `use` takes, and drops what is left of its connections then.
 *
 * @param serve  called for each connection; what it rejects with fails the test, unless the test is over
 */
export async function withRawServer(
  serve: (peer: RawAccepted, index: number) => unknown,
  use: (server: RawServer) => Promise<void>,
  { path, host = "127.0.0.1", tls }: RawServerPlace = {},
): Promise<void> {
  const peers: RawAccepted[] = [];
  const waiting: (() => void)[] = [];
  let fault: { readonly error: unknown } | null = null;
  let isOver = false;
  const take = (socket: NetSocket): void => {
    const peer = new RawAccepted(socket);
    peers.push(peer);
    for (const wake of waiting.splice(0)) wake();
    Promise.resolve(serve(peer, peers.length - 1)).catch((error: unknown) => {
      if (!isOver) fault ??= { error };
      peer.destroy();
    });
  };
  const server: NetServer =
    tls === undefined ? createServer({ allowHalfOpen: true }, take) : createTlsServer(tls, take);
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(path === undefined ? { port: 0, host } : { path }, resolve));
  const port = path === undefined ? (server.address() as AddressInfo).port : 0;
  const name = host.includes(":") ? `[${host}]` : host;
  const peer = async (index = 0): Promise<RawAccepted> => {
    while (peers.length <= index) await new Promise<void>((resolve) => waiting.push(resolve));
    return peers[index]!;
  };
  try {
    await use({
      port,
      url: `${tls === undefined ? "ws" : "wss"}://${name}${port === 0 ? "" : `:${port}`}`,
      peers,
      peer,
    });
  } finally {
    isOver = true;
    for (const one of peers) one.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
  if (fault !== null) throw (fault as { readonly error: unknown }).error;
}

/** A server that accepts each request and lets the test do the rest. */
export const acceptAll = (peer: RawAccepted): Promise<RawRequest> => peer.accept();

/** Runs `use` with the path of a socket, or a pipe, that does not exist yet. */
export async function withPath(use: (path: string) => Promise<void>): Promise<void> {
  if (process.platform === "win32") return use(`\\\\.\\pipe\\wsimd-${process.pid}`);
  const folder = mkdtempSync(join(tmpdir(), "wsimd-"));
  try {
    await use(join(folder, "s"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** connect() on one of the kernels. */
export function connectOn<Data>(
  kernel: KernelName,
  url: string,
  options: ConnectOptions<Data> = {},
): Promise<Socket<Data>> {
  initSync({ kernel });
  const opening = connect<Data>(url, options);
  initSync();
  return opening;
}

/** What a promise rejects with; it is an error if it does not. */
export async function refusal(promise: Promise<unknown>): Promise<Error & { code?: string; httpStatus?: number }> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error as Error & { code?: string; httpStatus?: number };
  }
  (value as Partial<Socket> | undefined)?.terminate?.();
  throw new Error("it was expected to be refused, and was not");
}

/** Everything that a loop yields, and what it throws at its end. */
export async function drained(socket: AsyncIterable<string | Uint8Array>): Promise<{
  readonly messages: (string | Uint8Array)[];
  readonly error: (Error & { code?: string }) | undefined;
}> {
  const messages: (string | Uint8Array)[] = [];
  try {
    for await (const message of socket) messages.push(message);
  } catch (error) {
    return { messages, error: error as Error };
  }
  return { messages, error: undefined };
}

/** A signal that counts its listeners. */
export class CountedSignal {
  readonly controller: AbortController = new AbortController();
  listenerCount = 0;

  get signal(): AbortSignal {
    const { signal } = this.controller;
    const { addEventListener, removeEventListener } = signal;
    const listeners = new Set<unknown>();
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners.add(args[1]);
      this.listenerCount = listeners.size;
      addEventListener.apply(signal, args);
    };
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners.delete(args[1]);
      this.listenerCount = listeners.size;
      removeEventListener.apply(signal, args);
    };
    return signal;
  }
}
