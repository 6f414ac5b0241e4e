// Masking. `mask` is the public function on ordinary memory; `kernel mask` is what decode does, in linear memory. Masking
// twice restores, so contestants mask the same octets again and again: fresh input would cost more than the masking.

import assert from "node:assert/strict";
import { mask } from "../bindings/index.ts";
import type { Kernel } from "../bindings/kernel/kernel.ts";
import { lengthName, octetsOf } from "./inputs.ts";
import type { Contestant, Row } from "./measure.ts";
import { bufferUtil } from "./peers.ts";

const lengths = [16, 32, 64, 125, 256, 1024, 16384, 65536, 1048576];
const maskingKey = 0x3d21fa37;
export const keyOctets: Buffer = Buffer.of(0x37, 0xfa, 0x21, 0x3d);

/** A contestant that works on `octets`, and leaves its result in `result`. */
export function contestant(name: string, octets: Buffer, result: Buffer, run: () => void): Contestant {
  const before = Buffer.from(octets);
  const after = Buffer.from(before.map((octet, index) => octet ^ keyOctets[index % 4]!));
  return {
    name,
    run,
    check() {
      octets.set(before);
      run();
      assert.ok(result.equals(after), `${name} masks ${octets.length} octets wrongly`);
    },
  };
}

function peers(length: number): Contestant[] {
  const inPlace = octetsOf(length);
  const source = octetsOf(length);
  const output = Buffer.allocUnsafeSlow(length);
  return [
    contestant("bufferutil.unmask", inPlace, inPlace, () => bufferUtil.unmask(inPlace, keyOctets)),
    contestant("bufferutil.mask", source, output, () => bufferUtil.mask(source, keyOctets, output, 0, length)),
  ];
}

function publicMask(length: number): Contestant {
  const octets = octetsOf(length);
  return contestant("mask()", octets, octets, () => {
    mask(octets, maskingKey);
  });
}

function kernelMask(kernel: Kernel, length: number): Contestant {
  const { scratchPtr } = kernel;
  const octets = Buffer.from(kernel.octets.buffer as ArrayBuffer, scratchPtr, length);
  octets.set(octetsOf(length));
  return contestant("in linear memory", octets, octets, () => {
    kernel.mask(scratchPtr, length, maskingKey, 0);
  });
}

/** The rows of both topics; linear memory has room for `scratchCapacity` octets. */
export function maskRows(kernel: Kernel): Row[] {
  const row = (topic: string, octets: number, subject: () => Contestant): Row => ({
    topic,
    name: lengthName(octets),
    frames: 1,
    octets,
    contestants: () => [subject(), ...peers(octets)],
  });
  return [
    ...lengths.map((length) => row("mask", length, () => publicMask(length))),
    ...lengths
      .filter((length) => length <= kernel.scratchCapacity)
      .map((length) => row("kernel mask", length, () => kernelMask(kernel, length))),
  ];
}
