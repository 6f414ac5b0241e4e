// Text that comes in pieces, as a string for each: a character that a piece cuts goes with the next one.

import { copyOctets, copyOf } from "../codec/octets.ts";
import { characterLength, incompleteLength, receivedText } from "../codec/received-text.ts";
import { host } from "../host.ts";
import type { Kernel } from "../kernel/kernel.ts";

const nothing: Uint8Array = new Uint8Array(0);

export class TextPieces {
  private readonly kernel: Kernel;
  /** The octets so far of a character that was cut. */
  private cut: Uint8Array = nothing;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /**
   * The string of the next octets, which together with those before are valid UTF-8; "" where they are less than a character.
   *
   * @param octets  linear memory, where they lie in the input or the scratch region, or memory that the platform's host made
   */
  next(octets: Uint8Array, start: number, end: number, isAscii: boolean): string {
    const from = start + this.missingLength(end - start);
    const head = from === start ? "" : this.complete(octets, start, from);
    if (this.cut.length !== 0 || from === end) return head;
    if (isAscii) return head + host.asciiText(octets, from, end);
    const edge = end - incompleteLength(octets, from, end);
    if (edge !== end) this.cut = copyOf(octets, edge, end);
    return edge === from ? head : head + receivedText(this.kernel, octets, from, edge);
  }

  /** Octets of the next `length` that belong to the character that was cut. */
  private missingLength(length: number): number {
    const { cut } = this;
    return cut.length === 0 ? 0 : Math.min(characterLength(cut[0]!) - cut.length, length);
  }

  /** The character that was cut, if it is whole now. */
  private complete(octets: Uint8Array, start: number, end: number): string {
    const { cut } = this;
    const joined = host.allocate(cut.length + end - start);
    joined.set(cut);
    copyOctets(octets, start, end, joined, cut.length);
    const isWhole = joined.length === characterLength(joined[0]!);
    this.cut = isWhole ? nothing : joined;
    return isWhole ? host.utf8Text(joined, 0, joined.length) : "";
  }
}
