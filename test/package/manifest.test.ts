// What package.json promises whoever installs or publishes the package, and those of the aliases with it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { packageRoot } from "../support/programs.ts";
import { filesPacked } from "./registry.ts";

interface Manifest {
  readonly homepage: string;
  readonly bugs: string;
  readonly repository: { readonly type: string; readonly url: string; readonly directory?: string };
  readonly publishConfig: object;
  readonly sideEffects: readonly string[];
  readonly scripts?: Readonly<Record<string, string>>;
}

const read = (path: string): string => readFileSync(join(packageRoot, path), "utf8");
const manifestOf = (folder: string): Manifest => JSON.parse(read(`${folder}/package.json`));

const url = "https://github.com/wsimd/wsimd";
const test = suite("package.json of what is published");

for (const folder of [".", "packages/bufferutil", "packages/utf-8-validate"]) {
  test(`${folder}: installing it runs nothing`, () => {
    const scripts = Object.keys(manifestOf(folder).scripts ?? {});
    assert.equal(
      scripts.filter((name) => /^(pre|post)?install$|^(pre|post)?prepare$|^prepublish$|^dependencies$/.test(name)),
      [],
    );
  });

  test(`${folder}: says where it comes from, as provenance asks for, and is published with that, for everybody`, () => {
    const { homepage, bugs, repository, publishConfig } = manifestOf(folder);
    const directory = folder === "." ? {} : { directory: folder };
    assert.equal(repository, { type: "git", url: `git+${url}.git`, ...directory });
    assert.equal([homepage, bugs], [`${url}#readme`, `${url}/issues`]);
    assert.equal(publishConfig, { access: "public", provenance: true });
  });
}

test("only wsimd/register, and what brings the module along on workerd, does something by being imported", async () => {
  assert.equal(manifestOf(".").sideEffects, [
    "./dist/*/register.js",
    "./dist/esm/workerd/index.js",
    "./dist/esm/workerd/web.js",
  ]);
  const entries = (await filesPacked(packageRoot)).filter((path) => /^dist\/(esm|cjs)\/[\w-]+\.js$/.test(path));
  assert.ok(entries.length > 10, `${entries.length} entries`);
  assert.is(entries.filter((path) => /\/register\.js$/.test(path)).length, 2);
  for (const format of ["esm", "cjs"]) {
    assert.equal(JSON.parse(read(`dist/${format}/package.json`)).sideEffects, [
      "./register.js",
      "./workerd/index.js",
      "./workerd/web.js",
    ]);
  }
});

test("the workflow that publishes tests first, and may prove where the package was made", () => {
  const workflow = read(".github/workflows/publish.yml");
  assert.match(workflow, /^ +id-token: write$/m);
  const commands = [...workflow.matchAll(/- run: (.*)$/gm)].map(([, command]) => command!);
  assert.ok(commands.indexOf("bash .ci/run") >= 0, "it runs what must hold");
  assert.ok(commands.indexOf("npm publish") > commands.indexOf("bash .ci/run"), "and publishes after that");
});

test.run();
