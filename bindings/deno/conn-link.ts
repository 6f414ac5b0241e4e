// A connection of Deno's as a link. Reads wait in memory of the connection's own, since many are under way at a time, and what
// they bring goes to the kernel's input region in one copy. Writes are one after the other: what is sent while one is under
// way leaves with the next.

import type { Kernel } from "../kernel/kernel.ts";
import { JOIN_LENGTH, joined } from "../socket/joined.ts";
import type { Carried, Link, LinkSink } from "../socket/link.ts";
import { ReadBuffer } from "./read-buffers.ts";
import type { Conn } from "./runtime.ts";

export class ConnLink implements Link {
  isGone = false;
  readonly remoteAddress: string | undefined;
  private readonly conn: Conn;
  private readonly region: Uint8Array;
  private readonly memory = new ReadBuffer();
  private sink: LinkSink | null = null;
  private carried: Carried | null = null;
  /** What `more` of is to come. */
  private first: Uint8Array | null = null;
  /** What is written when the write under way is done. */
  private waiting: Uint8Array[] = [];
  private waitingLength = 0;
  private isWriting = false;
  /** Whether the connection waits to be told. */
  private owesCompletion = false;
  /** Whether it is half-closed when everything is written. */
  private isEnding = false;
  /** Who waits until nothing is held of the last octets. */
  private sent: (() => void) | null = null;
  private isReading = false;
  private isPaused = false;
  private inputEnded = false;
  private outputEnded = false;

  /** @param kernel  whose input region what is read goes to */
  constructor(conn: Conn, kernel: Kernel) {
    this.conn = conn;
    this.region = kernel.inputView(kernel.inputCapacity);
    this.remoteAddress = conn.remoteAddr.hostname;
  }

  get isDrained(): boolean {
    return this.waitingLength === 0;
  }

  get unsentLength(): number {
    return this.waitingLength;
  }

  carry(connection: Carried): void {
    this.carried = connection;
  }

  read(sink: LinkSink): void {
    const isFirst = this.sink === null;
    this.sink = sink;
    if (isFirst) this.readOn();
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    this.readOn();
  }

  write(octets: Uint8Array, more: boolean): boolean {
    if (this.isGone || this.isEnding) return false; // never written: `closed` will say why
    const { first } = this;
    this.first = null;
    if (more) {
      this.first = first === null ? octets : joined(first, octets);
      return false;
    }
    if (first !== null && first.length + octets.length <= JOIN_LENGTH) {
      this.put(joined(first, octets));
    } else {
      if (first !== null) this.put(first);
      this.put(octets);
    }
    this.owesCompletion = true;
    return false;
  }

  say(octets: Uint8Array): void {
    if (!this.isGone) this.put(octets);
  }

  conclude(octets: Uint8Array, sent: () => void): void {
    if (this.isGone) return;
    this.sent = sent;
    this.put(octets);
    this.end();
  }

  end(): void {
    if (this.isGone || this.isEnding) return;
    this.isEnding = true;
    if (!this.isWriting) void this.writeAll();
  }

  destroy(): void {
    this.fail(undefined);
  }

  private put(octets: Uint8Array): void {
    this.waiting.push(octets);
    this.waitingLength += octets.length;
    if (!this.isWriting) void this.writeAll();
  }

  /** Writes until nothing waits; what is sent meanwhile waits, and is written as well. */
  private async writeAll(): Promise<void> {
    this.isWriting = true;
    try {
      while (!this.isGone && this.waiting.length !== 0) {
        const octets = this.waiting.shift()!;
        for (let at = 0; at < octets.length && !this.isGone; ) {
          const length = await this.conn.write(at === 0 ? octets : octets.subarray(at));
          at += length;
          this.waitingLength -= length;
        }
        if (this.waiting.length === 0 && this.owesCompletion && !this.isGone) {
          this.owesCompletion = false;
          this.carried?.writeCompleted();
        }
      }
      if (this.isEnding && !this.isGone) {
        await this.conn.closeWrite();
        this.letGo();
        this.outputEnded = true;
        this.closeIfEnded();
      }
    } catch (error) {
      this.fail(error);
    } finally {
      this.isWriting = false;
    }
  }

  private readOn(): void {
    if (!this.isReading && !this.isPaused && !this.inputEnded && !this.isGone) void this.readAll();
  }

  /** Reads until it is paused, or the input ends. */
  private async readAll(): Promise<void> {
    const { memory, region } = this;
    this.isReading = true;
    try {
      while (!this.isPaused && !this.isGone) {
        const { octets } = memory;
        const length = await this.conn.read(octets);
        if (this.isGone) break;
        if (length === null) {
          this.inputEnded = true;
          break;
        }
        region.set(length === octets.length ? octets : octets.subarray(0, length));
        memory.used(length);
        this.sink!.landed(region, length);
      }
    } catch (error) {
      this.fail(error);
    } finally {
      this.isReading = false;
    }
    if (this.inputEnded || this.isGone) memory.release();
    if (!this.inputEnded || this.isGone) return;
    this.sink!.ended();
    this.closeIfEnded();
  }

  private closeIfEnded(): void {
    if (this.inputEnded && this.outputEnded) this.fail(undefined);
  }

  /** It is over, for an error or in order: whoever reads is told, after what is at work. */
  private fail(error: unknown): void {
    if (this.isGone) return;
    this.isGone = true;
    this.waiting = [];
    this.waitingLength = 0;
    try {
      this.conn.close();
    } catch {
      // Deno has closed it before
    }
    queueMicrotask(() => {
      this.letGo();
      this.sink?.closed(error);
    });
  }

  /** Nothing is held of the last octets. */
  private letGo(): void {
    const { sent } = this;
    this.sent = null;
    sent?.();
  }
}
