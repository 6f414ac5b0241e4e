// What the record of removed guards is made of. Each guard is a place of the sources that keeps an attacker out; removed, it
// must make the tests fail that are named for what it keeps out. break.ts removes one after the other.

import type { Fault } from "../support/faults.ts";

/** A guard, as the fault of not having it. */
export interface Guard extends Fault {
  /** The test files to run without it: part of their path below test/, as scripts/test.mjs takes it. */
  readonly tests: string;
}

/** A guard: what it is, the file it is in, the test files of test/hostile to run without it, the change that removes it. */
export function guard(name: string, file: string, tests: string, find: string, replace: string): Guard {
  return { name, file, tests: `hostile/${tests}`, find, replace };
}
