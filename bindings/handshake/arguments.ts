// Checks of what callers without types pass as arguments: a wrong one is a UsageError that names call and value.

import { argumentError, quote } from "./faults.ts";

/** @throws UsageError unless `value` is an object: `needed` says which */
export function checkObject(call: string, needed: string, value: unknown): void {
  if (typeof value !== "object" || value === null)
    throw argumentError(`${call} takes ${needed}; found ${quote(value)}`);
}

/** @throws UsageError unless `value` is a Uint8Array */
export function checkOctets(call: string, value: unknown): void {
  if (!(value instanceof Uint8Array)) throw argumentError(`${call} takes a Uint8Array; found ${quote(value)}`);
}

/** @throws UsageError unless `value` is a string */
export function checkText(name: string, value: unknown): void {
  if (typeof value !== "string") throw argumentError(`${name} must be a string; found ${quote(value)}`);
}
