// The web as the platform of servers and clients: what browsers, Deno, Bun, Node and edge runtimes have in common. There is no
// process, no zlib, no end of a tick but that of the microtasks; and where one program serves many requests, as on workerd,
// nothing of one request may do the work of another: no list of those that wait, no timer, is shared by connections.

import { microtasks } from "../connection/later.ts";
import type { Platform } from "../socket/platform.ts";

export const platform: Platform = {
  tickEnd: microtasks,
  nextTurn: null,
  maxProcessBuffered: undefined,
  flate: () => undefined,
  prepare() {},
  warn(error) {
    console.warn(error);
  },
};

interface Tasks {
  readonly Deno?: object;
  readonly setImmediate?: (run: () => void) => unknown;
  readonly scheduler?: { readonly postTask?: (run: () => void) => unknown };
}

/** Resolves in a task of its own: whoever else waits for the event loop has been served. */
export function nextTask(): Promise<void> {
  const { Deno, setImmediate, scheduler } = globalThis as Tasks;
  return new Promise((resolve) => {
    // A timer is late: by a millisecond on Node, by a second in a page that nobody looks at. Deno's is not, and without one it
    // looks at its sockets only after some sixty tasks.
    if (setImmediate !== undefined && Deno === undefined) setImmediate(resolve);
    else if (scheduler?.postTask !== undefined) scheduler.postTask(resolve);
    else setTimeout(resolve, 0);
  });
}
