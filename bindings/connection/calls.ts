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
