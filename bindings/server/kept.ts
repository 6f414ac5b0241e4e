// Octets that arrive while the application decides on a request: one growing array, so that a flood of single octets costs
// what they measure. Whoever keeps them stops the stream at the bound.

/** Octets kept before the stream is stopped; the chunk that passes it is kept too. */
export const KEPT_LENGTH: number = 64 * 1024;

export class Kept {
  private octets: Uint8Array;
  private length: number;

  /** @param first  what came with the request; taken over */
  constructor(first: Uint8Array) {
    this.octets = first;
    this.length = first.length;
  }

  /** Octets of memory: at most twice those that came. */
  get retainedLength(): number {
    return this.octets.length;
  }

  get isFull(): boolean {
    return this.length >= KEPT_LENGTH;
  }

  /** @param chunk  copied */
  add(chunk: Uint8Array): void {
    const length = this.length + chunk.length;
    if (length > this.octets.length) {
      const grown = new Uint8Array(Math.max(length, Math.min(this.length * 2, KEPT_LENGTH)));
      grown.set(this.octets.subarray(0, this.length));
      this.octets = grown;
    }
    this.octets.set(chunk, this.length);
    this.length = length;
  }

  /** What came, in order; the caller's from now on. */
  take(): Uint8Array {
    return this.octets.subarray(0, this.length);
  }
}
