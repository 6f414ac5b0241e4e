// The record: what a message cost when it was last written down, and what may be said of a figure beside it. No measuring.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { median } from "../median.ts";

/** One row as recorded. */
export interface Entry {
  /** A message, in user space. */
  readonly instructions: number;
  /** The part of it that a figure may differ by and still be the same. */
  readonly tolerance: number;
}

/** What was counted on one kind of platform. */
export interface Platform {
  readonly node: string;
  readonly valgrind: string;
  readonly rows: Record<string, Entry>;
}

/** By platform: counts of another Node's compilers, or of another processor's instructions, say nothing here. */
export type Guarded = Record<string, Platform>;

export type Verdict = "same" | "DEARER" | "cheaper" | "NOT RECORDED";

/** The sources', not the copy of the build: recording changes it. */
const file: string = fileURLToPath(new URL("../../../bench/guard/record.json", import.meta.url));

export function readRecord(): Guarded {
  return JSON.parse(readFileSync(file, "utf8"));
}

export function writeRecord(record: Guarded): void {
  writeFileSync(file, `${JSON.stringify(record, null, 2)}\n`);
}

/** Whom this process's counts may be compared with, such as "Node 20, x64". */
export function platformName(): string {
  return `Node ${process.versions.node.split(".")[0]}, ${process.platform} ${process.arch}`;
}

/** The least tolerance: how far apart two processes were seen that did the same, with room. docs/bench.md has the figures. */
const LEAST_TOLERANCE = 0.01;
const LEAST_TOLERANCE_TCP = 0.03;

/** A row with more was not steady when it was recorded, and guards little: it lacks warm-up, or has to be counted again. */
export const MOST_TOLERANCE = 0.05;

/** What to write down for a row, from the figures of its blocks. */
export function entryOf(name: string, blocks: readonly number[]): Entry {
  const middle = median(blocks);
  const usual = median(blocks.map((figure) => Math.abs(figure - middle) / middle));
  const least = name.startsWith("echo, TCP") ? LEAST_TOLERANCE_TCP : LEAST_TOLERANCE;
  return { instructions: Math.round(middle), tolerance: Math.max(least, Math.ceil(4 * usual * 200) / 200) };
}

/** What a figure is beside the record. */
export function judge(entry: Entry | undefined, instructions: number): Verdict {
  if (entry === undefined) return "NOT RECORDED";
  const ratio = instructions / entry.instructions;
  if (ratio > 1 + entry.tolerance) return "DEARER";
  return ratio < 1 - entry.tolerance ? "cheaper" : "same";
}
