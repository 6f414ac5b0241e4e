// Which packages are left alone: other versions, other names, subpaths, files of the application, and what is not installed.

import { symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Application, below, dependent, esmHead, fakePackage, fakeWs, preloads } from "./support.ts";

const application = new Application(
  fakeWs("8.1.0"),
  ...["7.5.10", "8.99.0", "9.0.0"].flatMap((version) => {
    const name = `wants-${version.split(".")[0]}`;
    return ["cjs", "esm"].flatMap((kind) => [
      dependent(`${name}-${kind}`, kind as "cjs" | "esm"),
      below(`node_modules/${name}-${kind}`, fakeWs(version)),
    ]);
  }),
  dependent("wants-fork", "cjs"),
  below("node_modules/wants-fork/node_modules/ws", fakePackage("other-ws", "8.1.0")),
  dependent("wants-unversioned", "cjs"),
  below("node_modules/wants-unversioned/node_modules/ws", {
    ...fakePackage("ws", "none"),
    "package.json": '{ "name": "ws" }',
  }),
  below("node_modules/renamed", fakePackage("ws", "8.1.0")),
  below("node_modules/wants-old-parts", {
    "package.json": '{ "name": "wants-old-parts" }',
    "index.js": `exports.found = ["bufferutil", "utf-8-validate"].map((name) => require(name).origin);`,
  }),
  below("node_modules/wants-old-parts/node_modules/bufferutil", fakePackage("bufferutil", "2.0.1")),
  below("node_modules/wants-old-parts/node_modules/utf-8-validate", fakePackage("utf-8-validate", "2.0.0")),
  {
    "ws.js": 'exports.origin = "file";',
    "ws/index.js": 'exports.origin = "folder";',
    "versions.mjs": `${esmHead}
const found = {};
for (const version of ["7", "8", "9"]) for (const kind of ["cjs", "esm"])
  found[version + kind] = whose((await import("wants-" + version + "-" + kind)).default);
print(found);`,
    "names.mjs": `${esmHead}
print({
  fork: require("wants-fork").origin,
  unversioned: require("wants-unversioned").origin,
  renamed: require("renamed").origin,
  parts: require("wants-old-parts").found,
  file: require("./ws").origin,
  folder: require("./ws/").origin,
  importedFile: (await import("./ws.js")).default.origin,
  direct: require("./node_modules/ws/index.js").origin,
});`,
    "missing.mjs": `${esmHead}
const asked = {};
for (const name of ["bufferutil", "utf-8-validate", "ws/lib/receiver.js", "ws/wrapper.mjs", "ws/", "wS"])
  asked[name] = [fault(() => require(name)), await import(name).then(() => "none", ({ code }) => code)];
asked.deep = createRequire(require.resolve("wants-7-cjs"))("ws/lib/receiver.js").origin;
print(asked);`,
  },
);

const test = suite("register / versions and names");

for (const preload of preloads) {
  test(`${preload[0]}: each dependency by the version that it would get: ws 8 is replaced, 7 and 9 are left alone`, async () => {
    const { value, stderr } = await application.run([...preload, "versions.mjs"]);
    assert.equal(value, {
      "7cjs": "ws@7.5.10",
      "7esm": "ws@7.5.10",
      "8cjs": "wsimd",
      "8esm": "wsimd",
      "9cjs": "ws@9.0.0",
      "9esm": "ws@9.0.0",
    });
    assert.is(stderr, "");
  });

  test(`${preload[0]}: packages of other names, old ones, and the application's own ws.js and ws/ are left alone`, async () => {
    const { value } = await application.run([...preload, "names.mjs"]);
    assert.equal(value, {
      fork: "other-ws@8.1.0",
      unversioned: "ws@none",
      renamed: "ws@8.1.0",
      parts: ["bufferutil@2.0.1", "utf-8-validate@2.0.0"],
      file: "file",
      folder: "folder",
      importedFile: "file",
      direct: "ws@8.1.0",
    });
  });

  test(`${preload[0]}: what is not installed, or not exported, fails as without it; ws 7's lib/ is there`, async () => {
    const { value } = await application.run([...preload, "missing.mjs"]);
    const { value: without } = await application.run(["missing.mjs"]);
    assert.equal(value, without);
    assert.equal(value, {
      bufferutil: ["MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND"],
      "utf-8-validate": ["MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND"],
      "ws/lib/receiver.js": ["ERR_PACKAGE_PATH_NOT_EXPORTED", "ERR_PACKAGE_PATH_NOT_EXPORTED"],
      "ws/wrapper.mjs": ["ERR_PACKAGE_PATH_NOT_EXPORTED", "ERR_PACKAGE_PATH_NOT_EXPORTED"],
      "ws/": ["ERR_PACKAGE_PATH_NOT_EXPORTED", "ERR_PACKAGE_PATH_NOT_EXPORTED"],
      wS: ["MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND"],
      deep: "ws@7.5.10",
    });
  });

  test(`${preload[0]}: the real ws is replaced, where it lies behind a symbolic link too`, async () => {
    const real = new Application({
      "real.mjs": `${esmHead}
import imported from "ws";
print([whose(imported), whose(require("ws")), /^8\\./.test(require("ws/package.json").version)]);`,
    });
    const manifest = createRequire(import.meta.url).resolve("ws/package.json");
    symlinkSync(dirname(manifest), join(real.folder, "node_modules/ws"), "junction");
    const { value } = await real.run([...preload, "real.mjs"]);
    real.remove();
    assert.equal(value, ["wsimd", "wsimd", true]);
  });
}

test.after(() => application.remove());
test.run();
