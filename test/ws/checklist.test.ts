// Each documented member of ws is in `wsimd/ws`, in its declarations and in a scenario; docs/ws-api.md says so.

import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { packageRoot } from "../support/programs.ts";
import { isDeclared } from "./checklist/declared.ts";
import { type Entry, entries } from "./checklist/entries.ts";
import { internals } from "./checklist/internals.ts";
import { rewritten } from "./checklist/page.ts";
import { defaultsOf, implementation, isPresent, namesInWs, reference } from "./checklist/reflected.ts";

const test = suite("the checklist of ws's members");
const all = entries();

/** Those for which something does not hold. */
const without = (holds: (entry: Entry) => boolean): string[] =>
  all.filter((entry) => !holds(entry)).map(({ place, name }) => `${place} ${name}`);

test("each is present", () =>
  assert.equal(
    without(({ isPresent }) => isPresent),
    [],
  ));
test("each is typed", () =>
  assert.equal(
    without(({ isTyped }) => isTyped),
    [],
  ));
test("each is looked at by a scenario", () =>
  assert.equal(
    without(({ areas }) => areas.length > 0),
    [],
  ));

for (const place of ["websocket", "server", "server option", "export"] as const) {
  test(`nothing that ws has is left out: ${place}`, () => {
    const listed = all.filter((entry) => entry.place === place).map(({ name }) => name);
    assert.equal(
      namesInWs(place).filter((name) => !listed.includes(name)),
      [],
    );
  });
}

/** Limits of what ws keeps of unfinished messages: ours counts their octets. */
const otherLimits = ["maxBufferedChunks", "maxFragments"];

test("a server has the defaults of ws in its options, but for null where nothing is given", () => {
  const ours = defaultsOf(implementation);
  const theirs = Object.entries(defaultsOf(reference)).filter(([name]) => !otherLimits.includes(name));
  for (const [name, value] of theirs) assert.equal(ours[name] ?? null, value, name);
});

test("what other packages use without its being documented is there", () => {
  assert.equal(
    internals().filter(({ isPresent }) => !isPresent),
    [],
  );
});

test("a name that nobody has is found nowhere", () => {
  for (const { place } of all) {
    assert.not(isPresent(place, "nobodyHasThis"), place);
    assert.not(isDeclared(place, "nobodyHasThis"), place);
  }
});

test("docs/ws-api.md is up to date: npm run ws:checklist", () => {
  const page = readFileSync(`${packageRoot}docs/ws-api.md`, "utf8");
  assert.is(page, rewritten(page));
});

test.run();
