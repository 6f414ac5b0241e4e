// wsimd/bufferutil and wsimd/utf-8-validate beside the packages: the native add-on, and the JavaScript that takes its place. The
// rows that set LOOP_LENGTH in bindings/drop-in/masks.ts and PLATFORM_LENGTH in bindings/codec/utf8.ts.

import { mask, unmask } from "../bindings/drop-in/bufferutil.ts";
import isValidUTF8 from "../bindings/drop-in/utf-8-validate.ts";
import { lengthName, octetsOf, type Script, textOf } from "./inputs.ts";
import { contestant, keyOctets } from "./mask.ts";
import type { Contestant, Row } from "./measure.ts";
import { type BufferUtil, bufferUtil, bufferUtilFallback, utf8Validate, utf8ValidateFallback } from "./peers.ts";
import { judging } from "./utf8.ts";

const lengths = [32, 40, 48, 64, 96, 128, 256, 512, 1024, 4096, 16384, 65536, 1048576];
const textLengths = [16, 24, 32, 64, 256, 1024, 65536];
const scripts: readonly Script[] = ["ASCII", "Cyrillic"];

const makers: readonly (readonly [string, BufferUtil])[] = [
  ["wsimd", { mask, unmask }],
  ["bufferutil", bufferUtil],
  ["its fallback", bufferUtilFallback],
];

/** The longest header of a client's frame: ws writes what it masks behind one. */
const HEADER_LENGTH = 14;

function unmasking(length: number): Contestant[] {
  const octets = octetsOf(length);
  return makers.map(([name, util]) => contestant(name, octets, octets, () => util.unmask(octets, keyOctets)));
}

function masking(length: number): Contestant[] {
  const source = octetsOf(length);
  const frame = Buffer.allocUnsafeSlow(HEADER_LENGTH + length);
  const payload = frame.subarray(HEADER_LENGTH);
  return makers.map(([name, util]) =>
    contestant(name, source, payload, () => util.mask(source, keyOctets, frame, HEADER_LENGTH, length)),
  );
}

export function bufferUtilRows(): Row[] {
  const rows = (topic: string, contestants: (length: number) => Contestant[]): Row[] =>
    lengths.map((octets) => ({
      topic,
      name: lengthName(octets),
      frames: 1,
      octets,
      contestants: () => contestants(octets),
    }));
  return [...rows("bufferutil unmask", unmasking), ...rows("bufferutil mask", masking)];
}

function validating(script: Script, length: number): Contestant[] {
  const octets = Buffer.from(textOf(script, length));
  return [
    judging("wsimd", octets, isValidUTF8),
    judging("utf-8-validate", octets, utf8Validate),
    judging("its fallback", octets, utf8ValidateFallback),
  ];
}

export function utf8ValidateRows(): Row[] {
  return scripts.flatMap((script) =>
    textLengths.map((octets) => ({
      topic: "utf-8-validate",
      name: `${lengthName(octets)} ${script}`,
      frames: 1,
      octets,
      contestants: () => validating(script, octets),
    })),
  );
}
