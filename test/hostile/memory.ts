// Measures memory: what this process holds once garbage is collected. Blocks that the codec recycles are let go of before, so
// that what is measured does not depend on what ran earlier.

import {
  giveBlock,
  LARGE_POOL_LENGTH,
  LARGEST_BLOCK,
  SMALLEST_BLOCK,
  takeBlock,
  takeLargeBlock,
} from "../../bindings/codec/blocks.ts";
import type { Kernel } from "../../bindings/kernel/kernel.ts";
import { memoryNow } from "./collected.ts";

export const MIB: number = 2 ** 20;

/** What a measurement may be off by: code that is compiled meanwhile, caches of the engine, blocks that are recycled. */
export const NOISE: number = MIB;

/** More blocks of a size than the codec keeps for later. */
const MORE_THAN_KEPT = 100;

/** Takes every block that waits to be used again, and drops it. */
function dropKeptBlocks(): void {
  for (let length = SMALLEST_BLOCK; length <= LARGEST_BLOCK; length *= 2) {
    for (let count = 0; count < MORE_THAN_KEPT; count++) takeBlock(length);
  }
  for (let length = LARGEST_BLOCK + 1; length <= LARGE_POOL_LENGTH; length *= 2) {
    for (let taken = 0; taken <= LARGE_POOL_LENGTH; taken += length) takeLargeBlock(length);
  }
}

/** Leaves `octet` wherever the codec may take memory from next: linear memory, blocks to be used again, Node's own pool. */
export function fillWith(kernel: Kernel, octet: number): void {
  const { octets, controlPtr, scratchPtr, scratchCapacity, utf16Ptr, utf16Capacity } = kernel;
  octets.fill(octet, controlPtr, scratchPtr + scratchCapacity);
  octets.fill(octet, utf16Ptr, utf16Ptr + utf16Capacity);
  for (let length = SMALLEST_BLOCK; length <= LARGEST_BLOCK; length *= 2) {
    const blocks = Array.from({ length: 4 }, () => takeBlock(length));
    for (const block of blocks) giveBlock(block.fill(octet));
  }
  const large = [70_000, 140_000, 280_000, 1_000_000, 2_000_000].map((length) => takeLargeBlock(length));
  for (const block of large) giveBlock(block.fill(octet));
  for (let count = 0; count < 4; count++) Buffer.allocUnsafe(Buffer.poolSize >>> 2).fill(octet);
  for (const length of [10, 130, 1000, 4096, 65536]) Buffer.allocUnsafeSlow(length).fill(octet);
}

/** What the process holds, in octets. */
interface Held {
  /** JavaScript's heap, and memory outside it, array buffers with it. */
  readonly all: number;
  readonly arrayBuffers: number;
}

function held(): Held {
  dropKeptBlocks();
  const { inUse, arrayBuffers } = memoryNow();
  return { all: inUse, arrayBuffers };
}

/** What `work` leaves held while its result is, in octets; what the result is, for the caller to go on with. */
export function growthOf<Result>(work: () => Result): Held & { readonly result: Result } {
  const before = held();
  const result = work();
  const after = held();
  return { all: after.all - before.all, arrayBuffers: after.arrayBuffers - before.arrayBuffers, result };
}

/** As growthOf, of work that takes turns of the event loop. */
export async function growthWhile<Result>(work: () => Promise<Result>): Promise<Held & { readonly result: Result }> {
  const before = held();
  const result = await work();
  const after = held();
  return { all: after.all - before.all, arrayBuffers: after.arrayBuffers - before.arrayBuffers, result };
}

/** How many times the processor's time `work` takes for `factor` times as much as for once, by the least of a few runs each. */
export function growthOfTime(factor: number, work: (times: number) => void): number {
  const took = (times: number): number => {
    const from = process.cpuUsage();
    work(times);
    const { user, system } = process.cpuUsage(from);
    return user + system;
  };
  const [once, often]: [number[], number[]] = [[], []];
  took(1);
  for (let round = 0; round < 5; round++) {
    once.push(took(1));
    often.push(took(factor));
  }
  return Math.min(...often) / Math.min(...once);
}

/** The methods that move octets, whoever calls them. */
const movers = ["set", "fill", "slice", "copyWithin"] as const;

/** How many octets `work` has moved by calls of typed arrays' methods. */
export function octetsMovedBy(work: () => void): number {
  let count = 0;
  const prototype = Uint8Array.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
  const inherited = Object.getPrototypeOf(prototype) as typeof prototype;
  for (const name of movers) {
    prototype[name] = function (this: Uint8Array, ...args: unknown[]): unknown {
      count += name === "set" ? (args[0] as ArrayLike<number>).length : this.length;
      return inherited[name]!.apply(this, args);
    };
  }
  try {
    work();
  } finally {
    for (const name of movers) delete prototype[name];
  }
  return count;
}
