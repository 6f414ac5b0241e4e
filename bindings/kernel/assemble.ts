// Puts a Kernel together from functions, a layout and memory. Both implementations are made here, so both have the same
// shape, and a call site sees one.

import { CONTROL_LENGTH, RECORD_CAPACITY, RECORD_WORDS } from "../../assembly/constants.ts";
import { host } from "../host.ts";
import { InputRegion } from "./input-region.ts";
import type { Kernel, KernelFunctions, KernelLayout, KernelName } from "./kernel.ts";

/** Octets up to which views are kept. */
const KEPT_LENGTH = 1100;

/** Views of the octets from `ptr` on, by length. */
function keptViews(buffer: ArrayBuffer, ptr: number): (length: number) => Uint8Array {
  const kept: Uint8Array[] = [];
  return (length) => {
    if (length > KEPT_LENGTH) return new Uint8Array(buffer, ptr, length);
    kept[length] ??= new Uint8Array(buffer, ptr, length);
    return kept[length];
  };
}

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
    scratchView: keptViews(buffer, layout.scratchPtr),
    inputView: keptViews(buffer, layout.inputPtr),
    input: new InputRegion(),
    controlPtr: layout.controlPtr,
    recordsPtr: layout.recordsPtr,
    inputPtr: layout.inputPtr,
    inputHeadroom: layout.inputHeadroom,
    inputCapacity: layout.inputCapacity,
    scratchPtr: layout.scratchPtr,
    scratchCapacity: layout.scratchCapacity,
    utf16Ptr: layout.utf16Ptr,
    utf16Capacity: layout.utf16Capacity,
    decode: functions.decode,
    encode: functions.encode,
    mask: functions.mask,
    highBits: functions.highBits,
    validateUtf8: functions.validateUtf8,
    transcode: functions.transcode,
  };
}
