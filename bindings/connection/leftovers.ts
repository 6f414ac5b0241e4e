// What a pause or the end of a turn leaves of chunks, undecoded: the piece that comes first is on top. Taking a part of a piece
// puts the rest of it back where it was.

import { copyOf } from "../codec/octets.ts";

/** Octets from `at` on. */
export interface Leftover {
  readonly octets: Uint8Array;
  readonly at: number;
}

export class Leftovers {
  private readonly pieces: Leftover[] = [];
  /** Octets of memory that the pieces keep. */
  length = 0;

  /**
   * Puts the octets from `at` on before everything else.
   *
   * @param isOurs  whether they may be kept as they are; else they are copied
   */
  push(octets: Uint8Array, at: number, isOurs: boolean): void {
    if (at === octets.length) return;
    const piece = isOurs ? { octets, at } : { octets: copyOf(octets, at, octets.length), at: 0 };
    this.length += piece.octets.length;
    this.pieces.push(piece);
  }

  /** Takes the piece that comes first; undefined where there is none. */
  pop(): Leftover | undefined {
    const piece = this.pieces.pop();
    if (piece !== undefined) this.length -= piece.octets.length;
    return piece;
  }
}
