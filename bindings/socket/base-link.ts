// What links have in common whose runtime writes one piece of memory at a time: a header joined with its payload, who is told
// when what was not taken at once is, half-closing behind it, and the end, which is told once and never in the middle of
// anything.

import { giveBlock, takeBlock } from "../codec/blocks.ts";
import type { Carried, Link, LinkSink } from "./link.ts";

/** Octets up to which a header and its payload are copied together: every write is a call of the system. */
const JOIN_LENGTH = 65_536;

export abstract class BaseLink implements Link {
  isGone = false;
  readonly remoteAddress: string | undefined;
  protected sink: LinkSink | null = null;
  protected inputEnded = false;
  protected outputEnded = false;
  /** Octets that the runtime has not taken. */
  private waitingLength = 0;
  private carried: Carried | null = null;
  /** What `more` of is to come. */
  private first: Uint8Array | null = null;
  /** Where a header and its payload are, until they are taken: nothing more is written before. */
  private block: Uint8Array | null = null;
  /** Whether the connection waits to be told that everything is taken. */
  private owesCompletion = false;
  /** Whether it is half-closed when everything is taken. */
  private isEnding = false;
  /** Whether that is under way, or done. */
  protected isShut = false;
  /** Who waits until nothing is held of the last octets. */
  private sent: (() => void) | null = null;

  constructor(remoteAddress: string | undefined) {
    this.remoteAddress = remoteAddress;
  }

  abstract read(sink: LinkSink): void;
  abstract pause(): void;
  abstract resume(): void;

  get isDrained(): boolean {
    return this.waitingLength === 0;
  }

  get unsentLength(): number {
    return this.waitingLength;
  }

  carry(connection: Carried): void {
    this.carried = connection;
  }

  write(octets: Uint8Array, more: boolean): boolean {
    if (this.isGone || this.isEnding) return false; // never written: `closed` will say why
    const { first } = this;
    this.first = more ? octets : null;
    if (first !== null && !more && first.length + octets.length <= JOIN_LENGTH) {
      this.put(this.join(first, octets));
    } else {
      if (first !== null) this.put(first);
      if (!more) this.put(octets);
    }
    if (more) return false;
    if (this.waitingLength === 0) this.giveBack();
    this.owesCompletion = this.waitingLength !== 0;
    return !this.owesCompletion;
  }

  private join(first: Uint8Array, second: Uint8Array): Uint8Array {
    const length = first.length + second.length;
    const block = takeBlock(length);
    this.block = block;
    block.set(first);
    block.set(second, first.length);
    return block.subarray(0, length);
  }

  private giveBack(): void {
    if (this.block !== null) giveBlock(this.block);
    this.block = null;
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
    this.shutIfDrained();
  }

  destroy(): void {
    this.fail(undefined);
  }

  // What follows is each runtime's.

  /** Writes octets behind those that wait, and says by `waits` how many of them are not taken. */
  protected abstract put(octets: Uint8Array): void;

  /** Half-closes, and calls `outputOver` when that is done. */
  protected abstract shutDown(): void;

  /** Closes both ways, at once. */
  protected abstract drop(error: unknown): void;

  // What follows is called by it.

  /** So many octets more are not taken. */
  protected waits(length: number): void {
    this.waitingLength += length;
  }

  /** So many octets less are. */
  protected taken(length: number): void {
    this.waitingLength -= length;
    if (this.waitingLength !== 0 || this.isGone) return;
    this.giveBack();
    const { owesCompletion } = this;
    this.owesCompletion = false;
    if (owesCompletion) this.carried?.writeCompleted();
    this.shutIfDrained();
  }

  /** It is half-closed. */
  protected outputOver(): void {
    this.outputEnded = true;
    this.letGo();
    this.closeIfEnded();
  }

  /** The peer's FIN. */
  protected inputOver(): void {
    if (this.inputEnded || this.isGone) return;
    this.inputEnded = true;
    this.sink?.ended();
    this.closeIfEnded();
  }

  /** It is over, for an error or in order: whoever reads is told, after what is at work. */
  protected fail(error: unknown): void {
    if (this.isGone) return;
    this.isGone = true;
    this.waitingLength = 0;
    this.drop(error);
    queueMicrotask(() => {
      this.letGo();
      this.sink?.closed(error);
    });
  }

  /** Once: whoever is told that everything is taken may end it before `taken` goes on. */
  private shutIfDrained(): void {
    if (!this.isEnding || this.isShut || this.waitingLength !== 0 || this.isGone) return;
    this.isShut = true;
    this.shutDown();
  }

  private closeIfEnded(): void {
    if (this.inputEnded && this.outputEnded) this.fail(undefined);
  }

  private letGo(): void {
    const { sent } = this;
    this.sent = null;
    sent?.();
  }
}
