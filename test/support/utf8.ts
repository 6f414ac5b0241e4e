// What UTF-8 is, asked of the platform: octets are valid when isUtf8 says so, and a prefix is alive while some
// continuation makes it valid. No table of ours is involved.

import { concat, hex } from "./octets.ts";
import { runtime } from "./runtime.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });

function decodes(octets: Uint8Array): boolean {
  try {
    decoder.decode(octets);
    return true;
  } catch {
    return false;
  }
}

/** Whether octets are valid UTF-8, as the platform has it: Node's `isUtf8`, a TextDecoder in a browser. */
export const isUtf8: (octets: Uint8Array) => boolean =
  runtime === "browser" ? decodes : (await import("node:buffer")).isUtf8;

const completions = ["", "80", "90", "a0", "80 80", "90 80", "a0 80", "80 80 80", "90 80 80"].map(hex);

/** Whether octets that follow a character's end can be continued to valid UTF-8. */
export function isAlive(octets: Uint8Array): boolean {
  return completions.some((completion) => isUtf8(concat(octets, completion)));
}

/**
 * The offset of the octet that makes text invalid, -1 if there is none. Where `isLast`, text that ends inside a character
 * is at fault at its length.
 */
export function firstInvalidOctet(text: Uint8Array, isLast: boolean): number {
  let start = 0; // of the character that is not yet whole
  for (let end = 1; end <= text.length; end++) {
    if (start === end - 1 && text[start]! < 0x80) start = end;
    else if (isUtf8(text.subarray(start, end))) start = end;
    else if (!isAlive(text.subarray(start, end))) return end - 1;
  }
  return isLast && start !== text.length ? text.length : -1;
}

/** The octets on either side of every edge in Unicode's table 3-7. */
export const edgeOctets: readonly number[] = [
  ...hex("00 7f 80 8f 90 9f a0 bf c0 c1 c2 df e0 e1 ec ed ee ef f0 f1 f3 f4 f5 ff"),
];

/** Those, and some in between. */
export const boundaryOctets: readonly number[] = [
  ...hex("00 41 7f 80 81 8f 90 91 9f a0 a1 bf c0 c1 c2 df e0 e1 ec ed ee ef f0 f1 f3 f4 f5 f8 ff"),
];

const asterisk = 0x2a;
const euro = hex("e2 82 ac");

/** Valid text that is not ASCII, to stand before what is judged: euro signs, with asterisks before them where they do not fit. */
export function nonAsciiBefore(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, at) => (at < length % 3 ? asterisk : euro[(at - (length % 3)) % 3]!));
}

/** The same, to stand after it: asterisks come last. */
export function nonAsciiAfter(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, at) => (at < length - (length % 3) ? euro[at % 3]! : asterisk));
}
