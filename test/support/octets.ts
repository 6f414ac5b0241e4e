// Octets for tests: from spaced hex, from a seed, and between guards.

/** Octets of spaced hex: `hex("81 05 48")`. */
export function hex(text: string): Uint8Array<ArrayBuffer> {
  const digits = text.replace(/\s+/g, "");
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new Error(`not hex: ${text}`);
  const octets = new Uint8Array(digits.length / 2);
  for (let index = 0; index < octets.length; index++)
    octets[index] = Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16);
  return octets;
}

/** Spaced hex of octets. */
export function toHex(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join(" ");
}

/** The octets of all parts, in order. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** `length` octets, all `value`. */
export function filled(length: number, value: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).fill(value);
}

/** The octets of `text` in UTF-8. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(text));
}

/** Numbers that look random and are the same in every run (mulberry32). */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed;
  }

  /** An integer from 0 to `bound` - 1. */
  below(bound: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  octets(length: number): Uint8Array<ArrayBuffer> {
    const octets = new Uint8Array(length);
    for (let index = 0; index < length; index++) octets[index] = this.below(256);
    return octets;
  }
}

/** Memory that nobody may read a meaning from, or change, holds this octet: not ASCII, and a continuation in UTF-8. */
export const POISON = 0xa5;

const GUARD_LENGTH = 48;

/**
 * Puts octets at `ptr` between poisoned guards.
 *
 * @returns  a function that tells whether the guards before `ptr` and after the octets still stand; a caller that lets more
 *           octets before `ptr` change says how many
 */
export function placeGuarded(memory: Uint8Array, ptr: number, octets: Uint8Array): (headroom?: number) => boolean {
  const end = ptr + octets.length;
  memory.fill(POISON, ptr - GUARD_LENGTH, end + GUARD_LENGTH);
  memory.set(octets, ptr);
  return (headroom = 0) => {
    for (let at = ptr - GUARD_LENGTH; at < ptr - headroom; at++) if (memory[at] !== POISON) return false;
    for (let at = end; at < end + GUARD_LENGTH; at++) if (memory[at] !== POISON) return false;
    return true;
  };
}
