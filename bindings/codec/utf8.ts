// isValidUtf8: whole octet strings through the kernel's scratch region. Streams are the decoder's business.

import { UTF8_COMPLETE, UTF8_INVALID } from "../../assembly/constants.ts";
import { host } from "../host.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { currentKernel } from "../kernel/select.ts";
import { type OctetSource, octetsOf, viewOf } from "./octets.ts";

/**
 * Octets from which the platform judges ordinary memory: as fast as the kernel for ASCII, faster for the rest. (What lies in linear
 * memory needs a view first: LONG_TEXT.) `npm run bench -- utf-8-validate`.
 */
const PLATFORM_LENGTH = 24;

/** Whether the octets are UTF-8, judged by one kernel. */
export function isUtf8By(kernel: Kernel, octets: Uint8Array): boolean {
  const { scratchPtr, scratchCapacity } = kernel;
  let state: number = UTF8_COMPLETE;
  for (let at = 0; at < octets.length && state !== UTF8_INVALID; at += scratchCapacity) {
    const length = Math.min(scratchCapacity, octets.length - at);
    kernel.octets.set(length === octets.length ? octets : viewOf(octets, at, at + length), scratchPtr);
    if (state === UTF8_COMPLETE && kernel.highBits(scratchPtr, length) === 0) continue;
    state = kernel.validateUtf8(scratchPtr, length, state);
  }
  return state === UTF8_COMPLETE;
}

/** Whether the octets are UTF-8, judged by the platform where it is the faster one. */
export function isUtf8(octets: Uint8Array): boolean {
  if (octets.length >= PLATFORM_LENGTH && host.isUtf8 !== null) return host.isUtf8(octets);
  return isUtf8By(currentKernel(), octets);
}

/**
 * Tells whether octets are UTF-8: no overlong form, no surrogate, nothing past U+10FFFF, no character cut short. RFC 3629.
 *
 * @param octets  any octets; read only
 * @throws        UsageError for anything but octets
 */
export function isValidUtf8(octets: OctetSource): boolean {
  return isUtf8(octetsOf(octets, "octets"));
}
