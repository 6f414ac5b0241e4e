// The seam between a stream of Node's and whoever reads from it: chunks, the end of input, the end of the stream. The reader
// here takes `data` events; memory-reader.ts has the kernel of the system write to linear memory. One set of listeners serves
// all sockets, so that a connection costs no closures: who reads from a socket is a property of it.

import type { Duplex } from "node:stream";
import * as timers from "node:timers";
import type { OctetSink } from "../socket/link.ts";

// That which Node began with: an application's tests may have put a clock of their own in its place.
const { setImmediate } = timers;

/** Begins to read from a socket; calling it again gives the octets to another sink. */
export type StreamReader<Sink extends OctetSink = OctetSink> = (stream: Duplex, sink: Sink) => void;

export const sinkKey: unique symbol = Symbol("wsimd.sink");
const errorKey: unique symbol = Symbol("wsimd.error");

/** A stream that somebody reads from. */
export interface ReadStream extends Duplex {
  [sinkKey]?: OctetSink;
  [errorKey]?: unknown;
  /** Of HTTP/2 only: RST_STREAM's code, 0 while there was none. */
  readonly rstCode?: number;
}

function onData(this: ReadStream, chunk: Uint8Array): void {
  this[sinkKey]!.arrived(chunk);
}

function onEnd(this: ReadStream): void {
  if (this.rstCode === undefined) this[sinkKey]!.ended();
  // A stream of HTTP/2 ends also where it was reset, and says so later in the same turn.
  else setImmediate(() => this.closed === true || this[sinkKey]!.ended());
}

function onError(this: ReadStream, error: unknown): void {
  this[errorKey] = error;
  this.destroy();
}

function onClose(this: ReadStream): void {
  this[sinkKey]!.closed(this[errorKey] ?? (this.rstCode ? resetError(this.rstCode) : undefined));
}

/** RFC 8441 §4: a reset stream is what a reset connection is elsewhere. */
const resetError = (rstCode: number): Error =>
  Object.assign(new Error(`the stream was reset, code ${rstCode} (RFC 9113 §7)`), { code: "ECONNRESET" });

/** Makes `sink` hear of the ends of a stream; false where it only took another's place. */
export function attachSink(stream: ReadStream, sink: OctetSink): boolean {
  const isNew = stream[sinkKey] === undefined;
  stream[sinkKey] = sink;
  if (!isNew) return false;
  stream.on("end", onEnd);
  stream.on("error", onError);
  stream.on("close", onClose);
  return true;
}

/** Reads by `data` events. */
export const readByEvents: StreamReader = (stream, sink) => {
  if (!attachSink(stream, sink)) return;
  stream.on("data", onData);
  if (stream.readableFlowing === false) stream.resume(); // whoever made it may have stopped it until somebody listens
};

/**
 * Takes over a stream that nobody read from for a while: somebody else's until now.
 *
 * @param first  octets that were taken from it already; copied
 * @returns      those, and what the stream holds: they go before whatever `sink` is given
 */
export function takeOver<Sink extends OctetSink>(
  stream: Duplex,
  sink: Sink,
  read: StreamReader<Sink>,
  first: Uint8Array,
): Uint8Array {
  const parts = [first];
  // Also where it holds nothing this makes the stream read on, which a full one has stopped to do.
  for (let part = stream.read() as Buffer | null; part !== null; part = stream.read() as Buffer | null) {
    parts.push(part);
  }
  read(stream, sink);
  if (stream.isPaused()) stream.resume();
  // An end that came before is not told again.
  if (stream.readableEnded) process.nextTick(() => (stream as ReadStream)[sinkKey]!.ended());
  return new Uint8Array(Buffer.concat(parts));
}
