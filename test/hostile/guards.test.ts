// The record of removed guards is of the guards there are and of every test there is, and each of those has failed once.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { broken } from "../support/faults.ts";
import { packageRoot } from "../support/programs.ts";
import { guards } from "./guards.ts";
import { pageOf, pageText, readGuards } from "./record.ts";

const folder = join(packageRoot, "test/hostile");
const record = readGuards();

/** What tests are called after the section in their titles, as written in the sources. */
const names = readdirSync(folder)
  .filter((file) => file.endsWith(".test.ts") && file !== "guards.test.ts")
  .flatMap((file) => [...readFileSync(join(folder, file), "utf8").matchAll(/^ *test\(\s*"((?:\\.|[^"\\])*)"/gm)])
  .map(([, name]) => JSON.parse(`"${name}"`) as string);

const test = suite("hostile guards");

test("each guard is in its file once, and is named once", () => {
  for (const guard of guards) broken(readFileSync(join(packageRoot, guard.file), "utf8"), guard);
  assert.is(new Set(guards.map(({ name }) => name)).size, guards.length);
});

test("the record is of the guards there are, and each made a test fail", () => {
  assert.equal(
    Object.keys(record.guards),
    guards.map(({ name }) => name),
  );
  for (const [name, tests] of Object.entries(record.guards)) assert.ok(tests.length !== 0, name);
});

test("every test of the corpus is in the record, and failed where a guard was removed", () => {
  assert.ok(names.length >= 30, `${names.length} tests found`);
  const failed = new Set(Object.values(record.guards).flat());
  const titles = new Set(record.tests);
  for (const title of titles) assert.ok(failed.has(title), `never failed: ${title}`);
  for (const name of names)
    assert.ok(
      [...titles].some((title) => title.endsWith(`: ${name}`)),
      `not recorded: ${name}`,
    );
});

test("the table of README.md is the record", () => {
  assert.is(pageText(), pageOf(record));
});

test.run();
