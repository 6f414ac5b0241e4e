// A connection of Deno's as a link. Reads wait in memory of the connection's own, since many are under way at a time, and what
// they bring goes to the kernel's input region in one copy. Writes are one after the other.

import type { Kernel } from "../kernel/kernel.ts";
import { BaseLink } from "../socket/base-link.ts";
import type { LinkSink } from "../socket/link.ts";
import { ReadBuffer } from "./read-buffers.ts";
import type { Conn } from "./runtime.ts";

export class ConnLink extends BaseLink {
  private readonly conn: Conn;
  private readonly region: Uint8Array;
  private readonly memory = new ReadBuffer();
  /** What is written when the write under way is done. */
  private waiting: Uint8Array[] = [];
  private isWriting = false;
  private isReading = false;
  private isPaused = false;

  /** @param kernel  whose input region what is read goes to */
  constructor(conn: Conn, kernel: Kernel) {
    super(conn.remoteAddr.hostname);
    this.conn = conn;
    this.region = kernel.inputView(kernel.inputCapacity);
  }

  read(sink: LinkSink): void {
    this.sink = sink;
    this.readOn();
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    this.readOn();
  }

  protected put(octets: Uint8Array): void {
    this.waiting.push(octets);
    this.waits(octets.length);
    if (!this.isWriting) void this.writeAll();
  }

  /** Writes until nothing waits; what is sent meanwhile is written as well. */
  private async writeAll(): Promise<void> {
    this.isWriting = true;
    try {
      for (let octets = this.waiting.shift(); octets !== undefined; octets = this.waiting.shift()) {
        for (let at = 0; at < octets.length; ) {
          const length = await this.conn.write(at === 0 ? octets : octets.subarray(at));
          at += length;
          this.taken(length);
        }
      }
    } catch (error) {
      this.fail(error);
    }
    this.isWriting = false;
  }

  protected shutDown(): void {
    this.conn.closeWrite().then(
      () => this.outputOver(),
      (error: unknown) => this.fail(error),
    );
  }

  private readOn(): void {
    if (!this.isReading && !this.isPaused && !this.inputEnded && !this.isGone) void this.readAll();
  }

  /** Reads until it is paused, or the input ends. */
  private async readAll(): Promise<void> {
    const { memory, region } = this;
    this.isReading = true;
    let hasEnded = false;
    try {
      while (!this.isPaused && !this.isGone && !hasEnded) {
        const { octets } = memory;
        const length = await this.conn.read(octets);
        if (this.isGone) break;
        hasEnded = length === null;
        if (length === null) break;
        region.set(length === octets.length ? octets : octets.subarray(0, length));
        memory.used(length);
        this.sink!.landed(region, length);
      }
    } catch (error) {
      this.fail(error);
    }
    this.isReading = false;
    if (hasEnded || this.isGone) memory.release();
    if (hasEnded) this.inputOver();
  }

  protected drop(): void {
    this.waiting = [];
    try {
      this.conn.close();
    } catch {
      // Deno has closed it before
    }
  }
}
