// What waits for the end of a tick, or for a turn of the event loop: one list and one deferred call a thread for each,
// whatever the number of connections.

import { rethrow } from "./calls.ts";

/** How long a connection is at work, in ms, before others are served. */
export const TURN_MS = 0.25;

/** Whatever waits. */
export interface Waiting {
  goOn(): void;
}

/** Calls `goOn` of everything added to it, once, when the time has come. */
export class Later {
  private waiting: Waiting[] = [];
  /** Runs a function when the time has come. @internal */
  readonly defer: (run: () => void) => void;

  /** @param defer  runs a function when that time has come */
  constructor(defer: (run: () => void) => void) {
    this.defer = defer;
  }

  add(waiting: Waiting): void {
    this.waiting.push(waiting);
    if (this.waiting.length === 1) this.defer(this.run);
  }

  /** Calls them now; what is added meanwhile waits for the next time. */
  readonly run = (): void => {
    const { waiting } = this;
    this.waiting = [];
    for (const one of waiting) {
      try {
        one.goOn();
      } catch (error) {
        rethrow(error); // one that throws stops no other
      }
    }
  };
}

/** The end of a tick where a platform has no better one than its microtasks. */
export const microtasks: Later = /*#__PURE__*/ new Later((run) => queueMicrotask(run));
