// The core entry in workerd, which compiles no WebAssembly at run time: with the condition of package.json that brings the
// module along, without it, and with the module given by hand. Bundled by esbuild, as wrangler bundles.

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { nodeIn, withEsbuild } from "../support/bundlers.ts";
import { exercised } from "../support/exercised.ts";
import { packageRoot } from "../support/programs.ts";
import { shown } from "../support/shown.ts";
import { UserFolder } from "../support/user-folder.ts";
import { type WorkerModule, withConfig, withWorker, workerdSuite } from "./workerd.ts";

/** The conditions that wrangler gives its bundler. */
const conditions = ["workerd", "worker", "browser"];

/** A worker of workers/, or a program, bundled: its script first, then what was copied beside it. */
async function bundled(worker: string, options: { readonly conditions: readonly string[] }): Promise<WorkerModule[]> {
  const folder = new UserFolder(["test/edge/workers/core.mjs", "test/support/exercise.mjs"]);
  try {
    if (worker !== "core.mjs") folder.write("program.mjs", worker);
    const files = await withEsbuild(folder, worker === "core.mjs" ? worker : "program.mjs", options);
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

  /** A worker that runs what docs/edge.md shows before it serves anything. */
  const around = (program: string): string => `import { initSync } from "wsimd";
    import { exercise } from "./exercise.mjs";
    const before = initSync();
    ${program}
    const kernel = initSync();
    export default { fetch: () => Response.json({ outcome: exercise(), before, kernel }) };`;

  test("wsimd/wasm gives the module by hand", async () => {
    const modules = await bundled(around(shown("edge", "js", '"wsimd/wasm"')), { conditions });
    assert.equal(await withWorker({ modules }, answerOf), { outcome: exercised, before: "wasm", kernel: "wasm" });
  });

  test("wsimd/wsimd.wasm gives it to a bundler that knows no condition of the runtime's", async () => {
    const modules = await bundled(around(shown("edge", "js", '"wsimd/wsimd.wasm"')), { conditions: [] });
    assert.is(modules.length, 2);
    // From 2025-06-01 on workerd compiles while a worker starts (allow_eval_during_startup), and then without a module too.
    for (const [compatibilityDate, before] of [
      ["2025-05-01", "scalar"],
      ["2025-06-01", "wasm"],
    ] as const) {
      const answer = await withWorker({ modules, compatibilityDate }, answerOf);
      assert.equal(answer, { outcome: exercised, before, kernel: "wasm" }, compatibilityDate);
    }
  });

  test("docs/edge.md's worker, command and config serve, and decode what they are sent", async () => {
    const folder = new UserFolder([]);
    try {
      folder.write("worker.js", shown("edge", "js", "request.arrayBuffer()"));
      const [npx, command, ...options] = shown("edge", "sh", "esbuild").trim().split(" ");
      assert.equal([npx, command], ["npx", "esbuild"]);
      execFileSync(join(packageRoot, "node_modules/.bin/esbuild"), [...options, "--log-level=error"], {
        cwd: folder.path,
      });
      const config = shown("edge", "capnp", "modules").replace("127.0.0.1:8080", "127.0.0.1:0");
      const answer = await withConfig(folder.path, config, async (url) => {
        const frames = Buffer.from("8185" + "37fa213d" + "7f9f4d5158" + "8100", "hex"); // "Hello" masked, then one that is not
        return (await fetch(url, { method: "POST", body: frames })).json();
      });
      assert.equal(answer, { kernel: "wasm", texts: ["Hello"], error: "WS_MASK_MISSING" });
    } finally {
      folder.remove();
    }
  });

  test("while a worker starts there are no random values, and so no masking key; in a handler there are", async () => {
    const program = `import { encodeFrame } from "wsimd";
      const attempt = () => { try { return encodeFrame(1, "x", { role: "client" }).length } catch (error) { return String(error) } };
      const starting = attempt();
      export default { fetch: () => Response.json([starting, attempt()]) };`;
    const modules = await bundled(program, { conditions });
    const [starting, serving] = (await withWorker({ modules }, answerOf)) as unknown[];
    assert.match(String(starting), /Disallowed operation called within global scope/);
    assert.is(serving, 2 + 4 + 1);
  });

  test("a worker that workerd refuses says why, and leaves nothing running", async () => {
    const modules = [{ name: "worker.js", kind: "esModule", content: 'import "./missing.js";' }] as const;
    const refusal = await withWorker({ modules }, answerOf).catch((error: Error) => error.message);
    assert.match(String(refusal), /No such module/);
  });
});

test.run();
