// Puts a Kernel together from functions, a layout and memory. Both implementations are made here, so both have the same
// shape, and a call site sees one.

import { CONTROL_LENGTH, RECORD_CAPACITY, RECORD_WORDS } from "../../assembly/constants.ts";
import { host } from "../host.ts";
import { InputRegion } from "./input-region.ts";
import type { Kernel, KernelFunctions, KernelLayout, KernelName } from "./kernel.ts";

export function assembleKernel(
  name: KernelName,
  buffer: ArrayBuffer,
  layout: KernelLayout,
  functions: KernelFunctions,
): Kernel {
  return {
    name,
    octets: host.view(buffer),
    words: new Int32Array(buffer),
    control: new Int32Array(buffer, layout.controlPtr, CONTROL_LENGTH / 4),
    controlFloats: new Float64Array(buffer, layout.controlPtr, CONTROL_LENGTH / 8),
    records: new Int32Array(buffer, layout.recordsPtr, RECORD_CAPACITY * RECORD_WORDS),
    input: new InputRegion(),
    controlPtr: layout.controlPtr,
    recordsPtr: layout.recordsPtr,
    inputPtr: layout.inputPtr,
    inputHeadroom: layout.inputHeadroom,
    inputCapacity: layout.inputCapacity,
    scratchPtr: layout.scratchPtr,
    scratchCapacity: layout.scratchCapacity,
    decode: functions.decode,
    encode: functions.encode,
    mask: functions.mask,
    highBits: functions.highBits,
    validateUtf8: functions.validateUtf8,
  };
}
