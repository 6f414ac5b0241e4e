// A pair of streams, by what is asked of it: each runtime has types of its own for them, and they need not agree.

import { UsageError } from "../errors/classes.ts";

/** Octets that arrive: a ReadableStream of Uint8Arrays. */
export interface OctetReadable {
  readonly locked: boolean;
  getReader(): OctetReader;
}

export interface OctetReader {
  read(): Promise<{ readonly done: boolean; readonly value?: unknown }>;
  cancel(reason?: unknown): Promise<unknown>;
}

/** Octets that leave: a WritableStream of Uint8Arrays. */
export interface OctetWritable {
  readonly locked: boolean;
  getWriter(): OctetWriter;
}

export interface OctetWriter {
  readonly closed: Promise<unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: each runtime has an idea of its own of what may be written
  write(chunk: any): Promise<unknown>;
  close(): Promise<unknown>;
  abort(reason?: unknown): Promise<unknown>;
}

/** Both ways of a connection, such as a `Deno.Conn`, a socket of workerd's, or a WebTransport stream. */
export interface StreamPair {
  readonly readable: OctetReadable;
  readonly writable: OctetWritable;
  /** Half-closes, where closing `writable` ends both ways at once, as a `Deno.Conn`'s does. */
  closeWrite?(): Promise<unknown>;
}

/** @throws UsageError for what is no pair of streams, or is locked to somebody else */
export function checkPair(pair: StreamPair): void {
  const { readable, writable } = (pair ?? {}) as Partial<StreamPair>;
  if (typeof readable?.getReader !== "function" || typeof writable?.getWriter !== "function")
    throw new UsageError("WS_ARGUMENT", "a ReadableStream and a WritableStream are needed: { readable, writable }");
  if (readable.locked || writable.locked)
    throw new UsageError("WS_ARGUMENT", "the streams are locked: somebody else reads or writes them");
}
