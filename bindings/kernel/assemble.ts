// Puts a Kernel together from functions, a layout and memory. Both implementations are made here, so both have the same
// shape, and a call site sees one.

import { CONTROL_LENGTH, RECORD_CAPACITY, RECORD_WORDS } from "../../assembly/constants.ts";
import { host } from "../host.ts";
import { InputRegion } from "./input-region.ts";
import type { Kernel, KernelFunctions, KernelLayout, KernelName } from "./kernel.ts";

/** Octets up to which views of the scratch region are kept. */
const KEPT_LENGTH = 1100;

export function assembleKernel(
  name: KernelName,
  buffer: ArrayBuffer,
  layout: KernelLayout,
  functions: KernelFunctions,
): Kernel {
  const kept: Uint8Array[] = [];
  const { scratchPtr } = layout;
  const scratchView = (length: number): Uint8Array => {
    if (length > KEPT_LENGTH) return new Uint8Array(buffer, scratchPtr, length);
    kept[length] ??= new Uint8Array(buffer, scratchPtr, length);
    return kept[length];
  };
  return {
    name,
    octets: host.view(buffer),
    words: new Int32Array(buffer),
    control: new Int32Array(buffer, layout.controlPtr, CONTROL_LENGTH / 4),
    controlFloats: new Float64Array(buffer, layout.controlPtr, CONTROL_LENGTH / 8),
    records: new Int32Array(buffer, layout.recordsPtr, RECORD_CAPACITY * RECORD_WORDS),
    scratchView,
    input: new InputRegion(),
    controlPtr: layout.controlPtr,
    recordsPtr: layout.recordsPtr,
    inputPtr: layout.inputPtr,
    inputHeadroom: layout.inputHeadroom,
    inputCapacity: layout.inputCapacity,
    scratchPtr,
    scratchCapacity: layout.scratchCapacity,
    decode: functions.decode,
    encode: functions.encode,
    mask: functions.mask,
    highBits: functions.highBits,
    validateUtf8: functions.validateUtf8,
  };
}
