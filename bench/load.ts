// The load of a bench with sockets: connections that each keep a number of messages in flight, as precomputed frames, and count
// the octets that come back. The first answer of each connection is compared octet by octet. Which side dialed is not known here.

import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { encodeFrame, Opcode, type Role } from "../bindings/index.ts";

export interface Shape {
  readonly connections: number;
  readonly inFlight: number;
  readonly octets: number;
  readonly kind: "text" | "binary";
}

/** Many copies of a frame. */
function repeated(frame: Uint8Array, count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => frame));
}

/** A client's frame as a server would have sent it: without the mask. RFC 6455 §5.3. */
function unmasked(frame: Buffer, payloadLength: number): Buffer {
  const header = Buffer.from(frame.subarray(0, frame.length - payloadLength - 4));
  header[1]! ^= 0x80; // which sets the bit where it was missing
  const maskingKey = frame.subarray(header.length, header.length + 4);
  const payload = frame.subarray(header.length + 4).map((octet, index) => octet ^ maskingKey[index & 3]!);
  return Buffer.concat([header, payload]);
}

/** Reads until it is enough; what was read. */
export function readUntil(socket: Socket, isEnough: (octets: Buffer) => boolean): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let octets: Buffer = Buffer.alloc(0);
    const take = (chunk: Buffer): void => {
      octets = Buffer.concat([octets, chunk]);
      if (!isEnough(octets)) return;
      socket.off("data", take);
      resolve(octets);
    };
    socket.on("data", take).once("error", reject);
  });
}

/** Whether a head of HTTP has come. */
export function isHead(octets: Buffer): boolean {
  return octets.includes("\r\n\r\n");
}

export class Load {
  /** Messages answered. */
  answered = 0;
  private readonly shape: Shape;
  private readonly role: Role;
  /** The messages in flight, as a server sends them. */
  private readonly plain: Buffer;
  private readonly batch: Buffer;
  private readonly answerLength: number;
  private readonly sockets: Socket[] = [];
  private isRunning = false;

  /** @param role  the load's own: a client masks what it sends, a server is sent what is masked */
  constructor(shape: Shape, role: Role) {
    const opcode = shape.kind === "text" ? Opcode.Text : Opcode.Binary;
    const payload = Buffer.alloc(shape.octets, shape.kind === "text" ? "a" : 0xc8);
    const masked = repeated(encodeFrame(opcode, payload, { role: "client" }), shape.inFlight);
    this.shape = shape;
    this.role = role;
    this.plain = repeated(encodeFrame(opcode, payload), shape.inFlight);
    this.batch = role === "client" ? masked : this.plain;
    this.answerLength = role === "client" ? this.plain.length : masked.length;
  }

  /** Takes a connection whose opening handshake is done, and sees one batch come back right. */
  async adopt(socket: Socket): Promise<void> {
    socket.write(this.batch);
    const answer = await readUntil(socket, (octets) => octets.length >= this.answerLength);
    assert.ok(this.asPlain(answer).equals(this.plain), "the echo differs from what was sent");
    let waiting = this.answerLength;
    socket.on("data", (chunk: Buffer) => {
      waiting -= chunk.length;
      if (waiting > 0) return;
      waiting += this.answerLength;
      this.answered += this.shape.inFlight;
      if (this.isRunning) socket.write(this.batch);
    });
    this.sockets.push(socket);
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

  private asPlain(answer: Buffer): Buffer {
    if (this.role === "client") return answer;
    const frameLength = this.answerLength / this.shape.inFlight;
    const frames = Array.from({ length: this.shape.inFlight }, (_, index) =>
      unmasked(answer.subarray(index * frameLength, (index + 1) * frameLength), this.shape.octets),
    );
    return Buffer.concat([...frames, answer.subarray(this.answerLength)]);
  }
}
