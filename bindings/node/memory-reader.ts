// Reading into linear memory: the kernel of the system writes what arrives on a socket to the input region of the module, and
// no Buffer is made for it. Node does this for sockets that are made with `onread`; on a socket that exists already it takes
// the two properties that `onread` sets and a call of the handle. Neither is public: they are looked up once, tried out once
// on a connection of the process with itself (memory-trial.ts), and where anything is not as expected nobody reads this way.
//
// One region serves all sockets: Node reads when a socket is readable and calls back at once, before it reads from another.

import { Socket as NetSocket } from "node:net";
import type { Duplex } from "node:stream";
import type { Kernel } from "../kernel/kernel.ts";
import type { LinkSink } from "../socket/link.ts";
import { attachSink, type ReadStream, readByEvents, type StreamReader, sinkKey } from "./stream-reader.ts";

/** What a handle of Node's offers for this. */
interface UserBufferHandle {
  useUserBuffer?(view: Uint8Array): void;
}

/** Called by Node with what it has read; `false` stops reading. */
export type ReadCallback = (this: NetSocket, length: number, region: Uint8Array) => unknown;

type Fields = Record<symbol, unknown> & { readonly _handle?: UserBufferHandle | null };

/** The names of the properties that `onread` sets. */
interface Keys {
  readonly buffer: symbol;
  readonly callback: symbol;
}

/** Looks the names up on a socket made for it, by what it was given. */
function findKeys(): Keys | null {
  const buffer = new Uint8Array(1);
  const callback = (): boolean => true;
  const options = { onread: { buffer, callback } }; // an option that the types keep to `connect`
  const probe = new NetSocket(options as object) as unknown as Fields;
  const keyOf = (value: unknown): symbol | undefined =>
    Object.getOwnPropertySymbols(probe).find((key) => probe[key] === value);
  const keys = { buffer: keyOf(buffer), callback: keyOf(callback) };
  return keys.buffer === undefined || keys.callback === undefined ? null : (keys as Keys);
}

// Bun and Deno have sockets of the same names that work otherwise; Windows reads ahead, when the region may be in use.
export const isPossible: boolean =
  process.versions.bun === undefined && process.versions.deno === undefined && process.platform !== "win32";

let keys: Keys | null | undefined;

/**
 * Has Node read from a socket of its own into `region`.
 *
 * @returns  false where this socket cannot be read so: nothing of it has changed
 */
export function readInto(stream: Duplex, region: Uint8Array, callback: ReadCallback): boolean {
  if (!isPossible || Object.getPrototypeOf(stream) !== NetSocket.prototype) return false;
  keys ??= findKeys();
  const fields = stream as unknown as Fields;
  const handle = fields._handle;
  if (keys === null || typeof handle?.useUserBuffer !== "function") return false;
  if (fields[keys.buffer] !== null || fields[keys.callback] !== null) return false;
  if (stream.readableLength !== 0 || stream.readableEncoding !== null) return false;
  handle.useUserBuffer(region);
  fields[keys.buffer] = region;
  fields[keys.callback] = callback;
  return true;
}

function onRead(this: NetSocket, length: number, region: Uint8Array): void {
  ((this as ReadStream)[sinkKey] as LinkSink).landed(region, length);
}

const readers = new WeakMap<Kernel, StreamReader<LinkSink>>();

/** The reader into a kernel's input region; sockets that cannot be read so are read by events. */
export function memoryReader(kernel: Kernel): StreamReader<LinkSink> {
  let reader = readers.get(kernel);
  if (reader === undefined) {
    const region = kernel.inputView(kernel.inputCapacity);
    reader = (stream, sink) => {
      if ((stream as ReadStream)[sinkKey] === undefined && !readInto(stream, region, onRead))
        readByEvents(stream, sink);
      else attachSink(stream, sink);
    };
    readers.set(kernel, reader);
  }
  return reader;
}
