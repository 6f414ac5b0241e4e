// Floods: one frame over and over, in chunks of three kinds, and endpoints that keep nothing of what they hear.

import { Duplex } from "node:stream";
import { Connection } from "../../bindings/connection/connection.ts";
import type { ConnectionOptions } from "../../bindings/connection/made-with.ts";
import type { Transport } from "../../bindings/connection/transport.ts";
import type { Server } from "../../bindings/node/index.ts";
import { netOf } from "../node/internals.ts";
import { upgradeRequest } from "../node/support.ts";
import { concat, utf8 } from "../support/octets.ts";
import { octetByOctet } from "../support/peer.ts";
import { referenceDecode } from "../support/reference.ts";

/** How a flood is cut. */
export const chunkings = ["a frame a chunk", "chunks of 64 KiB", "one octet a chunk"] as const;
export type Chunking = (typeof chunkings)[number];

const CHUNK_LENGTH = 65536;

/** Gives `receive` a frame `count` times. The chunks are the same memory again and again: the flood itself holds nothing. */
export function flood(
  frame: Uint8Array,
  count: number,
  chunking: Chunking,
  receive: (chunk: Uint8Array) => void,
): void {
  if (chunking === "chunks of 64 KiB") {
    const perChunk = Math.min(count, Math.floor(CHUNK_LENGTH / frame.length));
    const chunk = concat(...Array.from({ length: perChunk }, () => frame));
    let left = count;
    for (; left >= perChunk; left -= perChunk) receive(chunk);
    if (left !== 0) receive(chunk.subarray(0, left * frame.length));
    return;
  }
  const chunks = chunking === "a frame a chunk" ? [frame] : octetByOctet(frame);
  for (let round = 0; round < count; round++) for (const chunk of chunks) receive(chunk);
}

/** A transport that takes everything and keeps nothing. */
export const nowhere: Transport = { write: () => true, end() {}, destroy() {} };

/** A connection that keeps nothing of what it hears or says. */
export function connectionTo(
  transport: Transport = nowhere,
  options: Partial<ConnectionOptions<Connection>> = {},
): Connection<Connection> {
  return new Connection<Connection>({ role: "server", transport, ...options });
}

/** A stream that a server reads as it would a socket: what is received comes in the chunks that the test says. */
export class Wire extends Duplex {
  override _read(): void {}

  override _write(_chunk: Uint8Array, _encoding: string, done: () => void): void {
    done();
  }

  receive(chunk: Uint8Array): void {
    this.push(chunk);
  }
}

/** A wire that keeps what the server writes. */
export class KeepingWire extends Wire {
  private readonly written: Uint8Array[] = [];

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.written.push(Uint8Array.from(chunk));
    done();
  }

  /** The frames behind the answer to the handshake. */
  sent(): readonly string[] {
    const octets = Buffer.from(concat(...this.written));
    return referenceDecode(octets.subarray(octets.indexOf("\r\n\r\n") + 4), { role: "client" }).events;
  }
}

/** A connection of a running server over a wire, its handshake done. */
export function wireTo(server: Server<unknown>, wire: Wire = new Wire()): Wire {
  netOf(server).emit("connection", wire);
  wire.receive(utf8(upgradeRequest()));
  return wire;
}
