// One connection of the load, its opening handshake done: octets out, octets in, read into memory that all of them share.
// What a read costs the load is kept small, so that the load is not what is measured.

import assert from "node:assert/strict";
import { connect, type OnReadOpts, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** Takes what came: the first `length` octets, which are the reader's own until this returns. */
export type Take = (octets: Uint8Array, length: number) => void;

export class Wire {
  take: Take = () => {};
  readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  /** A socket that gives `data` events: one accepted, or one over TLS. */
  static onEvents(socket: Socket): Wire {
    const wire = new Wire(socket);
    socket.on("data", (chunk: Buffer) => wire.take(chunk, chunk.length));
    return wire;
  }
}

/** Node reads and delivers before it reads again: one buffer serves every socket. */
const shared: Buffer = Buffer.allocUnsafeSlow(256 * 1024);

function dialPlain(port: number): Promise<Wire> {
  return new Promise((resolve, reject) => {
    const onread: OnReadOpts = {
      buffer: shared,
      callback: (length, octets) => {
        wire.take(octets, length);
        return true;
      },
    };
    const socket = connect({ port, host: "127.0.0.1", noDelay: true, onread }, () => resolve(wire));
    const wire = new Wire(socket);
    socket.once("error", reject);
  });
}

function dialTls(port: number): Promise<Wire> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => {
      socket.setNoDelay();
      resolve(Wire.onEvents(socket));
    });
    socket.once("error", reject);
  });
}

/** Connects, without a handshake of WebSocket. */
export function dialBare(port: number, isTls = false): Promise<Wire> {
  return isTls ? dialTls(port) : dialPlain(port);
}

const upgrade =
  "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/** An extension that is offered, and what the answer must be. RFC 6455 §9.1. */
export interface Offer {
  readonly extension: string;
  /** Of the value of Sec-WebSocket-Extensions; null where there must be none. */
  readonly answer: RegExp | null;
}

function checkAnswer(head: string, { answer }: Offer): void {
  const [, value] = /^sec-websocket-extensions: *(.*)$/im.exec(head) ?? [];
  if (answer === null) assert.equal(value, undefined);
  else assert.match(value ?? "", answer);
}

/** Connects, and upgrades to WebSocket: RFC 6455 §4.1. */
export async function dial(port: number, isTls = false, offer?: Offer): Promise<Wire> {
  const wire = await dialBare(port, isTls);
  wire.socket.write(`${upgrade}${offer ? `Sec-WebSocket-Extensions: ${offer.extension}\r\n` : ""}\r\n`);
  const head = (await readUntil(wire, isHead)).toString("latin1");
  assert.match(head, /^HTTP\/1\.1 101 /);
  if (offer) checkAnswer(head, offer);
  return wire;
}

/** Reads until it is enough; what was read. */
export function readUntil(wire: Wire, isEnough: (octets: Buffer) => boolean): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const failed = (): void => reject(new Error("the connection ended before its answer"));
    const pieces: Buffer[] = [];
    wire.take = (octets, length) => {
      pieces.push(Buffer.from(octets.subarray(0, length)));
      const all = Buffer.concat(pieces);
      if (!isEnough(all)) return;
      wire.take = () => {};
      wire.socket.off("close", failed).off("error", reject);
      resolve(all);
    };
    wire.socket.once("close", failed).once("error", reject);
  });
}

/** Whether a head of HTTP has come. */
export function isHead(octets: Buffer): boolean {
  return octets.includes("\r\n\r\n");
}
