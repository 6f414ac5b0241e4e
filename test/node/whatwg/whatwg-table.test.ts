// Holds whatwg.md against the tests beside it.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { packageRoot } from "../../support/programs.ts";

const test = suite("WebSocket / the table of whatwg.md");

const folder = join(packageRoot, "test/node/whatwg");

/** "file: name" of every test in the folder but those here. */
const tests = readdirSync(folder)
  .filter((name) => name.endsWith(".test.ts") && name !== "whatwg-table.test.ts")
  .flatMap((name) => {
    const source = readFileSync(join(folder, name), "utf8");
    const found = [...source.matchAll(/^ *test\(\s*(?:"([^"]+)"|`([^`]+)`),/gm)];
    assert.is(found.length, source.match(/\btest\(/g)?.length, `${name}: every test has a name that can be read`);
    return found.map(([, plain, template]) => `${name.replace(".test.ts", "")}: ${plain ?? template}`);
  });

/** The same of every row. */
const rows = [
  ...readFileSync(join(folder, "whatwg.md"), "utf8").matchAll(/^\| (?!the standard)[^|]+\| ([^|]+) \| ([^|]+) \|$/gm),
].map(([, file, name]) => `${file}: ${name}`);

test("every row names a test, and every test has a row", () => {
  assert.ok(tests.length > 100, `${tests.length} tests found`);
  assert.equal([...rows].sort(), [...tests].sort());
});

test.run();
