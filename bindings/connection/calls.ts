// Calls of an application's functions whose failure can fail nothing more: it goes where the platform reports uncaught
// exceptions, never nowhere.

/** Rethrows where the platform reports uncaught exceptions. */
export function rethrow(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/** Tells `onRejected` if what a handler returned is a promise that rejects; returns whether it is a promise. */
export function watchResult(result: unknown, onRejected: (error: unknown) => void): boolean {
  if (typeof (result as PromiseLike<unknown> | undefined)?.then !== "function") return false;
  (result as PromiseLike<unknown>).then(undefined, onRejected);
  return true;
}

/** Calls a handler; what it throws, or rejects with, is rethrown where nobody is in the way. */
export function callLast(handler: () => unknown): void {
  try {
    watchResult(handler(), rethrow);
  } catch (error) {
    rethrow(error);
  }
}

/** Called once what was sent is with the transport's kernel, or with the error that says it will never be. */
export type Done = (error?: unknown) => void;

/** Calls what waits for a write, each for itself: one that throws fails no other, and none runs inside `send`. */
export function callEach(done: readonly Done[], error?: unknown): void {
  for (const call of done) queueMicrotask(() => call(error));
}
