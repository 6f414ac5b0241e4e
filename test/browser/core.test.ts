// The core entry in Chromium: from bundles of three bundlers and as it is published, on each kernel that a page's policy
// leaves it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { type Bundle, nodeIn, withEsbuild, withRollup, withVite } from "../support/bundlers.ts";
import { exercised } from "../support/exercised.ts";
import { packageRoot } from "../support/programs.ts";
import { shown } from "../support/shown.ts";
import { UserFolder } from "../support/user-folder.ts";
import { browserSuite } from "./chromium.ts";
import { answerOf, pageOf, type Site } from "./pages.ts";

const test = browserSuite("browser / core entry");

/** Makes a folder of a user's with the scripts of pages, for as long as `use` takes. */
async function withPage<T>(use: (folder: UserFolder) => Promise<T>): Promise<T> {
  const scripts = ["core.mjs", "refused.mjs"].map((name) => `test/browser/pages/${name}`);
  const folder = new UserFolder([...scripts, "test/support/exercise.mjs"]);
  try {
    return await use(folder);
  } finally {
    folder.remove();
  }
}

/** A bundle as a site: its own page if it has one. */
const siteOf =
  (bundle: Bundle): Site =>
  (path) =>
    bundle.get(path) ?? (path === "index.html" ? pageOf(scriptNameOf(bundle)) : undefined);

const scriptNameOf = (bundle: Bundle): string => [...bundle.keys()].find((name) => name.endsWith(".js"))!;

const bundlers: Readonly<Record<string, (folder: UserFolder, entry: string) => Promise<Bundle>>> = {
  esbuild: (folder, entry) => withEsbuild(folder, entry, { minify: true }),
  rollup: withRollup,
  Vite: withVite,
};

const byItself = { outcome: exercised, compiled: 1, instances: 1, kernel: "wasm" };

for (const [name, bundle] of Object.entries(bundlers)) {
  test(`bundled by ${name}: decodes, encodes and converses by WebAssembly; nothing of Node is in it`, async (context) => {
    const files = await withPage((folder) => bundle(folder, "core.mjs"));
    assert.equal(nodeIn(files), []);
    assert.equal(await answerOf(context.browser, siteOf(files)), byItself);
  });
}

test("not bundled, from a server of files: an import map names the entry, the rest is found by itself", async (context) => {
  await withPage(async (folder) => {
    const page = shown("edge", "html", "importmap").replace("/page.js", "/core.mjs");
    const site: Site = (path) => (path === "index.html" ? page : readFileSync(join(folder.path, path)));
    assert.equal(await answerOf(context.browser, site), byItself);
  });
});

test("a policy that refuses to compile: the scalar twin serves, and one violation is reported", async (context) => {
  const files = await withPage((folder) => withEsbuild(folder, "refused.mjs"));
  assert.equal(await answerOf(context.browser, siteOf(files), "default-src 'self'; script-src 'self'; img-src data:"), {
    outcome: exercised,
    kernels: ["scalar", "scalar", "scalar"],
    refusal: ["WS_KERNEL_REFUSED", "CompileError"],
    instances: 0,
    violations: ["wasm-eval"],
  });
});

const allowing = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src data:";

test("a policy that lets WebAssembly compile: it serves by itself", async (context) => {
  const files = await withPage((folder) => withEsbuild(folder, "core.mjs"));
  assert.equal(await answerOf(context.browser, siteOf(files), allowing), byItself);
});

/** A page that runs what docs/edge.md shows, and then answers with what becomes of the exercise. */
const around = (program: string): string => `import { initSync } from "wsimd";
import { exercise, watchWebAssembly } from "./exercise.mjs";
const watched = watchWebAssembly();
globalThis.answer = new Promise((resolve) => { globalThis.resolve = resolve; });
${program}
globalThis.resolve({ outcome: exercise(), ...watched, kernel: initSync() });
`;

/** Writes a page of that kind into the folder. */
const writeShown = (folder: UserFolder, ...texts: readonly string[]): void =>
  folder.write("shown.mjs", around(shown("edge", "js", ...texts)));

const byGivenModule = { outcome: exercised, compiled: 0, instances: 1, kernel: "wasm" };

test("the file, compiled as it arrives, is given to init: nothing is compiled beside it", async (context) => {
  const files = await withPage(async (folder) => {
    writeShown(folder, 'fetch("/wsimd.wasm")');
    return withEsbuild(folder, "shown.mjs");
  });
  const bundle = siteOf(files);
  const file = readFileSync(join(packageRoot, "dist/wsimd.wasm"));
  const site: Site = (path) => (path === "wsimd.wasm" ? file : bundle(path));
  assert.equal(await answerOf(context.browser, site, allowing), byGivenModule);
});

test("the file by the URL that Vite gives it", async (context) => {
  const files = await withPage(async (folder) => {
    writeShown(folder, "wsimd.wasm?url");
    return withVite(folder, "shown.mjs");
  });
  assert.ok([...files.keys()].some((name) => name.endsWith(".wasm")));
  assert.equal(await answerOf(context.browser, siteOf(files), allowing), byGivenModule);
});

test("docs/edge.md's page without a bundler says what it decodes", async (context) => {
  await withPage(async (folder) => {
    folder.write("page.js", shown("edge", "js", "encodeFrame(Opcode.Text"));
    const taking = "<script>globalThis.answer = []; console.log = (text) => answer.push(text);</script>";
    const page = taking + shown("edge", "html", "importmap");
    const site: Site = (path) => (path === "index.html" ? page : readFileSync(join(folder.path, path)));
    assert.equal(await answerOf(context.browser, site), ["hello", "no error"]);
  });
});

test.run();
