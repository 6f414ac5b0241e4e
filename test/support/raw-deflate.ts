// DEFLATE without a line of the code under test: zlib's calls for whole buffers, as Node has them. Deno's take a dictionary for
// a raw stream and do not use it; pako, which is zlib in JavaScript, stands in for them there.

import { constants, type ZlibOptions, deflateRawSync as zlibDeflate, inflateRawSync as zlibInflate } from "node:zlib";
import * as pako from "pako";
import { runtime } from "./runtime.ts";

type Settings = Pick<ZlibOptions, "level" | "memLevel" | "windowBits" | "chunkSize" | "finishFlush" | "dictionary">;
type Stream = InstanceType<typeof pako.Deflate> | InstanceType<typeof pako.Inflate>;

/** All that comes of the octets. @throws Error where they are no stream */
function through(stream: Stream, octets: Uint8Array, flush: number): Buffer {
  const chunks: Uint8Array[] = [];
  stream.onData = (chunk) => void chunks.push(chunk as Uint8Array);
  stream.push(octets, flush as 0 | 1 | 2 | 3 | 4);
  if (stream.err !== 0) throw new Error(stream.msg || String(stream.err));
  return Buffer.concat(chunks);
}

const settingsOf = ({ finishFlush: _, ...settings }: Settings): object => ({ ...settings, raw: true });

/** A raw stream of the octets: `zlib.deflateRawSync`. */
export function deflateRawSync(octets: Uint8Array, settings: Settings = {}): Buffer {
  if (runtime !== "deno") return zlibDeflate(octets, settings);
  return through(new pako.Deflate(settingsOf(settings)), octets, settings.finishFlush ?? constants.Z_FINISH);
}

/** The octets of a raw stream: `zlib.inflateRawSync`. @throws Error */
export function inflateRawSync(octets: Uint8Array, settings: Settings = {}): Buffer {
  if (runtime !== "deno") return zlibInflate(octets, settings);
  return through(new pako.Inflate(settingsOf(settings)), octets, settings.finishFlush ?? constants.Z_FINISH);
}
