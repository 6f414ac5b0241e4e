// The end of a tick: sends outside a batch after a tick's first wait for it, so that they leave together. One list and one
// deferred call a thread, whatever the number of connections.

import { callLast } from "./calls.ts";

/** Whatever has output that waits for the tick's end. */
export interface Flushable {
  flushTick(): void;
}

/** Calls `flushTick` of everything added to it, once the tick ends. */
export class TickFlusher {
  private waiting: Flushable[] = [];
  private readonly defer: (run: () => void) => void;

  /** @param defer  runs a function when the present work, and the microtasks it leaves, are done */
  constructor(defer: (run: () => void) => void) {
    this.defer = defer;
  }

  add(flushable: Flushable): void {
    this.waiting.push(flushable);
    if (this.waiting.length === 1) this.defer(this.run);
  }

  /** Flushes now; what is added meanwhile waits for the next tick's end. */
  readonly run = (): void => {
    const { waiting } = this;
    this.waiting = [];
    for (const flushable of waiting) callLast(() => flushable.flushTick()); // one that throws stops no other
  };
}

/** Where a platform has no better end of a tick than its microtasks. */
export const microtaskFlusher: TickFlusher = /*#__PURE__*/ new TickFlusher((run) => queueMicrotask(run));
