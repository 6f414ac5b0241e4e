// The package as JSR gets it: Deno finds nothing to say when it checks it as it would to publish it, and a program that imports
// its entries by their names is compiled and runs.

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { packageRoot } from "../support/programs.ts";

const run = promisify(execFile);

const read = (path: string): string => readFileSync(join(packageRoot, path), "utf8");

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly exports: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(read("jsr.json")) as Manifest;
const test = suite("installed / JSR");

let root = "";
/** The package, in a folder of no repository. */
const folder = (): string => join(root, "package");

async function deno(words: readonly string[], cwd: string): Promise<{ stdout: string; stderr: string }> {
  const env = { ...process.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", DENO_DIR: join(root, "cache") };
  return run(join(packageRoot, ".peers/deno"), words, { cwd, env });
}

test.before(async () => {
  root = mkdtempSync(join(tmpdir(), "wsimd-jsr-"));
  await run(process.execPath, [join(packageRoot, "scripts/jsr.mjs"), folder()]);
});

test.after(() => rmSync(root, { recursive: true, force: true }));

test("has the package's version and license", () => {
  const { version, license } = JSON.parse(read("package.json")) as Manifest;
  assert.equal([manifest.version, manifest.license, manifest.name], [version, license, "@wsimd/wsimd"]);
});

test("deno publish --dry-run has nothing to warn of: types are explicit, every import is of the package or Node's", async () => {
  const { stdout, stderr } = await deno(["publish", "--dry-run"], folder());
  const said = `${stdout}${stderr}`;
  assert.match(said, /Simulating publish of @wsimd\/wsimd@/);
  assert.match(said, /Success Dry run complete/);
  assert.not.match(said, /^\s*(warning|error)\b/im);
  const files = [...said.matchAll(/file:\/\/\S*?\/package\/(\S+)/g)].map(([, path]) => path!);
  for (const path of ["bindings/kernel/module.ts", "loader/index.js", "README.md", "LICENSE"])
    assert.ok(files.includes(path), `${path} is published`);
  for (const path of files.filter((name) => /\.[jt]s$/.test(name))) {
    const imports = [
      ...readFileSync(join(folder(), path), "utf8").matchAll(/^(?:import|export)[^"']*? from "([^"]+)"/gm),
    ];
    const others = imports.map(([, name]) => name!).filter((name) => !/^(\.|node:)/.test(name));
    assert.equal(others, [], path);
  }
});

test("every entry is compiled and runs, imported by its name", async () => {
  const place = join(root, "user");
  mkdirSync(place);
  const imports = Object.entries(manifest.exports).map(([name, path]) => [
    manifest.name + name.slice(1),
    `../package/${path.slice(2)}`,
  ]);
  writeFileSync(join(place, "deno.json"), JSON.stringify({ imports: Object.fromEntries(imports) }));
  writeFileSync(join(place, "program.ts"), read("test/package/programs/jsr.ts"));
  await deno(["check", "program.ts"], place);
  const { stdout, stderr } = await deno(["run", "--no-prompt", "--allow-net=127.0.0.1", "program.ts"], place);
  assert.equal([stdout, stderr], ["wasm hello over TCP, hello over streams\n", ""]);
  assert.equal(readdirSync(place).sort(), ["deno.json", "program.ts"], "nothing was installed");
});

test.run();
