// Strings of valid UTF-8, as messages become strings, by way of UTF-16 and by the platform's decoder. Which of
// the two is taken is settled by bindings/codec/received-text.ts and bindings/host.ts: their thresholds were read from these rows.

import assert from "node:assert/strict";
import { transcodedText } from "../bindings/codec/received-text.ts";
import { host } from "../bindings/host.ts";
import type { Kernel } from "../bindings/kernel/kernel.ts";
import { lengthName, type Script, textOf } from "./inputs.ts";
import type { Contestant, Row } from "./measure.ts";

const lengths = [8, 16, 31, 64, 256, 1024, 16384, 65500, 1048576];
const scripts: readonly Script[] = ["Cyrillic", "Chinese", "emoji", "French"];

/** The last code unit, kept so that no compiler drops the call; to look at it makes one string of what was concatenated. */
let last = 0;

function contestant(name: string, expected: string, make: () => string): Contestant {
  return {
    name,
    run() {
      const text = make();
      last = text.charCodeAt(text.length - 1);
    },
    check() {
      assert.equal(make(), expected, `${name} makes a wrong string`);
      this.run();
      assert.equal(last, expected.charCodeAt(expected.length - 1));
    },
  };
}

/**
 * Both read the same text, written when the row's turn has come: all rows share the input region. What has no room there comes
 * from ordinary memory, as a message in pieces does.
 */
function contestants(kernel: Kernel, script: Script, length: number): Contestant[] {
  const isLinear = length <= kernel.inputCapacity;
  const octets = isLinear ? kernel.octets : host.allocate(length);
  const start = isLinear ? kernel.inputPtr : 0;
  const text = textOf(script, length);
  const end = start + host.writeText(text, octets, start);
  assert.equal(end - start, length);
  return [
    contestant("by UTF-16", text, () => transcodedText(kernel, octets, start, end)),
    contestant("platform's decoder", text, () => host.utf8Text(octets, start, end)),
  ];
}

export function stringRows(kernel: Kernel): Row[] {
  return scripts.flatMap((script) =>
    lengths.map((octets) => ({
      topic: "string",
      name: `${lengthName(octets)} ${script}`,
      frames: 1,
      octets,
      contestants: () => contestants(kernel, script, octets),
    })),
  );
}
