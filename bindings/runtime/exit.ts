// What waits for the end of a batch or a tick is written before the process exits.

/** Whatever may have output that waits. */
export interface Flushed {
  flush(): void;
}

const alive = new Set<Flushed>();
let isWatched = false;

function flushAll(): void {
  for (const one of alive) one.flush();
}

/** Flushes `one` when the process exits, until `forgetAtExit`. */
export function flushAtExit(one: Flushed): void {
  if (!isWatched) process.on("exit", flushAll);
  isWatched = true;
  alive.add(one);
}

export function forgetAtExit(one: Flushed): void {
  alive.delete(one);
}
