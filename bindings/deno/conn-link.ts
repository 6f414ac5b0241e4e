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
  readonly keepsOctets = true;
  /** What is being written, and how far; null where nothing is. */
  private current: Uint8Array | null = null;
  private at = 0;
  /** What is written behind it. */
  private waiting: Uint8Array[] = [];
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
    this.waits(octets.length);
    if (this.current === null) this.begin(octets);
    else this.waiting.push(octets);
  }

  private begin(octets: Uint8Array): void {
    this.current = octets;
    this.at = 0;
    this.conn.write(octets).then(this.wrote, this.failed);
  }

  /** Goes on until nothing waits; what is sent meanwhile is written as well. */
  private readonly wrote = (length: number): void => {
    const octets = this.current!;
    this.at += length;
    if (this.at < octets.length) {
      if (!this.isGone) this.conn.write(octets.subarray(this.at)).then(this.wrote, this.failed);
      this.taken(length);
      return;
    }
    this.current = null;
    const next = this.waiting.shift();
    if (next !== undefined) this.begin(next);
    this.taken(length);
  };

  private readonly failed = (error: unknown): void => this.fail(error);

  protected shutDown(): void {
    this.conn.closeWrite().then(() => this.outputOver(), this.failed);
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
