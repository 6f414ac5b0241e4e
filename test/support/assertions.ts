// Assertions for loops that run a million times: the words for a failure are made only when there is one.

import * as assert from "uvu/assert";
import { toHex } from "./octets.ts";

/** Fails unless the two are the same number, string or boolean. */
export function same<T>(actual: T, expected: T, describe: () => string): void {
  if (actual !== expected) assert.is(actual, expected, describe());
}

/** Fails unless the two hold the same octets; shows those around the first difference, however long they are. */
export function sameOctets(actual: Uint8Array, expected: Uint8Array, describe: () => string): void {
  if (Buffer.compare(actual, expected) === 0) return;
  let at = 0;
  while (actual[at] === expected[at]) at++;
  const around = (octets: Uint8Array): string => toHex(octets.subarray(Math.max(0, at - 8), at + 24));
  const lengths = actual.length === expected.length ? "" : `; ${actual.length} octets, not ${expected.length}`;
  assert.is(around(actual), around(expected), `${describe()}: differs at octet ${at}${lengths}`);
  assert.is(actual.length, expected.length, describe());
}
