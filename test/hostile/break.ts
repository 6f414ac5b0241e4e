// npm run hostile:guards [-- WORDS...]: builds a copy of the sources without each guard, or without those whose name holds one
// of the arguments, runs the tests that are to fail then, and writes down which did. Two at a time; some twenty minutes for all.

import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { SourceCopy } from "../support/faults.ts";
import type { Guard } from "./guard.ts";
import { guards } from "./guards.ts";
import { readGuards, writeGuards } from "./record.ts";

interface Verdicts {
  /** The titles of tests that passed, and of those that failed, on any kernel. */
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  readonly output: string;
}

/** Runs tests of the copy. One that began and came to no end has failed: it took its process with it. */
async function runTests(copy: SourceCopy, tests: string): Promise<Verdicts> {
  const log = join(copy.folder, "hostile.log");
  rmSync(log, { force: true });
  const env = { WSIMD_HOSTILE_LOG: log, WSIMD_TEST_TIMEOUT_MS: "60000" };
  const { output } = await copy.run(["scripts/test.mjs", tests], env);
  const lines = existsSync(log) ? readFileSync(log, "utf8").split("\n") : [];
  const counts = new Map<string, { passed: number; started: number }>();
  for (const line of lines) {
    const [verdict, ...rest] = line.split(" ");
    const title = rest.join(" ");
    const count = counts.get(title) ?? { passed: 0, started: 0 };
    if (verdict === "started" || verdict === "passed") counts.set(title, { ...count, [verdict]: count[verdict] + 1 });
  }
  const titles = [...counts.keys()].sort();
  const isPassed = (title: string): boolean => counts.get(title)!.passed === counts.get(title)!.started;
  return { passed: titles.filter(isPassed), failed: titles.filter((title) => !isPassed(title)), output };
}

const words = process.argv.slice(2);
const waiting = guards.filter(({ name }) => words.length === 0 || words.some((part) => name.includes(part)));
if (waiting.length === 0) {
  console.error(`no guard's name holds ${words.join(" or ")}\nUsage: npm run hostile:guards -- [WORDS...]`);
  process.exit(2);
}
const found = new Map(Object.entries(readGuards().guards));
let problems = 0;

/** Removes one guard after the other, as long as there are any. */
async function removeGuards(copy: SourceCopy, tests: readonly string[]): Promise<void> {
  for (let guard: Guard | undefined = waiting.shift(); guard !== undefined; guard = waiting.shift()) {
    const { name, tests: chosen } = guard;
    const verdicts = await copy
      .with(guard, () => runTests(copy, chosen))
      .catch((error: Error): Verdicts => ({ passed: [], failed: [], output: error.message }));
    found.set(name, verdicts.failed);
    console.log(`${name}\n${verdicts.failed.map((title) => `  ${title}\n`).join("")}`);
    if (verdicts.failed.length === 0) {
      problems++;
      console.log(`NOTHING FAILED:\n${verdicts.output}`);
    }
    writeGuards({ tests, guards: Object.fromEntries(guards.map((each) => [each.name, found.get(each.name) ?? []])) });
  }
}

const copies = [new SourceCopy(), new SourceCopy()] as const;
try {
  for (const copy of copies) await copy.build();
  const sound = await runTests(copies[0], "hostile/");
  if (sound.failed.length !== 0 || sound.passed.length === 0) throw new Error(`with every guard:\n${sound.output}`);
  await Promise.all(copies.map((copy) => removeGuards(copy, sound.passed)));
} finally {
  for (const copy of copies) copy.remove();
}
process.exitCode = problems === 0 ? 0 : 1;
