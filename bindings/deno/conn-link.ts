// A connection of Deno's as a link. Reads wait in memory of the connection's own, since many are under way at a time, and what
// they bring goes to the kernel's input region in one copy. Writes are one after the other.

import type { Kernel } from "../kernel/kernel.ts";
import { PullLink } from "../socket/pull-link.ts";
import { ReadBuffer } from "./read-buffers.ts";
import type { Conn } from "./runtime.ts";

export class ConnLink extends PullLink {
  private readonly conn: Conn;
  private readonly region: Uint8Array;
  private readonly memory = new ReadBuffer();
  readonly keepsOctets = true;
  /** What is being written, and how far; null where nothing is. */
  private current: Uint8Array | null = null;
  private at = 0;
  /** What is written behind it. */
  private waiting: Uint8Array[] = [];

  /** @param kernel  whose input region what is read goes to */
  constructor(conn: Conn, kernel: Kernel) {
    super(conn.remoteAddr.hostname);
    this.conn = conn;
    this.region = kernel.inputView(kernel.inputCapacity);
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

  protected async readAll(): Promise<boolean> {
    const { memory, region } = this;
    let length: number | null = 0;
    try {
      while (length !== null && !this.isStopped) {
        const { octets } = memory;
        length = await this.conn.read(octets);
        if (length === null || this.isGone) break;
        region.set(length === octets.length ? octets : octets.subarray(0, length));
        memory.used(length);
        this.sink!.landed(region, length);
      }
    } finally {
      if (length === null || this.isGone) memory.release(); // no read is under way, and none follows
    }
    return length === null;
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
