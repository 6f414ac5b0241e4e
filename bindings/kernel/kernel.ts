// The interface of a kernel: linear memory and six functions over it. Two implement it, wasm.ts and scalar.ts; whoever
// uses one cannot tell which. Kernels are stateless: see assembly/decode.ts for what goes in and out of the control block.

import type { InputRegion } from "./input-region.ts";

/** Which implementation a kernel is. */
export type KernelName = "wasm" | "scalar";

/** Addresses and capacities of linear memory, in octets. assembly/memory.ts draws the map. */
export interface KernelLayout {
  readonly controlPtr: number;
  readonly recordsPtr: number;
  readonly inputPtr: number;
  /** Octets free before `inputPtr` for what the last chunk left. */
  readonly inputHeadroom: number;
  readonly inputCapacity: number;
  readonly scratchPtr: number;
  readonly scratchCapacity: number;
  /** Where `transcode` writes; even. */
  readonly utf16Ptr: number;
  readonly utf16Capacity: number;
}

/** The functions of a kernel. Addresses must lie in the input or the scratch region, `length` octets included. */
export interface KernelFunctions {
  /** Decodes a chunk; see assembly/decode.ts. Returns the number of records. */
  decode(ptr: number, length: number, config: number, maxFrameLength: number, maxMessageLength: number): number;
  /** Writes a header that ends at `payloadPtr` and masks the payload if `masked` is 1. Returns the frame's address. */
  encode(payloadPtr: number, payloadLength: number, first: number, masked: number, maskingKey: number): number;
  /** Masks in place from `phase` (0-3) and returns the phase after the last octet. RFC 6455 §5.3. */
  mask(ptr: number, length: number, maskingKey: number, phase: number): number;
  /** 0 if every octet is ASCII. */
  highBits(ptr: number, length: number): number;
  /** The UTF-8 state after a piece that begins in `state`: 0 complete, -1 invalid. */
  validateUtf8(ptr: number, length: number, state: number): number;
  /**
   * Writes valid text, whole characters and at most `utf16Capacity / 2` octets of them, as UTF-16LE from `utf16Ptr` on.
   * Returns the number of code units.
   */
  transcode(ptr: number, length: number): number;
}

/** A kernel and the views of its memory, which never move or grow. */
export interface Kernel extends KernelFunctions, KernelLayout {
  readonly name: KernelName;
  /** All of linear memory. */
  readonly octets: Uint8Array;
  /** The same as words. */
  readonly words: Int32Array;
  /** The control block as words; index by CONTROL_*. */
  readonly control: Int32Array;
  /** The control block as 8-octet floats. */
  readonly controlFloats: Float64Array;
  /** RECORD_CAPACITY records of RECORD_WORDS words. */
  readonly records: Int32Array;
  /** The first `length` octets of the scratch region: short views are kept, since making one costs as much as using it. */
  scratchView(length: number): Uint8Array;
  /** The same of the input region. */
  inputView(length: number): Uint8Array;
  /** Who has undelivered octets in the input region. */
  readonly input: InputRegion;
}
