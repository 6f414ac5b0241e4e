// How a process that runs under callgrind cuts itself into blocks. Asking for the parent's id calls libc's getppid, which Node
// calls for nothing else: callgrind is told to write down what it counted, and to begin again at 0, whenever that is called.
//
// What is written down, in order: start and warm-up; then, for each block, what comes before it, and the block.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

export const BLOCKS = 7;

/** Blocks' worth of work before the first: the compilers are done by then. */
export const WARM_UP_BLOCKS = 24;

setFlagsFromString("--expose-gc");
const collect: (options: { type: "minor" }) => void = runInNewContext("gc");

function mark(): void {
  void process.ppid;
}

/** Between two blocks: an empty nursery, so that a block has as many collections as any other. */
export function cut(): void {
  mark();
  collect({ type: "minor" });
  mark();
}

/** Does a block's work over and over, cutting before, between and after. */
export function runBlocks(block: () => void): void {
  for (let index = 0; index < WARM_UP_BLOCKS; index++) block();
  for (let index = 0; index < BLOCKS; index++) {
    cut();
    block();
  }
  cut();
}
