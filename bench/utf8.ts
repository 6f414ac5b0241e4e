// UTF-8 validation: of whole octet strings in ordinary memory, and of text that lies in linear memory, as a message does, by the
// kernel and by the platform. LONG_TEXT in assembly/constants.ts was read from the latter rows.

import assert from "node:assert/strict";
import { UTF8_COMPLETE } from "../assembly/constants.ts";
import { host } from "../bindings/host.ts";
import { isValidUtf8 } from "../bindings/index.ts";
import type { Kernel } from "../bindings/kernel/kernel.ts";
import { lengthName, type Script, textOf } from "./inputs.ts";
import type { Contestant, Row } from "./measure.ts";
import { nodeIsUtf8, utf8Validate } from "./peers.ts";

const lengths = [64, 1024, 16384, 65536];
const inPlaceLengths = [256, 512, 1024, 4096, 16384, 65536];
const inPlaceScripts: readonly Script[] = ["Cyrillic", "Chinese", "emoji"];
const scripts: readonly Script[] = ["ASCII", "Cyrillic", "Chinese", "emoji"];

/** What a contestant found, kept so that no compiler drops the call. */
let found = true;

/** A contestant whose `run` calls `judge` and keeps what it found. */
export function judging(name: string, octets: Buffer, judge: (octets: Buffer) => boolean): Contestant {
  return contestant(name, octets, () => {
    found = judge(octets);
  });
}

function contestant(name: string, octets: Uint8Array, run: () => void): Contestant {
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

function inPlaceContestants(kernel: Kernel, script: Script, length: number): Contestant[] {
  const { octets, inputPtr } = kernel;
  const text = host.part(octets, inputPtr, length);
  text.set(Buffer.from(textOf(script, length)));
  return [
    contestant("validateUtf8", text, () => {
      found = kernel.validateUtf8(inputPtr, length, UTF8_COMPLETE) === UTF8_COMPLETE;
    }),
    contestant("isUtf8 of a view", text, () => {
      found = nodeIsUtf8(host.part(octets, inputPtr, length) as Buffer);
    }),
  ];
}

export function inPlaceRows(kernel: Kernel): Row[] {
  return inPlaceScripts.flatMap((script) =>
    inPlaceLengths.map((octets) => ({
      topic: "utf8 in place",
      name: `${lengthName(octets)} ${script}`,
      frames: 1,
      octets,
      contestants: () => inPlaceContestants(kernel, script, octets),
    })),
  );
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
