// That the scenarios cover what `ws` documents, and that each area is run by a test.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { areas } from "./areas.ts";
import { members } from "./members.ts";

const all = Object.values(areas).flatMap((parts) => Object.values(parts).flatMap((part) => Object.entries(part)));
const test = suite("ws / members");

test("each documented member is covered by a scenario", () => {
  const covered = new Set(all.flatMap(([, { covers }]) => covers));
  assert.equal(
    members.filter((member) => !covered.has(member)),
    [],
  );
});

test("each scenario has a name of its own, and says what it covers", () => {
  const names = all.map(([name]) => name);
  assert.equal(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
  );
  assert.ok(all.length > 140, `${all.length} scenarios`);
  assert.ok(all.every(([, { covers }]) => covers.length > 0));
});

test("each area has its test", () => {
  for (const area of Object.keys(areas))
    assert.ok(existsSync(fileURLToPath(new URL(`./${area}.test.js`, import.meta.url))), area);
});

test.run();
