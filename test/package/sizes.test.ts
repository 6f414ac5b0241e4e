// What the package weighs stays within its budgets.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { entryBudgets } from "../../bench/sizes/budgets.ts";
import { isWithin, weigh } from "../../bench/sizes/sizes.ts";

const test = suite("sizes");
const sizes = await weigh();

for (const size of sizes) {
  test(`${size.name} is within its budget`, () => {
    const { length, gzippedLength, budget } = size;
    assert.ok(isWithin(size), `${length} octets, ${gzippedLength} gzipped, of ${budget ?? "no budget at all"}`);
  });
}

test("no budget is of an entry that there is not", () => {
  const known = new Set(sizes.map(({ name }) => name));
  assert.equal(
    Object.keys(entryBudgets).filter((name) => !known.has(name)),
    [],
  );
});

test.run();
