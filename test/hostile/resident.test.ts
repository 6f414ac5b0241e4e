// What a message in fragments takes of the machine's memory: at most twice its octets until it ends, three times while it is
// put together. Measured as the most that a process of its own had resident.

import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { Program } from "../support/programs.ts";
import { MIB } from "./memory.ts";
import { hostileKernels, kernelSuite } from "./on-kernels.ts";

const program = fileURLToPath(new URL("./resident-program.js", import.meta.url));
const LENGTH = 48 * MIB;
/** Blocks that are kept, the engine's own. */
const CONSTANT = 24 * MIB;

for (const tested of hostileKernels) {
  const test = kernelSuite("frames: resident memory", tested);

  test("an unfinished message takes at most twice its octets, and three times while it is completed (§5.4)", async () => {
    for (const kind of ["binary", "ascii", "greek", "chinese"]) {
      const child = Program.node(program, tested.name, kind, String(LENGTH));
      const [, ...words] = await child.line(/unfinished (\d+), completed (\d+), length (\d+)/);
      const [unfinished, completed, length] = words.map(Number) as [number, number, number];
      assert.is(await child.ended, 0);
      const octetsPerUnit = { binary: 1, ascii: 1, greek: 2, chinese: 3 }[kind]!;
      assert.ok(length * octetsPerUnit >= LENGTH, `${kind}: ${length} came`);
      assert.ok(unfinished <= 2 * LENGTH + CONSTANT, `${kind}: ${unfinished} octets while it waits`);
      assert.ok(completed <= 3 * LENGTH + CONSTANT, `${kind}: ${completed} octets while it is completed`);
    }
  });

  test.run();
}
