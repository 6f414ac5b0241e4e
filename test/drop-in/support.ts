// The packages that are replaced: each native add-on, and the JavaScript that takes its place where it does not load.

import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

export interface BufferUtil {
  mask(source: Uint8Array, mask: Uint8Array, output: Uint8Array, offset: number, length: number): void;
  unmask(buffer: Uint8Array, mask: Uint8Array): void;
}

export type IsValidUTF8 = (octets: ArrayBufferView) => boolean;

export const addon: BufferUtil = require("bufferutil");
export const fallback: BufferUtil = require("bufferutil/fallback.js");
export const validatingAddon: IsValidUTF8 = require("utf-8-validate");
export const validatingFallback: IsValidUTF8 = require("utf-8-validate/fallback.js");

/** What a view of a detached buffer looks like. */
export function detached(length: number): Uint8Array {
  const octets = new Uint8Array(length);
  structuredClone(octets.buffer, { transfer: [octets.buffer] });
  return octets;
}

/** A buffer of `length` octets that may become shorter. */
export function resizable(length: number): ArrayBuffer & { resize(length: number): void } {
  const Resizable = ArrayBuffer as unknown as new (length: number, options: object) => ArrayBuffer;
  return new Resizable(length, { maxByteLength: 2 * length }) as ArrayBuffer & { resize(length: number): void };
}
