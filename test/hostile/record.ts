// The record of removed guards, and the page that shows it.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../support/programs.ts";

/** What was seen when each guard was removed. */
export interface GuardRecord {
  /** Every test of the corpus. */
  readonly tests: readonly string[];
  /** The tests that failed without each guard. */
  readonly guards: Readonly<Record<string, readonly string[]>>;
}

const recordPath = join(packageRoot, "test/hostile/guards.json");
const pagePath = join(packageRoot, "test/hostile/README.md");
const [begin, end] = ["<!-- guards -->\n", "<!-- end -->"];

export function readGuards(): GuardRecord {
  return JSON.parse(readFileSync(recordPath, "utf8")) as GuardRecord;
}

export function pageText(): string {
  return readFileSync(pagePath, "utf8");
}

/** The page with the table of a record. */
export function pageOf(record: GuardRecord): string {
  const [before, rest = ""] = pageText().split(begin);
  const after = rest.split(end)[1] ?? "\n";
  const rows = Object.entries(record.guards).map(([name, tests]) => `| ${name} | ${tests.join("; ")} |\n`);
  return `${before}${begin}| removed guard | tests that failed |\n|---|---|\n${rows.join("")}${end}${after}`;
}

export function writeGuards(record: GuardRecord): void {
  writeFileSync(recordPath, `${JSON.stringify(record, null, 2)}\n`);
  writeFileSync(pagePath, pageOf(record));
}
