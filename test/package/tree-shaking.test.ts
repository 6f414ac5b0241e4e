// What a bundle holds of the core entry: what it uses. Words that stand in one part alone tell whether that part is there.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Bundle, nodeIn, scriptOf, withEsbuild, withRollup, withVite } from "../support/bundlers.ts";
import { UserFolder } from "../support/user-folder.ts";

const parts: Readonly<Record<string, RegExp>> = {
  validation: /isValidUtf8|validateUtf8/,
  decoder: /"FrameDecoder"/,
  connection: /transportClosed/,
  handshake: /Sec-WebSocket-Key/i,
};

/** What programs import, and the parts that they then hold. */
const programs: readonly (readonly [imported: string, held: readonly string[]])[] = [
  ["isValidUtf8", ["validation"]],
  ["FrameDecoder", ["validation", "decoder"]],
  ["Connection", ["validation", "connection"]],
  ["acceptHandshake", ["handshake"]],
];

const bundlers: Readonly<Record<string, (folder: UserFolder, entry: string) => Promise<Bundle>>> = {
  esbuild: withEsbuild,
  rollup: withRollup,
  Vite: (folder, entry) => withVite(folder, entry, false),
};

const test = suite("tree shaking");

for (const [name, bundle] of Object.entries(bundlers)) {
  for (const [imported, held] of programs) {
    test(`${name}: a program that imports ${imported} holds ${held.join(", ")} of ${Object.keys(parts).length} parts`, async () => {
      const folder = new UserFolder([]);
      try {
        folder.write("program.mjs", `import { ${imported} } from "wsimd"; globalThis.used = ${imported};`);
        const files = await bundle(folder, "program.mjs");
        const found = Object.keys(parts).filter((part) => parts[part]!.test(scriptOf(files)));
        assert.equal(found, held);
        assert.equal(nodeIn(files), []);
      } finally {
        folder.remove();
      }
    });
  }
}

test.run();
