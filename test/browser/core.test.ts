// The core entry in Chromium: from bundles of three bundlers and as it is published, on each kernel that a page's policy
// leaves it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { type Bundle, nodeIn, withEsbuild, withRollup, withVite } from "../support/bundlers.ts";
import { exercised } from "../support/exercised.ts";
import { UserFolder } from "../support/user-folder.ts";
import { browserSuite } from "./chromium.ts";
import { answerOf, pageOf, type Site } from "./pages.ts";

const test = browserSuite("browser / core entry");

/** Makes a folder of a user's with a page's script, for as long as `use` takes. */
async function withPage<T>(script: string, use: (folder: UserFolder) => Promise<T>): Promise<T> {
  const folder = new UserFolder([`test/browser/pages/${script}`, "test/support/exercise.mjs"]);
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
    const files = await withPage("core.mjs", (folder) => bundle(folder, "core.mjs"));
    assert.equal(nodeIn(files), []);
    assert.equal(await answerOf(context.browser, siteOf(files)), byItself);
  });
}

test("not bundled, from a server of files: an import map names the entry, the rest is found by itself", async (context) => {
  await withPage("core.mjs", async (folder) => {
    const imports = { wsimd: "/node_modules/wsimd/dist/esm/index.js" };
    const map = `<script type="importmap">${JSON.stringify({ imports })}</script>`;
    const page = pageOf("core.mjs").replace("<script", `${map}<script`);
    const site: Site = (path) => (path === "index.html" ? page : readFileSync(join(folder.path, path)));
    assert.equal(await answerOf(context.browser, site), byItself);
  });
});

test("a policy that refuses to compile: the scalar twin serves, and one violation is reported", async (context) => {
  const files = await withPage("refused.mjs", (folder) => withEsbuild(folder, "refused.mjs"));
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
  const files = await withPage("core.mjs", (folder) => withEsbuild(folder, "core.mjs"));
  assert.equal(await answerOf(context.browser, siteOf(files), allowing), byItself);
});

test("the file, compiled as it arrives, is given to init: nothing is compiled beside it", async (context) => {
  const files = await withPage("compiled.mjs", (folder) => withEsbuild(folder, "compiled.mjs"));
  const bundle = siteOf(files);
  const file = readFileSync(new URL("../../../dist/wsimd.wasm", import.meta.url));
  const site: Site = (path) => (path === "wsimd.wasm" ? file : bundle(path));
  const answer = { outcome: exercised, kernel: "wasm", compiled: 0, instances: 1 };
  assert.equal(await answerOf(context.browser, site, allowing), answer);
});

test("the file by the URL that Vite gives it", async (context) => {
  const files = await withPage("vite-url.mjs", (folder) => withVite(folder, "vite-url.mjs"));
  assert.ok([...files.keys()].some((name) => name.endsWith(".wasm")));
  const answer = { outcome: exercised, kernel: "wasm", compiled: 0, instances: 1 };
  assert.equal(await answerOf(context.browser, siteOf(files), allowing), answer);
});

test.run();
