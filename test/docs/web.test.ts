// docs/web.md: what it shows for every runtime is run here, by Node; what is Deno's and workerd's in test/edge/web-docs.test.ts.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { packageRoot } from "../support/programs.ts";
import { shown, shownIn } from "../support/shown.ts";

const test = suite("docs/web.md");

/** What a program prints that a user of the package has. */
async function printed(program: string): Promise<string> {
  const words = ["--input-type=module", "--eval", program];
  return (await promisify(execFile)(process.execPath, words, { cwd: packageRoot })).stdout;
}

const programs = { endpoint: "endpoint(theirs", stream: "new WebSocketStream", compression: "pakoProvider(pako)" };

for (const [name, text] of Object.entries(programs)) {
  test(`${name}: prints what it says`, async () => {
    const program = shown("web", "js", text);
    const [, said] = /\bconsole\.log\(.*\); \/\/ (.*)$/m.exec(program)!;
    assert.is(await printed(program), `${said}\n`);
  });
}

test("has those, and those of test/edge/web-docs.test.ts, and no others", () => {
  const elsewhere = ["Deno.listen", '"cloudflare:sockets"'];
  const found = [...Object.values(programs), ...elsewhere].map((text) => shown("web", "js", text));
  assert.equal(new Set(found), new Set(shownIn("web", "js")));
});

test.run();
