// docs/edge.md: everything it shows is run, in test/browser/core.test.ts and test/edge/workerd.test.ts, which find it by what
// it holds. This tells when something is added that they do not know.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { shown, shownIn } from "../support/shown.ts";

const test = suite("docs/edge.md");

test("has the programs that tests run, and no others", () => {
  const inChromium = ["encodeFrame(Opcode.Text", 'fetch("/wsimd.wasm")', "wsimd.wasm?url"];
  const inWorkerd = ["request.arrayBuffer()", '"wsimd/wasm"', '"wsimd/wsimd.wasm"'];
  const found = [...inChromium, ...inWorkerd].map((text) => shown("edge", "js", text));
  assert.equal(new Set(found), new Set(shownIn("edge", "js")));
  const others = ["html", "sh", "capnp"].map((language) => shownIn("edge", language).length);
  assert.equal(others, [1, 1, 1]);
});

test.run();
