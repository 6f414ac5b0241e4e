// The load of the rows of compression: connections that go round a cycle of compressed messages, a number of them in flight, and
// count the frames that come back. The first answers of each connection are inflated and compared.
// Servers that compress are slower than the load, which would sleep meanwhile: to wake it, the server's processor interrupts the
// load's at every answer, 9 us on a virtual machine. No client on a network is woken so: the load stays awake.

import assert from "node:assert/strict";
import type { Loading } from "../../load.ts";
import { readUntil, type Wire } from "../../wire.ts";
import { compressedFrames, History } from "./compressed.ts";
import { FrameCounter, wholeFrames } from "./frames.ts";
import { type Content, messagesOf } from "./messages.ts";

export interface DeflateShape {
  readonly content: Content;
  /** Of a message. */
  readonly octets: number;
  /** Messages on the way, per connection; they leave in one write. */
  readonly inFlight: number;
  readonly isTakenOver: boolean;
}

/** Octets of a cycle, where that is 8 to 1,024 messages. */
const CYCLE_LENGTH = 131_072;

/** Messages of each connection that are compared, at least. */
const COMPARED_COUNT = 16;

/** Multiples of it lie far apart when whole parts are taken off, however many there are. */
const GOLDEN = 0.618034;

/** What goes out, made once for a row. */
export class Cycle {
  readonly inFlight: number;
  readonly isTakenOver: boolean;
  readonly messages: readonly Buffer[];
  /** As many messages as are in flight, in one write. */
  readonly batches: readonly Buffer[];

  /** @param windowBits  logarithm of the window that was agreed on */
  constructor({ content, octets, inFlight, isTakenOver }: DeflateShape, windowBits?: number) {
    this.inFlight = inFlight;
    this.isTakenOver = isTakenOver;
    const count = Math.max(8, Math.min(1024, CYCLE_LENGTH / octets));
    this.messages = messagesOf(content, octets, count);
    const frames = compressedFrames(this.messages, content !== "binary", new History(isTakenOver, windowBits));
    this.batches = Array.from({ length: count / inFlight }, (_, index) =>
      Buffer.concat(frames.slice(index * inFlight, (index + 1) * inFlight)),
    );
  }
}

export class DeflateLoad implements Loading {
  answered = 0;
  /** Octets that came back, of whole answers nearly. */
  private answerOctets = 0;
  private readonly cycle: Cycle;
  private readonly isSpread: boolean;
  private readonly wires: { readonly socket: Wire["socket"]; next: number }[] = [];
  private adoptedCount = 0;
  private isRunning = false;
  private busyCount = 0;

  /**
   * @param isSpread  whether connections begin at different places of the cycle: a processor that has just compressed the same
   *                  message for another connection guesses right, and takes a sixth less time
   */
  constructor(cycle: Cycle, isSpread: boolean) {
    this.cycle = cycle;
    this.isSpread = isSpread;
  }

  /** Octets of a frame that came back, on average. */
  get octetsBack(): number {
    return this.answerOctets / this.answered;
  }

  /** Takes a connection whose opening handshake is done, and sees the first messages come back right. */
  async adopt(wire: Wire): Promise<void> {
    const { inFlight } = this.cycle;
    const place = this.adoptedCount++;
    const one = { socket: wire.socket, next: await this.compare(wire) };
    if (this.isSpread) await this.walk(wire, one, place);
    const counter = new FrameCounter();
    let waiting = inFlight;
    wire.take = (octets, length) => {
      this.answerOctets += length;
      const count = counter.push(octets, length);
      this.answered += count;
      waiting -= count;
      if (waiting !== 0) return;
      waiting = inFlight;
      if (this.isRunning) this.send(one);
      else this.busyCount--;
    };
    this.wires.push(one);
  }

  start(): void {
    this.isRunning = true;
    this.busyCount = this.wires.length;
    for (const one of this.wires) this.send(one);
    this.stayAwake();
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

  private readonly stayAwake = (): void => {
    if (!this.isQuiet) setImmediate(this.stayAwake);
  };

  private send(one: { readonly socket: Wire["socket"]; next: number }): void {
    const { batches } = this.cycle;
    if (one.next === batches.length) one.next = 0;
    one.socket.write(batches[one.next++]!);
  }

  /** Goes on to a place of its own. */
  private async walk(wire: Wire, one: { readonly socket: Wire["socket"]; next: number }, place: number): Promise<void> {
    const { batches, inFlight } = this.cycle;
    const steps = Math.floor((batches.length * place * GOLDEN) % batches.length);
    for (let step = 0; step < steps; step++) {
      this.send(one);
      await readUntil(wire, (octets) => (wholeFrames(octets)?.length ?? 0) >= inFlight);
    }
  }

  /** Sends the first batches, one after the other; how many. */
  private async compare(wire: Wire): Promise<number> {
    const { batches, inFlight, messages, isTakenOver } = this.cycle;
    const count = Math.min(batches.length, Math.ceil(COMPARED_COUNT / inFlight));
    const history = new History(isTakenOver);
    for (let batch = 0; batch < count; batch++) {
      wire.socket.write(batches[batch]!);
      const answer = await readUntil(wire, (octets) => (wholeFrames(octets)?.length ?? 0) >= inFlight);
      const frames = wholeFrames(answer)!;
      assert.equal(frames.length, inFlight);
      for (const [index, { isCompressed, payload }] of frames.entries()) {
        const message = isCompressed ? history.inflate(payload) : payload;
        assert.ok(messages[batch * inFlight + index]!.equals(message), "an echo differs from what was sent");
      }
    }
    return count;
  }
}
