// The load: connections that each keep a number of messages in flight, as precomputed masked frames, and count the octets that
// come back. The first answer of each connection is compared octet by octet.

import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { encodeFrame, Opcode } from "../../bindings/index.ts";

export interface Shape {
  readonly connections: number;
  readonly inFlight: number;
  readonly octets: number;
  readonly kind: "text" | "binary";
}

const upgrade =
  "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/** Many copies of a frame. */
function repeated(frame: Uint8Array, count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => frame));
}

export class Load {
  /** Messages answered. */
  answered = 0;
  private readonly shape: Shape;
  private readonly batch: Buffer;
  private readonly answer: Buffer;
  private readonly sockets: Socket[] = [];
  private isRunning = false;

  constructor(shape: Shape) {
    const opcode = shape.kind === "text" ? Opcode.Text : Opcode.Binary;
    const payload = Buffer.alloc(shape.octets, shape.kind === "text" ? "a" : 0xc8);
    this.shape = shape;
    this.batch = repeated(encodeFrame(opcode, payload, { role: "client" }), shape.inFlight);
    this.answer = repeated(encodeFrame(opcode, payload), shape.inFlight);
  }

  /** Opens the connections and sees one batch of each come back right. */
  async open(port: number): Promise<void> {
    for (let index = 0; index < this.shape.connections; index++) this.sockets.push(await this.openOne(port));
  }

  start(): void {
    this.isRunning = true;
    for (const socket of this.sockets) socket.write(this.batch);
  }

  /** Lets what is in flight come back, and sends no more. */
  stop(): void {
    this.isRunning = false;
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  private async openOne(port: number): Promise<Socket> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    socket.write(upgrade);
    const head = await this.read(socket, (octets) => octets.includes("\r\n\r\n"));
    assert.match(head.toString("latin1"), /^HTTP\/1\.1 101 /);
    socket.write(this.batch);
    const answer = await this.read(socket, (octets) => octets.length >= this.answer.length);
    assert.ok(answer.equals(this.answer), "the echo differs from what was sent");
    let waiting = this.answer.length;
    socket.on("data", (chunk: Buffer) => {
      waiting -= chunk.length;
      if (waiting > 0) return;
      waiting += this.answer.length;
      this.answered += this.shape.inFlight;
      if (this.isRunning) socket.write(this.batch);
    });
    return socket;
  }

  private read(socket: Socket, isWhole: (octets: Buffer) => boolean): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      let octets: Buffer = Buffer.alloc(0);
      const take = (chunk: Buffer): void => {
        octets = Buffer.concat([octets, chunk]);
        if (!isWhole(octets)) return;
        socket.off("data", take);
        resolve(octets);
      };
      socket.on("data", take).once("error", reject);
    });
  }
}
