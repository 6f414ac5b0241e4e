// Work that is done elsewhere, by the few threads of a pool: no more is begun at once than keeps them busy, for all of it holds
// memory. A broadcast of a large message would begin as much as there are connections. The rest waits, first come first served.

/** Steps that are under way at once, in a thread. Node's pool has four threads, unless it is told otherwise. */
const MOST = 8;

let count = 0;
const waiting: (() => void)[] = [];

/** Begins a piece of work, now or when another has ended. It calls `endElsewhere`, once, and throws nothing. */
export function beginElsewhere(work: () => void): void {
  if (count === MOST) {
    waiting.push(work);
    return;
  }
  count++;
  work();
}

/** A piece of work has ended: another one begins. */
export function endElsewhere(): void {
  const next = waiting.shift();
  if (next === undefined) count--;
  else next();
}
