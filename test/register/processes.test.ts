// Beyond the first thread: workers, child processes, contexts. What is covered, and the two that are not.

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Application, esmHead, fakeWs, preloads } from "./support.ts";

const application = new Application(fakeWs("8.1.0"), {
  // Tells its parent, whichever it has, what it gets as ws.
  "child.cjs": `const whose = require(process.cwd() + "/whose.cjs");
    const { parentPort } = require("node:worker_threads");
    import("ws").then(({ default: imported }) => {
      const got = [whose(require("ws")), whose(imported)];
      if (parentPort !== null) parentPort.postMessage(got);
      else if (process.send !== undefined) process.send(got, () => process.disconnect());
      else console.log(JSON.stringify(got));
    });`,
  "processes.mjs": `${esmHead}
    import { fork, spawnSync } from "node:child_process";
    import cluster from "node:cluster";
    import { once } from "node:events";
    import { readFileSync } from "node:fs";
    import { Worker } from "node:worker_threads";
    const child = new URL("./child.cjs", import.meta.url);
    const told = async (emitter) => (await once(emitter, "message"))[0];
    const text = readFileSync(child, "utf8");
    cluster.setupPrimary({ exec: "child.cjs" });
    print({
      worker: await told(new Worker(child)),
      evalWorker: await told(new Worker(text, { eval: true })),
      bareWorker: await told(new Worker(child, { execArgv: [] })),
      fork: await told(fork(child)),
      cluster: await told(cluster.fork()),
      spawn: JSON.parse(spawnSync(process.execPath, ["child.cjs"], { encoding: "utf8" }).stdout),
    });`,
  "contexts.cjs": `const vm = require("node:vm");
    const { join } = require("node:path");
    const whose = require("./whose.cjs");
    const importing = { filename: join(__dirname, "made.js"), importModuleDynamically: vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER ?? ((name) => import(name)) };
    (async () => console.log(JSON.stringify([
      whose(vm.runInThisContext("(require) => require('ws')")(require)),
      whose(vm.runInNewContext("require('ws')", { require })),
      whose((await vm.runInThisContext("import('ws')", importing)).default),
      whose(module.constructor.createRequire(__filename)("ws")),
    ])))();`,
});

const ours = ["wsimd", "wsimd"];
const theirs = ["ws@8.1.0", "ws@8.1.0"];

const test = suite("register / processes");

for (const preload of preloads) {
  const isRequired = preload[0] === "--require";
  const reach = isRequired ? "workers, of text too," : "workers of files,";

  test(`${preload[0]} reaches ${reach} forks and cluster workers; not programs that are spawned`, async () => {
    const { value } = await application.run([...preload, "processes.mjs"]);
    assert.equal(value, {
      worker: ours,
      // Node runs no --import in a worker that is made of text.
      evalWorker: isRequired ? ours : theirs,
      bareWorker: theirs,
      fork: ours,
      cluster: ours,
      spawn: theirs,
    });
  });

  test(`NODE_OPTIONS with ${preload[0]} reaches spawned programs as well`, async () => {
    const file = join(application.folder, `node_modules/wsimd/dist/${isRequired ? "cjs" : "esm"}/register.js`);
    const named = isRequired ? JSON.stringify(file) : pathToFileURL(file).href;
    for (const name of ["wsimd/register", named]) {
      const { value } = await application.run(["processes.mjs"], { NODE_OPTIONS: `${preload[0]} ${name}` });
      assert.equal(value, {
        worker: ours,
        evalWorker: isRequired ? ours : theirs,
        bareWorker: ours,
        fork: ours,
        cluster: ours,
        spawn: ours,
      });
    }
  });

  test(`${preload[0]}: code that node:vm compiles gets it through its require and import()`, async () => {
    const { value } = await application.run([...preload, "contexts.cjs"]);
    assert.equal(value, ["wsimd", "wsimd", "wsimd", "wsimd"]);
  });
}

test.after(() => application.remove());
test.run();
