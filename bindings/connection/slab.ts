// Memory for small binary messages: an ArrayBuffer each costs 800 ns once the collector is counted, a part of a shared one
// 90. A slab belongs to one connection, so that no handler is given another connection's octets with its own; it starts
// small, doubles while the connection is busy, and is dropped when it is idle.

import { host } from "../host.ts";

/** Octets up to which a message shares its ArrayBuffer. */
export const SHARED_LENGTH = 2048;

const SMALLEST_SLAB = 1024;
const LARGEST_SLAB = 8192;

export class Slab {
  private octets: Uint8Array = host.view(new ArrayBuffer(SMALLEST_SLAB));
  private used = 0;

  /** Copies the octets from `start` to `end`, at most SHARED_LENGTH, into memory that is handed out once. */
  copy(source: Uint8Array, start: number, end: number): Uint8Array {
    const length = end - start;
    if (this.octets.length - this.used < length) this.renew(length);
    const part = host.part(this.octets, this.used, length);
    part.set(source.subarray(start, end));
    this.used += length;
    return part;
  }

  private renew(length: number): void {
    const size = Math.min(LARGEST_SLAB, Math.max(this.octets.length * 2, length));
    this.octets = host.view(new ArrayBuffer(size)); // zeros: nothing of another owner shows through `.buffer`
    this.used = 0;
  }
}
