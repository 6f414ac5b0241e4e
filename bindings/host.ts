// What the platform does better than we could: strings from octets, octets from strings, fresh memory. Buffer's own slices
// are used where the platform has them (Node, Deno, Bun: 50 ns for a short string, TextDecoder 80), the web's encoders
// elsewhere. Nothing here knows frames; nothing needs Buffer to exist.

import { SHORT_LENGTH, shortText } from "./short-text.ts";

/** The part of a Buffer that this file uses beyond Uint8Array. */
interface BufferOctets extends Uint8Array {
  latin1Slice(start: number, end: number): string;
  utf8Slice(start: number, end: number): string;
  ucs2Slice(start: number, end: number): string;
  utf8Write(text: string, offset: number, length: number): number;
}

type ViewConstructor = new (buffer: ArrayBufferLike, byteOffset: number, length: number) => BufferOctets;

interface BufferConstructor {
  readonly [Symbol.species]?: ViewConstructor;
  from(buffer: ArrayBufferLike, byteOffset?: number, length?: number): BufferOctets;
  allocUnsafeSlow(length: number): BufferOctets;
  allocUnsafe(length: number): BufferOctets;
  byteLength(text: string): number;
  readonly prototype: object;
}

/** What bindings ask of the platform. `view` makes the only kind of Uint8Array that the text functions take. */
export interface Host {
  readonly name: "buffer" | "web";
  /** A view of the whole of `buffer`. */
  view(buffer: ArrayBuffer): Uint8Array;
  /** Fresh octets of undefined content in an ArrayBuffer of their own: the caller writes every one before handing them on. */
  allocate(length: number): Uint8Array;
  /** As `allocate`, but the ArrayBuffer may be shared with what else is allocated so: much faster from 65 octets to 4 KiB. */
  allocateShared(length: number): Uint8Array;
  /** A view of a part of `buffer`. */
  viewOf(buffer: ArrayBuffer, start: number, length: number): Uint8Array;
  /** A copy of the octets from `start` to `end`, in an ArrayBuffer of its own. */
  copyOf(octets: Uint8Array, start: number, end: number): Uint8Array;
  /** A view of octets that `allocate` made. */
  part(octets: Uint8Array, start: number, length: number): Uint8Array;
  /** The string of ASCII octets from `start` to `end`. */
  asciiText(octets: Uint8Array, start: number, end: number): string;
  /** The string of valid UTF-8 from `start` to `end`; a byte order mark stays in it. */
  utf8Text(octets: Uint8Array, start: number, end: number): string;
  /** The string of UTF-16LE from `start` to `end`; a byte order mark stays in it. */
  utf16Text(octets: Uint8Array, start: number, end: number): string;
  /** Octets of text that is not ASCII below which it is faster to transcode it and use `utf16Text`; 0 for never. */
  readonly transcodeBelow: number;
  /** Whether octets are valid UTF-8, where the platform tells fast; null where it does not. */
  readonly isUtf8: ((octets: Uint8Array) => boolean) | null;
  /** Octets of `text` in UTF-8; lone surrogates count as U+FFFD. */
  utf8Length(text: string): number;
  /** Writes `text` as UTF-8 from `offset` to the end of `octets`; false where it does not end there. */
  fillText(text: string, octets: Uint8Array, offset: number): boolean;
  /** Writes `text` as UTF-8 at `offset`, where its octets fit; returns how many they are. */
  writeText(text: string, octets: Uint8Array, offset: number): number;
}

const encoder = /*#__PURE__*/ new TextEncoder();

function fillText(text: string, octets: Uint8Array, offset: number): boolean {
  const { read, written } = encoder.encodeInto(text, octets.subarray(offset));
  return read === text.length && written === octets.length - offset;
}

const webHost: Host = {
  name: "web",
  fillText,
  view: (buffer) => new Uint8Array(buffer),
  allocate: (length) => new Uint8Array(length),
  allocateShared: (length) => new Uint8Array(length),
  viewOf: (buffer, start, length) => new Uint8Array(buffer, start, length),
  copyOf: (octets, start, end) => octets.slice(start, end),
  part: (octets, start, length) => new Uint8Array(octets.buffer, octets.byteOffset + start, length),
  asciiText: (octets, start, end) =>
    end - start <= SHORT_LENGTH
      ? shortText[end - start]!(octets, start)
      : decoder().decode(octets.subarray(start, end)),
  utf8Text: (octets, start, end) => decoder().decode(octets.subarray(start, end)),
  utf16Text: (octets, start, end) =>
    new TextDecoder("utf-16le", { ignoreBOM: true }).decode(octets.subarray(start, end)),
  transcodeBelow: 0,
  isUtf8: null,
  utf8Length: (text) => {
    let length = text.length;
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      if (unit < 0x80) continue;
      length += unit < 0x800 ? 1 : 2;
      const next = text.charCodeAt(index + 1);
      if (unit >= 0xd800 && unit < 0xdc00 && next >= 0xdc00 && next < 0xe000) index++;
    }
    return length;
  },
  writeText: (text, octets, offset) => encoder.encodeInto(text, octets.subarray(offset)).written,
};

let sharedDecoder: TextDecoder | undefined;

function decoder(): TextDecoder {
  sharedDecoder ??= new TextDecoder("utf-8", { ignoreBOM: true });
  return sharedDecoder;
}

/** Versions of the platform's parts, by their names. */
export type Versions = Readonly<Record<string, string | undefined>>;

/** Octets from which Node's `utf8Slice` takes the fast way. */
const FAST_UTF8_LENGTH = 32;

/**
 * The `transcodeBelow` of a platform with Buffer, by its versions. Node's `utf8Slice` goes octet by octet, 0.25 to 0.6 GB/s,
 * before 24.13.1 and 25.5.0, where nodejs/node#61131 brought simdutf for text of 32 octets or more, 1.5 to 7 GB/s; Deno's is at
 * most 1.6. The way by UTF-16 makes 2 GB/s: `npm run bench -- "string "`.
 */
export function transcodeBelowOn({ node, deno, bun }: Versions): number {
  if (deno !== undefined) return Infinity;
  if (bun !== undefined || node === undefined) return FAST_UTF8_LENGTH;
  const [major = NaN, minor = 0, patch = 0] = node.split(".").map(Number);
  const isSlow =
    major < 24 || (major === 24 && (minor < 13 || (minor === 13 && patch < 1))) || (major === 25 && minor < 5);
  return isSlow ? Infinity : FAST_UTF8_LENGTH;
}

/**
 * What makes a Buffer of a part of an ArrayBuffer: the class that Buffer itself makes its parts with, 40 ns, where
 * `Buffer.from` takes 55 and `subarray` 75; `Buffer.from` where that class is something else.
 */
function viewClass(platform: BufferConstructor): ViewConstructor {
  const candidate = platform[Symbol.species];
  // Called with `new`, which an arrow function cannot be.
  function ViaFrom(buffer: ArrayBufferLike, start: number, length: number): BufferOctets {
    return platform.from(buffer, start, length);
  }
  const viaFrom = ViaFrom as unknown as ViewConstructor;
  try {
    const probe = new candidate!(new ArrayBuffer(8), 2, 3);
    const isBuffer = Object.getPrototypeOf(probe) === platform.prototype;
    return isBuffer && probe.byteOffset === 2 && probe.length === 3 ? candidate! : viaFrom;
  } catch {
    return viaFrom;
  }
}

/** What `detect` asks of the global `process`. */
interface Platform {
  readonly versions?: Versions;
  getBuiltinModule?(name: string): { isUtf8?: (octets: Uint8Array) => boolean } | undefined;
}

/**
 * The platform's own validation, which no global has: 24 ns and 20 to 36 GB/s on Bun and on Node, which gives it to code that
 * imports nothing of Node's from 20.16 and 22.3 on. Deno's makes 1.6, a third of the module's.
 */
export function platformIsUtf8(process: Platform): Host["isUtf8"] {
  if (process.versions?.deno !== undefined) return null;
  try {
    return process.getBuiltinModule?.("buffer")?.isUtf8 ?? null;
  } catch {
    return null; // a `process` that somebody else made
  }
}

function bufferHost(platform: BufferConstructor, versions: Versions, isUtf8: Host["isUtf8"]): Host {
  const View = viewClass(platform);
  return {
    name: "buffer",
    fillText,
    view: (buffer) => platform.from(buffer),
    allocate: (length) => platform.allocUnsafeSlow(length),
    // V8 keeps arrays of up to 64 octets on its own heap.
    allocateShared: (length) => (length <= 64 ? platform.allocUnsafeSlow(length) : platform.allocUnsafe(length)),
    viewOf: (buffer, start, length) => new View(buffer, start, length),
    // The buffer's own `slice` allocates without zeros: 2.6 us for 16 KiB, where allocating and copying take 3.3 to 4.4.
    copyOf: (octets, start, end) =>
      new View(octets.buffer.slice(octets.byteOffset + start, octets.byteOffset + end), 0, end - start),
    part: (octets, start, length) => new View(octets.buffer, octets.byteOffset + start, length),
    asciiText: (octets, start, end) =>
      end - start <= SHORT_LENGTH
        ? shortText[end - start]!(octets, start)
        : (octets as BufferOctets).latin1Slice(start, end),
    utf8Text: (octets, start, end) => (octets as BufferOctets).utf8Slice(start, end),
    utf16Text: (octets, start, end) => (octets as BufferOctets).ucs2Slice(start, end),
    transcodeBelow: transcodeBelowOn(versions),
    isUtf8,
    utf8Length: (text) => platform.byteLength(text),
    writeText: (text, octets, offset) => (octets as BufferOctets).utf8Write(text, offset, octets.length - offset),
  };
}

function detect(): Host {
  const platform = globalThis as unknown as { Buffer?: BufferConstructor; process?: Platform };
  const process = platform.process ?? {};
  const candidate = platform.Buffer;
  const needed = ["latin1Slice", "utf8Slice", "ucs2Slice", "utf8Write"];
  const complete = candidate?.prototype && needed.every((name) => name in candidate.prototype);
  return complete && typeof candidate.allocUnsafeSlow === "function"
    ? bufferHost(candidate, process.versions ?? {}, platformIsUtf8(process))
    : webHost;
}

/** The platform this program runs on. */
export const host: Host = /*#__PURE__*/ detect();

/** The host without Buffer, for tests of it on a platform that has one. */
export { webHost };
