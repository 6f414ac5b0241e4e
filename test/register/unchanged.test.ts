// A program full of other modules does the same with it and without it.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Application, below, esmHead, fakePackage, preloads } from "./support.ts";

const application = new Application(
  below("node_modules/punycode", fakePackage("punycode", "9.0.0")),
  below("node_modules/plain", fakePackage("plain", "1.0.0")),
  below("node_modules/conditional", {
    "package.json": JSON.stringify({
      name: "conditional",
      exports: {
        ".": { import: "./a.mjs", require: "./a.cjs" },
        "./parts/*": "./parts/*.cjs",
        "./other": { node: { custom: "./custom.cjs", default: "./a.cjs" } },
      },
    }),
    "a.mjs": 'export default "imported"; export const url = new URL(import.meta.url).pathname.split("/").pop();',
    "a.cjs": 'module.exports = "required";',
    "custom.cjs": 'module.exports = "custom";',
    "parts/b.cjs":
      "exports.main = require.main?.filename.split(/[\\\\/]/).pop(); exports.parent = module.parent?.id === undefined;",
  }),
  below("elsewhere/on-path", fakePackage("on-path", "1.0.0")),
  {
    "package.json": JSON.stringify({
      name: "application",
      exports: "./self.cjs",
      imports: { "#inner": "./inner.cjs", "#plain": "plain", "#file": "node:path" },
    }),
    "self.cjs": 'module.exports = "self";',
    "inner.cjs": "module.exports = module.paths.length > 0;",
    "data.json": '{ "json": 1 }',
    "no-ending": 'module.exports = "no ending";',
    "text.unknown": 'module.exports = "unknown ending";',
    "own.own": "anything",
    "folder/index.js": 'module.exports = "folder";',
    "broken.cjs": "module.exports = ;",
    "throwing.cjs": 'throw new RangeError("thrown");',
    "one.cjs": 'exports.before = 1; exports.other = require("./two.cjs").seen; exports.after = 2;',
    "two.cjs": 'exports.seen = Object.keys(require("./one.cjs"));',
    "named.cjs": "exports.a = 1; exports.b = 2;",
    "module.mjs": 'export const here = "module"; export default 1;',
    "program.cjs": `const Module = require("node:module");
      const { join } = require("node:path");
      require.extensions[".own"] = (module, path) => { module.exports = "own ending"; };
      const told = (error) => [error.name, error.code, String(error.message).split("\\n")[0], error.requireStack?.length];
      const all = {};
      const names = ["fs", "node:test", "punycode/", "plain", "plain/lib/receiver", "plain/none", "conditional", "conditional/parts/b", "conditional/parts/c",
        "conditional/a.cjs", "conditional/other", "application", "#inner", "#plain", "#file", "#none", "./data", "./data.json", "./no-ending", "./text.unknown", "./own.own", "./folder",
        "./folder/", ".", "./broken.cjs", "./throwing.cjs", "./one.cjs", "./named.cjs", "on-path", "nowhere", "node:nothing", "./module.mjs", "",
        join(__dirname, "named.cjs"), "./named.cjs?query", "../" + __dirname.split(/[\\\\/]/).pop() + "/named.cjs"];
      const plainly = (value) => typeof value === "function" ? String(value) : typeof value === "object" && value !== null ? Object.keys(value).sort() : value;
      for (const name of names) {
        try { all[name] = plainly(require(name)); } catch (error) { all[name] = told(error); }
        try { all["at " + name] = require.resolve(name); } catch (error) { all["at " + name] = told(error); }
      }
      const made = new Module("made", module);
      made.paths = [join(__dirname, "elsewhere")];
      all.made = plainly(made.require("on-path"));
      all.given = require.resolve("on-path", { paths: [join(__dirname, "elsewhere"), __dirname] }).length;
      all.paths = require.resolve.paths("plain").length;
      all.cache = Object.keys(require.cache).filter((path) => !path.includes("register")  && !/dist.cjs/.test(path)).sort();
      all.builtins = Module.builtinModules.length;
      console.log(JSON.stringify(all));`,
    "program.mjs": `${esmHead}
      const all = {};
      const plainly = (value) => typeof value === "function" ? String(value) : typeof value === "object" && value !== null ? Object.keys(value).sort() : value;
      for (const name of ["fs", "node:test", "plain", "plain/lib/receiver.js", "plain/lib/receiver", "conditional", "conditional/parts/b", "conditional/other", "application", "#inner", "#plain",
        "#file", "#none", "./data.json", "./no-ending", "./text.unknown", "./folder", "./broken.cjs", "./throwing.cjs", "./one.cjs", "./named.cjs", "./named.cjs?query", "nowhere", "node:nothing",
        "data:text/javascript,export default 7", "https://example.invalid/x.js", "", "./module.mjs#part", "%2F"]) {
        try { all[name] = plainly(await import(name)); } catch (error) { all[name] = [error.name, error.code, String(error.message).split("\\n")[0]]; }
        try { all["at " + name] = import.meta.resolve(name); } catch (error) { all["at " + name] = [error.name, error.code]; }
      }
      all.json = (await import("./data.json", { with: { type: "json" } })).default;
      print(all);`,
  },
);

const test = suite("register / unchanged");

for (const preload of preloads) {
  for (const program of ["program.cjs", "program.mjs"]) {
    for (const more of [[], ["--conditions=custom"], ["--preserve-symlinks"]]) {
      test(`${preload[0]}: ${program} ${more} finds the same, and fails in the same way`, async () => {
        const env = { NODE_PATH: `${application.folder}/elsewhere`, NODE_NO_WARNINGS: "1" };
        const { value: without } = await application.run([...more, program], env);
        const { value } = await application.run([...more, ...preload, program], env);
        assert.ok(Object.keys(value as object).length > 40);
        assert.equal(value, without);
      });
    }
  }
}

test.after(() => application.remove());
test.run();
