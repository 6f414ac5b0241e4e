// Text on its way in: strings of valid UTF-8 that is not ASCII, by whichever way is faster for its length on this platform.

import { host } from "../host.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { copyOctets } from "./octets.ts";

/**
 * Octets from which the way by UTF-16 is the faster one, where the platform's decoder goes octet by octet: 1.5 to 2 times from
 * here to 31 in Cyrillic and Chinese, even in text that is mostly ASCII, which loses a quarter at 8. See bench/string.ts.
 */
const TRANSCODE_FROM = 16;

/** The octet, at most `end`, where the last character that begins before `end` or there begins. */
function characterEdge(octets: Uint8Array, end: number): number {
  let edge = end;
  while ((octets[edge]! & 0xc0) === 0x80) edge--;
  return edge;
}

/** Where the last character before `end` begins: it may be cut there, and waits for the next window also where it is not. */
function lastCharacter(octets: Uint8Array, end: number): number {
  return characterEdge(octets, end - 1);
}

/** Octets of the character that begins with `lead`. RFC 3629 §3. */
export function characterLength(lead: number): number {
  return lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/** Octets before `end` of a character that goes on after it; 0 where none does. */
export function incompleteLength(octets: Uint8Array, start: number, end: number): number {
  if (start === end) return 0;
  const edge = Math.max(lastCharacter(octets, end), start);
  return end - edge < characterLength(octets[edge]!) ? end - edge : 0;
}

/** As transcodedText, for octets that the region of UTF-16 has room for. */
function transcodedWindow(kernel: Kernel, octets: Uint8Array, start: number, end: number): string {
  const { scratchPtr, utf16Ptr } = kernel;
  const isLinear = octets === kernel.octets;
  if (!isLinear) copyOctets(octets, start, end, kernel.octets, scratchPtr);
  const unitCount = kernel.transcode(isLinear ? start : scratchPtr, end - start);
  return host.utf16Text(kernel.octets, utf16Ptr, utf16Ptr + 2 * unitCount);
}

/** The string of valid UTF-8 from `start` to `end`, by way of UTF-16. The scratch region's content is lost. */
export function transcodedText(kernel: Kernel, octets: Uint8Array, start: number, end: number): string {
  const window = kernel.utf16Capacity >> 1;
  let text = "";
  let at = start;
  while (end - at > window) {
    const edge = characterEdge(octets, at + window);
    text += transcodedWindow(kernel, octets, at, edge);
    at = edge;
  }
  return text + transcodedWindow(kernel, octets, at, end);
}

/** Whether text of this many octets goes by way of UTF-16. */
function isTranscoded(length: number): boolean {
  return length >= TRANSCODE_FROM && length < host.transcodeBelow;
}

/**
 * The string of valid UTF-8 from `start` to `end`; a byte order mark stays in it.
 *
 * @param octets  linear memory, where they lie in the input region, or memory that the platform's host made
 */
export function receivedText(kernel: Kernel, octets: Uint8Array, start: number, end: number): string {
  return isTranscoded(end - start) ? transcodedText(kernel, octets, start, end) : host.utf8Text(octets, start, end);
}

/**
 * The string that valid UTF-8 in several blocks makes, wherever they cut it, without putting it in one piece; null where that is
 * what the platform's decoder needs. The scratch region's content is lost.
 *
 * @param length  octets in all; the last block may have more room
 */
export function textOfBlocks(kernel: Kernel, blocks: readonly Uint8Array[], length: number): string | null {
  if (!isTranscoded(length)) return null;
  const { octets, scratchPtr } = kernel;
  const window = kernel.utf16Capacity >> 1;
  let text = "";
  let held = 0; // octets in the scratch region that no string has
  let left = length;
  for (const block of blocks) {
    const blockLength = Math.min(block.length, left);
    left -= blockLength;
    for (let at = 0; at < blockLength; ) {
      const taken = Math.min(window - held, blockLength - at);
      copyOctets(block, at, at + taken, octets, scratchPtr + held);
      at += taken;
      held += taken;
      const isLast = left === 0 && at === blockLength;
      if (held < window && !isLast) continue;
      const end = scratchPtr + held;
      const edge = isLast ? end : lastCharacter(octets, end);
      text += transcodedWindow(kernel, octets, scratchPtr, edge);
      octets.copyWithin(scratchPtr, edge, end);
      held = end - edge;
    }
  }
  return text;
}
