// UTF-8 validation of whole octet strings in ordinary memory.

import assert from "node:assert/strict";
import { isValidUtf8 } from "../bindings/index.ts";
import { lengthName, type Script, textOf } from "./inputs.ts";
import type { Contestant, Row } from "./measure.ts";
import { nodeIsUtf8, utf8Validate } from "./peers.ts";

const lengths = [64, 1024, 16384, 65536];
const scripts: readonly Script[] = ["ASCII", "Cyrillic", "Chinese", "emoji"];

/** What a contestant found, kept so that no compiler drops the call. */
let found = true;

function contestant(name: string, octets: Buffer, run: () => void): Contestant {
  const last = octets.length - 1;
  return {
    name,
    run,
    check() {
      run();
      assert.equal(found, true, `${name} refuses valid text of ${octets.length} octets`);
      const right = octets[last]!;
      octets[last] = 0xff; // no UTF-8 has it
      run();
      octets[last] = right;
      assert.equal(found, false, `${name} accepts an octet 0xff`);
    },
  };
}

function contestants(script: Script, length: number): Contestant[] {
  const octets = Buffer.from(textOf(script, length));
  return [
    contestant("isValidUtf8", octets, () => {
      found = isValidUtf8(octets);
    }),
    contestant("buffer.isUtf8", octets, () => {
      found = nodeIsUtf8(octets);
    }),
    contestant("utf-8-validate", octets, () => {
      found = utf8Validate(octets);
    }),
  ];
}

export function utf8Rows(): Row[] {
  return scripts.flatMap((script) =>
    lengths.map((octets) => ({
      topic: "utf8",
      name: `${lengthName(octets)} ${script}`,
      frames: 1,
      octets,
      contestants: () => contestants(script, octets),
    })),
  );
}
