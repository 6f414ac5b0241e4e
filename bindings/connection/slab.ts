// Memory for small binary messages: an ArrayBuffer each costs 800 ns once the collector is counted, a part of a shared one
// 90. A slab belongs to one connection, so that no handler is given another connection's octets with its own; it starts
// small, doubles while the connection is busy, and is dropped when it is idle.

import { viewOf } from "../codec/octets.ts";
import { host } from "../host.ts";

/** Octets up to which a message shares its ArrayBuffer. */
export const SHARED_LENGTH = 2048;

const SMALLEST_SLAB = 1024;
const LARGEST_SLAB = 8192;

/** Octets up to which a loop over words copies faster than `set`, which needs a view of the source. */
const LOOP_LENGTH = 256;

export class Slab {
  private buffer = new ArrayBuffer(SMALLEST_SLAB);
  private octets = new Uint8Array(this.buffer);
  private words = new Int32Array(this.buffer);
  private used = 0;

  /**
   * Copies the octets from `start` to `end`, at most SHARED_LENGTH, into memory that is handed out once.
   *
   * @param words  the same memory as `source`, as words from its first octet; null where it cannot be seen so
   */
  copy(source: Uint8Array, words: Int32Array | null, start: number, end: number): Uint8Array {
    const length = end - start;
    // The copy lies at the same phase of a word as its source.
    let at = this.used + ((start - this.used) & 3);
    if (at + length > this.octets.length) {
      this.renew(length + 3);
      at = start & 3;
    }
    this.used = at + length;
    if (words !== null && length <= LOOP_LENGTH) this.copyWords(source, words, start, end, at);
    else this.octets.set(viewOf(source, start, end), at);
    return host.viewOf(this.buffer, at, length);
  }

  private copyWords(source: Uint8Array, words: Int32Array, start: number, end: number, at: number): void {
    const { octets, words: ownWords } = this;
    const distance = at - start;
    let from = start;
    while ((from & 3) !== 0 && from < end) {
      octets[from + distance] = source[from]!;
      from++;
    }
    const wordDistance = distance >> 2;
    const wordEnd = end >> 2;
    for (let word = from >> 2; word < wordEnd; word++) ownWords[word + wordDistance] = words[word]!;
    for (from = Math.max(from, end & ~3); from < end; from++) octets[from + distance] = source[from]!;
  }

  private renew(length: number): void {
    const size = Math.min(LARGEST_SLAB, Math.max(this.octets.length * 2, (length + 3) & ~3));
    this.buffer = new ArrayBuffer(size); // zeros: nothing of another owner shows through `.buffer`
    this.octets = new Uint8Array(this.buffer);
    this.words = new Int32Array(this.buffer);
    this.used = 0;
  }
}
