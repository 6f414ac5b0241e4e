// The load of a bench with sockets: connections that each keep a number of messages in flight, as precomputed frames, and count
// the octets that come back. The first answer of each connection is compared octet by octet. Which side dialed is not known here.

import assert from "node:assert/strict";
import { maskedBatch, plainBatch, type Shape, unmasked } from "./shape.ts";
import { readUntil, type Wire } from "./wire.ts";

/** Whom the load talks to: a server that echoes, a client that does, or what sends back every octet as it came. */
export type Echoing = "server" | "client" | "tcp";

/** What keeps a server or a client at work. */
export interface Loading {
  /** Messages answered. */
  readonly answered: number;
  /** Whether nothing is in flight. */
  readonly isQuiet: boolean;
  start(): void;
  /** Lets what is in flight come back, and sends no more. */
  stop(): void;
  close(): void;
}

export class Load implements Loading {
  answered = 0;
  private readonly shape: Shape;
  private readonly echoing: Echoing;
  private readonly batch: Buffer;
  private readonly answer: Buffer;
  private readonly answerLength: number;
  private readonly wires: Wire[] = [];
  private isRunning = false;
  /** Connections with a batch in flight. */
  private busyCount = 0;

  constructor(shape: Shape, echoing: Echoing) {
    this.shape = shape;
    this.echoing = echoing;
    const [masked, plain] = [maskedBatch(shape), plainBatch(shape)];
    this.batch = echoing === "client" ? plain : masked;
    this.answer = echoing === "tcp" ? masked : plain;
    this.answerLength = (echoing === "server" ? plain : masked).length;
  }

  /** Takes a connection whose opening handshake is done, and sees one batch come back right. */
  async adopt(wire: Wire): Promise<void> {
    const { batch, answerLength } = this;
    const { inFlight } = this.shape;
    const { socket } = wire;
    socket.write(batch);
    const answer = await readUntil(wire, (octets) => octets.length >= answerLength);
    assert.ok(this.comparable(answer).equals(this.answer), "the echo differs from what was sent");
    let waiting = answerLength;
    wire.take = (_, length) => {
      waiting -= length;
      if (waiting > 0) return;
      waiting += answerLength;
      this.answered += inFlight;
      if (this.isRunning) socket.write(batch);
      else this.busyCount--;
    };
    this.wires.push(wire);
  }

  start(): void {
    this.isRunning = true;
    this.busyCount = this.wires.length;
    for (const { socket } of this.wires) socket.write(this.batch);
  }

  stop(): void {
    this.isRunning = false;
  }

  get isQuiet(): boolean {
    return this.busyCount === 0;
  }

  close(): void {
    for (const { socket } of this.wires) socket.destroy();
  }

  /** An answer in the form of `this.answer`. */
  private comparable(answer: Buffer): Buffer {
    if (this.echoing !== "client") return answer;
    const frameLength = this.answerLength / this.shape.inFlight;
    const frames = Array.from({ length: this.shape.inFlight }, (_, index) =>
      unmasked(answer.subarray(index * frameLength, (index + 1) * frameLength), this.shape.octets),
    );
    return Buffer.concat([...frames, answer.subarray(this.answerLength)]);
  }
}
