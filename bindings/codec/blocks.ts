// Octets that wait for more, or must lie in one piece for a moment: blocks from a bounded, recycled pool, and chains of them. What
// a chain holds is at most twice what was appended to it plus one small block, however it was cut: a block is as large as all before it, from 1 KiB to 64 KiB.
// Knows nothing of frames or messages; whoever appends counts against the limits.

import { host } from "../host.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { copyOctets } from "./octets.ts";
import { receivedText, textOfBlocks } from "./received-text.ts";

/** Octets in the smallest block and in the largest. */
export const SMALLEST_BLOCK = 1024;
export const LARGEST_BLOCK = 65536;

/** Largest blocks that the pool keeps, 4 MiB a thread; smaller ones it keeps by the same number. */
const POOL_CAPACITY = 64;

const classCount: number = Math.log2(LARGEST_BLOCK / SMALLEST_BLOCK) + 1;
const free: readonly Uint8Array[][] = /*#__PURE__*/ Array.from({ length: classCount }, () => []);

/** Octets of the larger blocks that the pool keeps, together. */
export const LARGE_POOL_LENGTH: number = 8 * 1024 * 1024;

/** The oldest first: those give way. */
const freeLarge: Uint8Array[] = [];
let freeLargeLength = 0;

function classOf(length: number): number {
  return length <= SMALLEST_BLOCK ? 0 : 32 - Math.clz32((length - 1) / SMALLEST_BLOCK);
}

/** A block of the size class that holds `length` octets, at most LARGEST_BLOCK. Its content is undefined. */
export function takeBlock(length: number): Uint8Array {
  const sizeClass = length >= LARGEST_BLOCK ? classCount - 1 : classOf(length);
  return free[sizeClass]!.pop() ?? host.allocate(SMALLEST_BLOCK << sizeClass);
}

/** Gives a block back; nobody may look at it any more. */
export function giveBlock(block: Uint8Array): void {
  if (block.length === 0) return; // its memory was given away
  if (block.length > LARGEST_BLOCK) {
    if (block.length > LARGE_POOL_LENGTH) return;
    freeLarge.push(block);
    freeLargeLength += block.length;
    while (freeLargeLength > LARGE_POOL_LENGTH) freeLargeLength -= freeLarge.shift()!.length;
    return;
  }
  const list = free[block.length === LARGEST_BLOCK ? classCount - 1 : classOf(block.length)]!;
  if (list.length < POOL_CAPACITY) list.push(block);
}

/**
 * A block of at least `length` octets, for what must lie in one piece for a moment. Fresh memory of this size costs more than
 * what is written to it: 60 us a mebibyte.
 */
export function takeLargeBlock(length: number): Uint8Array {
  if (length <= LARGEST_BLOCK) return takeBlock(length);
  const index = freeLarge.findIndex((block) => block.length >= length && block.length <= length * 2);
  if (index < 0) return host.allocate(length);
  const [block] = freeLarge.splice(index, 1);
  freeLargeLength -= block!.length;
  return block!;
}

/** Octets appended piece by piece and taken once, as a whole. */
export class BlockChain {
  private readonly blocks: Uint8Array[] = [];
  /** Octets used in the last block. */
  private used = 0;
  /** Octets appended. */
  length = 0;
  /** Octets of all blocks. */
  capacity = 0;

  /** Copies the octets from `start` to `end`. */
  append(octets: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; ) {
      let block = this.blocks[this.blocks.length - 1];
      if (block === undefined || this.used === block.length) {
        block = takeBlock(this.capacity);
        this.blocks.push(block);
        this.capacity += block.length;
        this.used = 0;
      }
      const length = Math.min(end - at, block.length - this.used);
      copyOctets(octets, at, at + length, block, this.used);
      this.used += length;
      this.length += length;
      at += length;
    }
  }

  /** Returns all octets in fresh memory and empties the chain. */
  takeOctets(): Uint8Array {
    try {
      const whole = host.allocate(this.length);
      this.copyTo(whole);
      return whole;
    } finally {
      this.clear(); // also where there is no memory for the whole
    }
  }

  /** Returns the text that all octets, valid UTF-8, make, and empties the chain. */
  takeText(kernel: Kernel, isAscii: boolean): string {
    const { length } = this;
    const single = this.blocks.length === 1 ? this.blocks[0]! : null;
    let whole: Uint8Array | null = null;
    try {
      if (single === null) {
        const text = isAscii ? null : textOfBlocks(kernel, this.blocks, length);
        if (text !== null) return text;
        whole = takeLargeBlock(length);
        this.copyTo(whole);
      }
      const octets = single ?? whole!;
      return isAscii ? host.asciiText(octets, 0, length) : receivedText(kernel, octets, 0, length);
    } finally {
      if (whole !== null) giveBlock(whole);
      this.clear();
    }
  }

  private copyTo(whole: Uint8Array): void {
    let at = 0;
    for (const block of this.blocks) {
      const length = Math.min(block.length, this.length - at);
      whole.set(length === block.length ? block : block.subarray(0, length), at);
      at += length;
    }
  }

  /** Gives every block back. */
  clear(): void {
    for (const block of this.blocks) giveBlock(block);
    this.blocks.length = 0;
    this.used = this.length = this.capacity = 0;
  }
}
