// Masking in ordinary memory, RFC 6455 §5.3: short payloads by a loop, longer ones through the kernel's scratch region; and
// the masking keys themselves, from the platform's random generator, which must be unpredictable (§10.3).

import { UsageError } from "../errors/classes.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { currentKernel } from "../kernel/select.ts";
import { type OctetSource, octetsOf, viewOf } from "./octets.ts";

/** Octets up to which a loop is faster than the way through the scratch region; see bench/mask.ts. */
const LOOP_LENGTH = 56;

/** Octets that go through the scratch region at a time: with their source they stay in the first-level cache. */
const PIECE_LENGTH = 16384;

function maskShort(octets: Uint8Array, start: number, end: number, maskingKey: number, phase: number): void {
  const turn = phase << 3;
  const key = turn === 0 ? maskingKey : (maskingKey >>> turn) | (maskingKey << (32 - turn));
  const first = key & 0xff;
  const second = (key >>> 8) & 0xff;
  const third = (key >>> 16) & 0xff;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    octets[at] = octets[at]! ^ first;
    octets[at + 1] = octets[at + 1]! ^ second;
    octets[at + 2] = octets[at + 2]! ^ third;
    octets[at + 3] = octets[at + 3]! ^ (key >>> 24);
  }
  if (at < end) octets[at] = octets[at]! ^ first;
  if (at + 1 < end) octets[at + 1] = octets[at + 1]! ^ second;
  if (at + 2 < end) octets[at + 2] = octets[at + 2]! ^ third;
}

/** Masks the octets from `start` to `end` in place. */
export function maskRange(
  kernel: Kernel,
  octets: Uint8Array,
  start: number,
  end: number,
  maskingKey: number,
  phase: number,
): void {
  if (end - start <= LOOP_LENGTH) maskShort(octets, start, end, maskingKey, phase);
  else maskInto(kernel, octets, start, end, octets, start, maskingKey, phase);
}

/** Masks the octets of `source` from `start` to `end` into `target`, from `targetAt` on; the two may be the same octets. */
export function maskInto(
  kernel: Kernel,
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  targetAt: number,
  maskingKey: number,
  phase: number,
): void {
  const { scratchPtr } = kernel;
  let now = phase;
  for (let at = start; at < end; at += PIECE_LENGTH) {
    const length = Math.min(PIECE_LENGTH, end - at);
    kernel.octets.set(length === source.length ? source : viewOf(source, at, at + length), scratchPtr);
    now = kernel.mask(scratchPtr, length, maskingKey, now);
    target.set(kernel.scratchView(length), targetAt + at - start);
  }
}

/** Whether `value` is a masking key: a word of 32 bits, signed or not. */
export function isMaskingKey(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= -(2 ** 31) && (value as number) < 2 ** 32;
}

/**
 * Masks octets in place; masking twice restores them. RFC 6455 §5.3.
 *
 * @param octets      mutated in place
 * @param maskingKey  32 bits, the first key octet in the low 8
 * @param phase       0-3, the key octet that meets the first octet
 * @returns           the phase that continues after the last octet
 * @throws            UsageError for anything but octets, an integer key and a phase of 0-3
 */
export function mask(octets: OctetSource, maskingKey: number, phase = 0): number {
  const view = octetsOf(octets, "octets");
  if (!isMaskingKey(maskingKey)) throw new UsageError("WS_ARGUMENT", "maskingKey must be an integer of 32 bits");
  if (!Number.isInteger(phase) || phase < 0 || phase > 3)
    throw new UsageError("WS_ARGUMENT", "phase must be 0, 1, 2 or 3");
  maskRange(currentKernel(), view, 0, view.length, maskingKey | 0, phase);
  return (phase + view.length) & 3;
}

const keyPool = /*#__PURE__*/ new Int32Array(1024);
let keysLeft = 0;

/** A fresh masking key, octet 0 in the low 8 bits. §5.3, §10.3. */
export function nextMaskingKey(): number {
  if (keysLeft === 0) {
    crypto.getRandomValues(keyPool);
    keysLeft = keyPool.length;
  }
  keysLeft--;
  const key = keyPool[keysLeft]!;
  keyPool[keysLeft] = 0; // used once, remembered nowhere
  return key;
}
