// The two files of this folder that a run writes.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../support/programs.ts";
import { type ResultRecord, serializeRecord, withTables } from "./report.ts";

const folder = join(packageRoot, "test", "conformance");
const recordPath = join(folder, "results.json");
const readmePath = join(folder, "README.md");

export function readRecord(): ResultRecord {
  return JSON.parse(recordText()) as ResultRecord;
}

export function recordText(): string {
  return readFileSync(recordPath, "utf8");
}

export function readmeText(): string {
  return readFileSync(readmePath, "utf8");
}

/** Writes the record, and the tables that show it. */
export function writeRecord(record: ResultRecord): void {
  writeFileSync(recordPath, serializeRecord(record));
  writeFileSync(readmePath, withTables(readmeText(), record));
}
