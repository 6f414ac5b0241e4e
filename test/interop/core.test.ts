// The core entry in Bun and Deno, as they find it in node_modules.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Test } from "uvu";
import * as assert from "uvu/assert";
import { exercised } from "../support/exercised.ts";
import { UserFolder } from "../support/user-folder.ts";
import { type Peer, peerSuite, peers } from "./programs.ts";

const run = promisify(execFile);

const program = `import { initSync } from "wsimd";
import { exercise, watchWebAssembly } from "./exercise.mjs";
const watched = watchWebAssembly();
const outcome = exercise();
console.log(JSON.stringify({ outcome, ...watched, kernel: initSync() }));
`;

function exerciseIn(test: Test, { command }: Peer): void {
  test("decodes, encodes and converses by WebAssembly", async () => {
    const folder = new UserFolder(["test/support/exercise.mjs"]);
    try {
      folder.write("program.mjs", program);
      const [path, ...options] = command;
      const { stdout } = await run(path!, [...options, "program.mjs"], {
        cwd: folder.path,
        env: { ...process.env, DENO_NO_UPDATE_CHECK: "1" },
      });
      assert.equal(JSON.parse(stdout), { outcome: exercised, compiled: 1, instances: 1, kernel: "wasm" });
    } finally {
      folder.remove();
    }
  });
}

for (const peer of peers.filter(({ name }) => name === "bun" || name === "deno")) {
  const test = peerSuite("the core entry in", peer, exerciseIn);
  test.run();
}
