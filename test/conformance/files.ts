// The two files of this folder that a run writes.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../support/programs.ts";
import { type ResultRecord, serializeRecord, withTables } from "./report.ts";

/** From the package's root. */
export const recordPath: string = "test/conformance/results.json";
const readmePath = "test/conformance/README.md";

export function readRecord(): ResultRecord {
  return JSON.parse(recordText()) as ResultRecord;
}

export function recordText(): string {
  return readFileSync(join(packageRoot, recordPath), "utf8");
}

export function readmeText(): string {
  return readFileSync(join(packageRoot, readmePath), "utf8");
}

/** Writes the record, and the tables that show it. */
export function writeRecord(record: ResultRecord): void {
  writeFileSync(join(packageRoot, recordPath), serializeRecord(record));
  writeFileSync(join(packageRoot, readmePath), withTables(readmeText(), record));
}
