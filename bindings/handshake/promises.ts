// Promises in the place of values. The application's functions answer at once: a promise would pass for a yes, or for an
// object without fields. Whoever is refused here may still be rejected later, which must not end the process.

import { optionError } from "./faults.ts";

const nothing = (): void => {};

/** Tells whether a value is a promise of any library. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return false;
  return typeof (value as Partial<PromiseLike<unknown>>).then === "function";
}

/** Hears a promise's rejection, so that nobody else has to. */
export function hush(promise: PromiseLike<unknown>): void {
  Promise.resolve(promise).catch(nothing);
}

/**
 * Returns what a function of the application answered.
 *
 * @param name  the option that holds the function
 * @throws UsageError for a promise, whose rejection is then heard
 */
export function synchronous<T>(name: string, answer: T): T {
  if (!isPromise(answer)) return answer;
  hush(answer);
  throw optionError(`${name}: found a promise: this function must be synchronous`);
}
