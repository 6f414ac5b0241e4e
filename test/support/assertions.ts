// Assertions for loops that run a million times: the words for a failure are made only when there is one.

import * as assert from "uvu/assert";
import { toHex } from "./octets.ts";

/** Fails unless the two are the same number, string or boolean. */
export function same<T>(actual: T, expected: T, describe: () => string): void {
  if (actual !== expected) assert.is(actual, expected, describe());
}

/** Fails unless the two hold the same octets. */
export function sameOctets(actual: Uint8Array, expected: Uint8Array, describe: () => string): void {
  if (Buffer.compare(actual, expected) !== 0) assert.is(toHex(actual), toHex(expected), describe());
}
