// Properties for fast-check, run as tests: a fixed seed, so that a failure is the same everywhere, and a number of runs
// that takes seconds. WSIMD_FUZZ_SEED and WSIMD_FUZZ_RUNS stand in their place. A failure shows the smallest
// counterexample that was found, and how to see it again.

import * as fc from "fast-check";

const DEFAULT_SEED = 6455;

function numberFrom(name: string, otherwise: number): number {
  const text = process.env[name];
  if (text === undefined || text === "") return otherwise;
  if (!/^-?\d+$/.test(text)) throw new Error(`${name} must be a whole number, not ${JSON.stringify(text)}`);
  return Number(text);
}

/**
 * Checks that `problemOf` finds nothing wrong with anything that `arbitrary` makes.
 *
 * @param runs       how many values are made by default
 * @param problemOf  says what is wrong with a value; "" for nothing
 * @param describe   shows a value: its octets in hex
 */
export function holds<T>(
  runs: number,
  arbitrary: fc.Arbitrary<T>,
  problemOf: (value: T) => string,
  describe: (value: T) => string,
): void {
  const seed = numberFrom("WSIMD_FUZZ_SEED", DEFAULT_SEED);
  const numRuns = numberFrom("WSIMD_FUZZ_RUNS", runs);
  const property = fc.property(arbitrary, (value) => {
    const problem = problemOf(value);
    if (problem !== "") throw new Error(problem);
  });
  const { failed, counterexample, counterexamplePath, errorInstance, numShrinks } = fc.check(property, {
    seed,
    numRuns,
  });
  if (!failed) return;
  const error = errorInstance instanceof Error ? errorInstance : new Error(String(errorInstance));
  const what = counterexample === null ? "no value was made" : describe(counterexample[0]);
  const again = `WSIMD_FUZZ_SEED=${seed} WSIMD_FUZZ_RUNS=${numRuns} node scripts/test.mjs fuzz/`;
  const failure = new Error(
    `${error.message}\n${what}\n  seed ${seed}, path ${counterexamplePath}, ${numShrinks} times smaller; again: ${again}`,
  );
  // The runner prints the message, then the stack without its first line: what is in both would be seen twice.
  failure.stack = `Error\n${failure.stack
    ?.split("\n")
    .filter((line) => line.startsWith("    at "))
    .join("\n")}`;
  throw failure;
}
