// The core entry in workerd, which compiles no WebAssembly at run time: with the condition of package.json that brings the
// module along, without it, and with the module given by hand. Bundled by esbuild, as wrangler bundles.

import * as assert from "uvu/assert";
import { nodeIn, withEsbuild } from "../support/bundlers.ts";
import { exercised } from "../support/exercised.ts";
import { UserFolder } from "../support/user-folder.ts";
import { type WorkerModule, withWorker, workerdSuite } from "./workerd.ts";

/** The conditions that wrangler gives its bundler. */
const conditions = ["workerd", "worker", "browser"];

/** A worker of workers/, bundled: its script first, then what was copied beside it. */
async function bundled(worker: string, options: { readonly conditions?: readonly string[] }): Promise<WorkerModule[]> {
  const folder = new UserFolder([`test/edge/workers/${worker}`, "test/support/exercise.mjs"]);
  try {
    const files = await withEsbuild(folder, worker, options);
    const [script, ...others] = [...files].sort(([a], [b]) => Number(b.endsWith(".js")) - Number(a.endsWith(".js")));
    assert.equal(nodeIn(files), [], "nothing of Node is imported");
    const modules = others.map(([name, content]) => ({ name, kind: "wasm" as const, content }));
    return [{ name: script![0], kind: "esModule", content: script![1] }, ...modules];
  } finally {
    folder.remove();
  }
}

const answerOf = async (url: string): Promise<unknown> => {
  const response = await fetch(url);
  const body = await response.text();
  assert.is(response.status, 200, body);
  return JSON.parse(body);
};

const test = workerdSuite("workerd", (test) => {
  for (const compatibilityFlags of [[], ["nodejs_compat"]]) {
    const place = compatibilityFlags.length === 0 ? "" : `, with ${compatibilityFlags}`;

    test(`with its condition the module comes along: no call of init, nothing compiled${place}`, async () => {
      const modules = await bundled("core.mjs", { conditions });
      assert.equal(
        modules.map(({ kind }) => kind),
        ["esModule", "wasm"],
      );
      const answer = await withWorker({ modules, compatibilityFlags }, answerOf);
      assert.equal(answer, { outcome: exercised, compiled: 0, instances: 1, kernel: "wasm" });
    });

    test(`without a module the scalar twin serves${place}`, async () => {
      const modules = await bundled("core.mjs", { conditions: [] });
      assert.is(modules.length, 1);
      const answer = await withWorker({ modules, compatibilityFlags }, answerOf);
      assert.equal(answer, { outcome: exercised, compiled: 0, instances: 0, kernel: "scalar" });
    });
  }

  test("wsimd/wasm gives the module by hand", async () => {
    const modules = await bundled("by-hand.mjs", { conditions });
    assert.equal(await withWorker({ modules }, answerOf), { outcome: exercised, kernel: "wasm" });
  });

  test("wsimd/wsimd.wasm gives it to a bundler that knows no condition of the runtime's", async () => {
    const modules = await bundled("file.mjs", { conditions: [] });
    assert.is(modules.length, 2);
    // From 2025-06-01 on workerd compiles while a worker starts (allow_eval_during_startup), and then without a module too.
    const options = { modules, compatibilityDate: "2025-05-01" };
    assert.equal(await withWorker(options, answerOf), { outcome: exercised, before: "scalar", kernel: "wasm" });
  });

  test("a worker that workerd refuses says why, and leaves nothing running", async () => {
    const modules = [{ name: "worker.js", kind: "esModule", content: 'import "./missing.js";' }] as const;
    const refusal = await withWorker({ modules }, answerOf).catch((error: Error) => error.message);
    assert.match(String(refusal), /No such module/);
  });
});

test.run();
