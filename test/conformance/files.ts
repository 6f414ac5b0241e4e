// The records that runs write, and the pages that show them.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../support/programs.ts";
import { type FaultRecord, type ResultRecord, serializeRecord, withTables } from "./report.ts";

/** From the package's root. */
export const recordPath: string = "test/conformance/results.json";
const faultsPath = "test/conformance/faults.json";

/** The pages with tables in them. */
export const pagePaths: readonly string[] = ["README.md", "test/conformance/README.md"];

const textOf = (path: string): string => readFileSync(join(packageRoot, path), "utf8");

export function readRecord(): ResultRecord {
  return JSON.parse(recordText()) as ResultRecord;
}

export function recordText(): string {
  return textOf(recordPath);
}

export function readFaults(): FaultRecord {
  return JSON.parse(textOf(faultsPath)) as FaultRecord;
}

/** A page as it is. */
export function pageText(path: string): string {
  return textOf(path);
}

/** A page as the records have it. */
export function pageOfRecords(path: string): string {
  return withTables(textOf(path), readRecord(), readFaults());
}

/** Writes what is new in a record, and the tables that show all of it in the order of `names`. */
export function writeRecord(record: ResultRecord, names: readonly string[]): void {
  const all = { ...readRecord(), ...record };
  const inOrder = Object.fromEntries(names.filter((name) => name in all).map((name) => [name, all[name]!]));
  writeFileSync(join(packageRoot, recordPath), serializeRecord(inOrder));
  writePages();
}

export function writeFaults(record: FaultRecord): void {
  writeFileSync(join(packageRoot, faultsPath), `${JSON.stringify(record, null, 2)}\n`);
  writePages();
}

function writePages(): void {
  for (const path of pagePaths) writeFileSync(join(packageRoot, path), pageOfRecords(path));
}
