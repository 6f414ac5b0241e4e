// Together with other hooks: before and after it, in the thread and out of it, and with code that changes `require`.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Application, below, dependent, esmHead, fakePackage, fakeWs, preloads } from "./support.ts";

const application = new Application(
  fakeWs("8.1.0"),
  dependent("requires", "cjs"),
  dependent("imports", "esm"),
  below("node_modules/mocked", fakePackage("mocked", "1.0.0")),
  {
    // What compilers of TypeScript do: names without their ending, sources of their own, for both kinds of module.
    "compiler-hooks.mjs": `
      const isDialect = (url) => /\\.(dialect|cdialect)$/.test(url);
      const source = (url, text) => text.replaceAll("LET", "const");
      import { readFileSync } from "node:fs";
      export const resolveSync = (specifier, context, next) =>
        specifier.endsWith("dialect") ? { url: new URL(specifier, context.parentURL).href, shortCircuit: true } : next(specifier, context);
      export const resolve = async (...args) => resolveSync(...args);
      const loaded = (url) => ({ format: url.endsWith(".cdialect") ? "commonjs" : "module", source: source(url, readFileSync(new URL(url), "utf8")), shortCircuit: true });
      export const loadSync = (url, context, next) => isDialect(url) ? loaded(url) : next(url, context);
      export const load = async (...args) => loadSync(...args);`,
    "compiler.mjs": `import module from "node:module";
      import { loadSync as load, resolveSync as resolve } from "./compiler-hooks.mjs";
      if (module.registerHooks) module.registerHooks({ load, resolve });
      else module.register("./compiler-hooks.mjs", import.meta.url);`,
    "compiler-thread.mjs": `import module from "node:module";
      module.register("./compiler-hooks.mjs", import.meta.url);`,
    "program.mjs": `import esm from "./esm.dialect"; import cjs from "./cjs.cdialect"; console.log(JSON.stringify({ esm, cjs }));`,
    "esm.dialect": `import imported from "ws";
      import requires from "requires";
      import imports from "imports";
      ${esmHead}
      LET found = [imported, requires, imports, require("ws")].map(whose);
      export default found;`,
    "cjs.cdialect": `LET whose = require("./whose.cjs");
      module.exports = [require("ws"), require("requires")].map(whose);`,
    // A user's own replacement of ws.
    "mock-hooks.mjs": `export const resolveSync = (specifier, context, next) => next(specifier === "ws" ? "mocked" : specifier, context);
      export const resolve = resolveSync;`,
    "mock.mjs": `import module from "node:module";
      import { resolveSync as resolve } from "./mock-hooks.mjs";
      if (module.registerHooks) module.registerHooks({ resolve });
      else module.register("./mock-hooks.mjs", import.meta.url);`,
    "import.mjs": `${esmHead} import imported from "ws"; print(whose(imported));`,
    "mock.cjs": `const Module = require("node:module");
      const resolve = Module._resolveFilename;
      Module._resolveFilename = function (request, ...rest) { return resolve.call(this, request === "ws" ? "mocked" : request, ...rest); };`,
    "cached.cjs": `const Module = require("node:module");
      const load = Module._load;
      Module._load = function (request, ...rest) { return request === "ws" ? { origin: "loaded by another" } : load.call(this, request, ...rest); };`,
    "require.cjs": `console.log(JSON.stringify(require("./whose.cjs")(require("ws"))));`,
  },
);

const test = suite("register / loaders");

for (const preload of preloads) {
  for (const compiler of ["./compiler.mjs", "./compiler-thread.mjs"]) {
    for (const order of ["before", "after"] as const) {
      test(`${preload[0]}, ${order} ${compiler}: sources that a loader compiles get it`, async () => {
        const other = ["--import", compiler];
        const args = order === "before" ? [...preload, ...other] : [...other, ...preload];
        const { value } = await application.run([...args, "program.mjs"]);
        assert.equal(value, { esm: ["wsimd", "wsimd", "wsimd", "wsimd"], cjs: ["wsimd", "wsimd"] });
      });
    }
  }

  test(`${preload[0]}: another's replacement of ws stays, whichever comes first`, async () => {
    for (const [other, program] of [
      [["--import", "./mock.mjs"], "import.mjs"],
      [["--require", "./mock.cjs"], "require.cjs"],
    ] as const) {
      for (const args of [
        [...preload, ...other, program],
        [...other, ...preload, program],
      ]) {
        assert.is((await application.run(args)).value, "mocked@1.0.0", args.join(" "));
      }
    }
    const { value } = await application.run([...preload, "--require", "./cached.cjs", "require.cjs"]);
    assert.is(value, "loaded by another");
  });
}

test.after(() => application.remove());
test.run();
