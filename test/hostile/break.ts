// npm run hostile:guards [-- WORDS...]: builds a copy of the sources without each guard, or without those whose name holds one
// of the arguments, runs the tests that are to fail then, and writes down which did.

import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { SourceCopy } from "../support/faults.ts";
import { guards } from "./guards.ts";
import { type GuardRecord, readGuards, writeGuards } from "./record.ts";

/** Runs tests of the copy; the titles of those that passed and of those that failed, on any kernel. */
function runTests(copy: SourceCopy, tests: string): { passed: Set<string>; failed: Set<string>; output: string } {
  const log = join(copy.folder, "hostile.log");
  rmSync(log, { force: true });
  const { output } = copy.run(["scripts/test.mjs", tests], { WSIMD_HOSTILE_LOG: log, WSIMD_TEST_TIMEOUT_MS: "60000" });
  const lines = existsSync(log) ? readFileSync(log, "utf8").split("\n") : [];
  const titles = (verdict: string): Set<string> =>
    new Set(lines.filter((line) => line.startsWith(`${verdict} `)).map((line) => line.slice(verdict.length + 1)));
  return { passed: titles("passed"), failed: titles("failed"), output };
}

const words = process.argv.slice(2);
const isMeant = (name: string): boolean => words.length === 0 || words.some((part) => name.includes(part));
const copy = new SourceCopy();
try {
  copy.build();
  const sound = runTests(copy, "hostile/");
  if (sound.failed.size !== 0 || sound.passed.size === 0) throw new Error(`with every guard:\n${sound.output}`);
  const before = readGuards();
  const record: Record<string, readonly string[]> = {};
  for (const guard of guards) {
    if (!isMeant(guard.name)) {
      record[guard.name] = before.guards[guard.name]!;
      continue;
    }
    const { failed, output } = copy.with(guard, () => runTests(copy, guard.tests));
    record[guard.name] = [...failed].sort();
    console.log(`${guard.name}\n${[...failed].map((title) => `  ${title}\n`).join("")}`);
    if (failed.size === 0) console.log(output);
  }
  const written: GuardRecord = { tests: [...sound.passed].sort(), guards: record };
  writeGuards(written);
} finally {
  copy.remove();
}
