// What a bundler makes of it: it is kept, since it acts when it is loaded, and says that it cannot work there.

import { join } from "node:path";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { rollup } from "rollup";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Application, fakeWs, preloads } from "./support.ts";

const application = new Application(fakeWs("8.1.0"), {
  "entry.mjs": 'import "wsimd/register"; import { Opcode } from "wsimd"; console.log(Opcode.Text);',
  "unused.mjs": 'import { connect } from "wsimd/node"; import "wsimd/deflate"; console.log(1);',
});

/** Bundles a file of the application. */
async function bundle(name: string): Promise<string> {
  const input = join(application.folder, name);
  const built = await rollup({ input, plugins: [nodeResolve()], external: /^node:/, logLevel: "silent" });
  const file = join(application.folder, `bundled-${name}`);
  const { output } = await built.write({ file, format: "esm" });
  await built.close();
  return output[0].code;
}

const test = suite("register / bundles");

test("a bundler keeps it, and drops what is not used of the other entries", async () => {
  assert.match(await bundle("entry.mjs"), "_resolveFilename");
  assert.ok((await bundle("unused.mjs")).length < 100);
});

test("inside a bundle it ends the program with an error that says so", async () => {
  await bundle("entry.mjs");
  assert.match(await application.fail(["bundled-entry.mjs"], {}), "wsimd/register cannot be part of a bundle");
  const { value } = await application.run([...preloads[0], "bundled-unused.mjs"]);
  assert.is(value, 1);
});

test.after(() => application.remove());
test.run();
