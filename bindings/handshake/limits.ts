// Checks numbers that set limits. Knows no limit by name.

import { optionError, quote } from "./faults.ts";

/**
 * Returns the value of a limit, or its default.
 *
 * @throws UsageError unless it is an integer from 1 to 2^53 - 1: no text, no NaN, no Infinity, nothing silently cut to 32 bits
 */
export function positiveInteger(option: string, value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw optionError(`${option} must be an integer from 1 to 2^53 - 1; found ${quote(value)}`);
}
