// WSIMD_REGISTER, preloading twice, and that nothing is loaded or written that nobody asked for.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Application, below, dependent, fakePackage, fakeWs, preloads } from "./support.ts";

const application = new Application(
  fakeWs("8.1.0"),
  dependent("wants-old", "cjs"),
  below("node_modules/wants-old", fakeWs("7.5.10")),
  dependent("wants-fork", "cjs"),
  below("node_modules/wants-fork/node_modules/ws", fakePackage("other-ws", "1.0.0")),
  {
    "program.mjs": `import { createRequire } from "node:module";
      const require = createRequire(import.meta.url);
      for (const name of ["ws", "ws", "wants-old", "wants-fork"]) require(name);
      await import("ws");
      require.resolve("ws");
      console.log(JSON.stringify(require("./whose.cjs")(require("ws"))));`,
    "idle.cjs": `const loaded = Object.keys(require.cache).filter((path) => /dist.cjs/.test(path));
      if (process.send === undefined && require("node:worker_threads").isMainThread)
        console.log(JSON.stringify(loaded.map((path) => path.replace(/.*[\\\\/]|-.*/g, "")).sort()));`,
    "forks.cjs": `const { Worker } = require("node:worker_threads");
      new Worker(__dirname + "/idle.cjs").on("exit", () => require("node:child_process").fork(__dirname + "/idle.cjs"));`,
    "failing.cjs": "",
  },
);

const verbose = { WSIMD_REGISTER: "verbose" };

const test = suite("register / environment");

for (const preload of preloads) {
  test(`${preload[0]}: verbose tells once that it is there, and once for each package and way`, async () => {
    const { value, stderr } = await application.run([...preload, "program.mjs"], verbose);
    assert.is(value, "wsimd");
    const lines = stderr.trimEnd().replaceAll(application.folder, "").replaceAll("\\", "/").split("\n");
    const found = lines.map((line) => line.replace(/wsimd \d\S+/, "wsimd 1.2.3"));
    assert.equal(found, [
      "wsimd/register: wsimd 1.2.3 replaces ws 8, bufferutil 3 to 4, utf-8-validate 3 to 6",
      "wsimd/register: wsimd/ws stands in for ws 8.1.0 (/node_modules/ws), required",
      "wsimd/register: left alone: ws 7.5.10 (/node_modules/wants-old/node_modules/ws), required: wsimd has the API of ws 8",
      "wsimd/register: left alone: ws is other-ws 1.0.0 (/node_modules/wants-fork/node_modules/ws), required",
      "wsimd/register: wsimd/ws stands in for ws 8.1.0 (/node_modules/ws), imported",
    ]);
  });

  test(`${preload[0]}: off replaces nothing, and nothing is told unless asked for`, async () => {
    const off = await application.run([...preload, "program.mjs"], { WSIMD_REGISTER: "off" });
    assert.equal(off, { value: "ws@8.1.0", stderr: "" });
    const quiet = await application.run([...preload, "program.mjs"], { WSIMD_REGISTER: "quiet" });
    assert.equal(quiet, { value: "wsimd", stderr: "" });
  });

  test(`${preload[0]}: any other value ends the process with an error that says what there is`, async () => {
    for (const WSIMD_REGISTER of ["Verbose", "1", "true"]) {
      const error = await application.fail([...preload, "failing.cjs"], { WSIMD_REGISTER });
      assert.match(error, `WSIMD_REGISTER must be "quiet", "verbose" or "off", not ${WSIMD_REGISTER}`);
      assert.match(error, "WS_OPTION");
    }
  });
}

test("preloaded twice, in both ways and by NODE_OPTIONS too, it is installed once", async () => {
  const NODE_OPTIONS = "--import wsimd/register --require wsimd/register";
  const args = [...preloads[0], ...preloads[1], ...preloads[0], "program.mjs"];
  const { value, stderr } = await application.run(args, { ...verbose, NODE_OPTIONS });
  assert.is(value, "wsimd");
  assert.is(stderr.match(/wsimd \d\S+ replaces/g)?.length, 1, stderr);
  assert.is(stderr.match(/stands in for/g)?.length, 2, stderr);
});

test("every process tells that it is there, their workers do not", async () => {
  const { stderr } = await application.run([...preloads[1], "forks.cjs"], verbose);
  assert.is(stderr.match(/replaces/g)?.length, 2, stderr);
});

test("wsimd itself is not loaded before somebody asks for a package", async () => {
  const { value } = await application.run([...preloads[1], "idle.cjs"]);
  assert.equal(value, ["classes", "register.js", "variable"]);
});

test.after(() => application.remove());
test.run();
