// The guard of `npm run bench:guard`, without counting anything: its judgement, its record, and what it refuses.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { entryOf, judge, MOST_TOLERANCE, readRecord } from "../../bench/guard/record.ts";
import { nameOf, workloads } from "../../bench/guard/workloads.ts";
import { packageRoot } from "../support/programs.ts";

const test = suite("bench:guard");
const names = workloads.map(nameOf);

/** Runs the guard with arguments that keep it from counting. */
function guard(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const main = join(packageRoot, "build/bench/guard/main.js");
  return spawnSync(process.execPath, [main, ...args], { encoding: "utf8" });
}

test("a row is dearer or cheaper only beyond its tolerance", () => {
  const entry = { instructions: 1000, tolerance: 0.02 };
  for (const [now, verdict] of [
    [1020, "same"],
    [1021, "DEARER"],
    [980, "same"],
    [979, "cheaper"],
  ] as const) {
    assert.is(judge(entry, now), verdict, `${now} of 1000`);
  }
  assert.is(judge(undefined, 1000), "NOT RECORDED");
});

test("what is recorded is the median of the blocks, which one block cannot move", () => {
  assert.equal(entryOf("decode: x", [100, 100, 100, 100, 900]), { instructions: 100, tolerance: 0.01 });
});

test("the tolerance grows with what blocks differ by, and is never less than what processes do", () => {
  assert.is(entryOf("decode: x", [98, 99, 100, 101, 102]).tolerance, 0.04);
  assert.is(entryOf("echo, TCP: x", [100, 100, 100]).tolerance, 0.03);
});

test("no two rows share a name", () => {
  assert.is(new Set(names).size, names.length);
});

test("every platform's record holds every row and no other, each with a figure and a tolerance", () => {
  const record = readRecord();
  assert.ok(Object.keys(record).length > 0);
  for (const [platform, { node, valgrind, rows }] of Object.entries(record)) {
    assert.match(platform, /^Node \d+, [a-z0-9]+ [a-z0-9]+$/);
    assert.is(node.split(".")[0], /\d+/.exec(platform)![0]);
    assert.match(valgrind, /^valgrind-/);
    assert.equal(Object.keys(rows), names);
    for (const [name, { instructions, tolerance }] of Object.entries(rows)) {
      assert.ok(Number.isInteger(instructions) && instructions > 0, name);
      assert.ok(tolerance >= 0.01 && tolerance <= MOST_TOLERANCE, `${name}: a tolerance of ${tolerance} guards little`);
    }
  }
});

test("arguments that cannot be meant exit with 2", () => {
  for (const args of [
    ["--recrod"],
    ["decode"],
    ["--only"],
    ["--jobs", "none"],
    ["--jobs", "0"],
    ["--only", "no such row"],
  ]) {
    const { status, stderr } = guard(...args);
    assert.is(status, 2, args.join(" "));
    assert.match(stderr, /^bench:guard: /);
  }
});

test("--list prints the rows, --help how to use it", () => {
  assert.is(guard("--list").stdout, `${names.join("\n")}\n`);
  assert.is(guard("--only", "tcp", "--list").stdout, `${names.filter((name) => name.includes("TCP")).join("\n")}\n`);
  assert.match(guard("--help").stdout, /^Usage: npm run bench:guard/);
});

test.run();
