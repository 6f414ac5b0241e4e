// The way out of a connection on a stream of Node's, and its life: writes, half-close, destruction, back-pressure. What
// arrives comes through a StreamReader; see stream-reader.ts.
//
// A TCP or pipe socket of Node's own that has nothing left to write has given everything to the kernel, and the octets'
// memory is free again; a TLS socket has encrypted them when it calls back. Any other stream may hold octets long after
// that, as a PassThrough does until they are read: it gets copies, which are its own for ever.

import { constants, type ServerHttp2Stream } from "node:http2";
import { Socket as NetSocket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import type { Transport } from "../connection/transport.ts";
import type { Carried } from "../socket/link.ts";
import { type HandleWriter, Written } from "./handle-writer.ts";

const nothing = Buffer.alloc(0);

/** What a stream does with octets it was given; see above. */
const Kind = { Any: 0, Tls: 1, Kernel: 2 } as const;

/** Other runtimes have sockets of the same shape that work otherwise. */
const isNode = process.versions.bun === undefined && process.versions.deno === undefined;

/** Their own prototypes: a subclass may do with what it is given as it likes. */
function kindOf(stream: Duplex): (typeof Kind)[keyof typeof Kind] {
  const prototype: unknown = Object.getPrototypeOf(stream);
  if (prototype === TLSSocket.prototype) return Kind.Tls;
  if (prototype !== NetSocket.prototype) return Kind.Any;
  return isNode ? Kind.Kernel : Kind.Tls;
}

export class StreamTransport implements Transport {
  readonly stream: Duplex;
  private readonly kind: (typeof Kind)[keyof typeof Kind];
  private readonly writer: HandleWriter | null;
  private connection: Carried | null = null;
  private isCorked = false;

  /** @param writer  writes to sockets of Node's own without their streams; null where nothing does */
  constructor(stream: Duplex, writer: HandleWriter | null = null) {
    this.stream = stream;
    this.kind = kindOf(stream);
    this.writer = this.kind === Kind.Kernel ? writer : null;
  }

  /** Tells the transport whose octets it carries. */
  get keepsOctets(): boolean {
    return this.kind === Kind.Tls;
  }

  carry(connection: Carried): void {
    this.connection = connection;
  }

  write(octets: Uint8Array, more: boolean): boolean {
    const { stream } = this;
    if (stream.destroyed || stream.writableEnded) return false; // never written: `transportClosed` will say why
    if (this.writer !== null && !more && !this.isCorked) {
      const written = this.writer.write(stream as NetSocket, octets);
      if (written === Written.Whole) return true;
      if (written === Written.Partly) {
        if (!stream.destroyed) this.writeLast(nothing);
        return false;
      }
    }
    if (more && !this.isCorked) {
      this.isCorked = true;
      stream.cork();
    }
    const isKernelSocket = this.kind === Kind.Kernel;
    const given = this.kind === Kind.Any ? Buffer.from(octets) : octets;
    if (isKernelSocket || more) stream.write(given);
    else this.writeLast(given);
    if (more) return false;
    if (this.isCorked) {
      this.isCorked = false;
      stream.uncork();
    }
    if (!isKernelSocket) return false;
    if (stream.writableLength === 0) return true;
    // A write of nothing ends after those before it; `drain` would not come where little is left.
    this.writeLast(nothing);
    return false;
  }

  /** What the handle has counts twice where the stream counts it too: only whether it becomes less is asked. */
  get unsentLength(): number {
    const handle = (this.stream as { readonly _handle?: { readonly writeQueueSize?: number } | null })._handle;
    return this.stream.writableLength + (handle?.writeQueueSize ?? 0);
  }

  end(): void {
    if (!this.stream.destroyed) this.stream.end();
  }

  destroy(): void {
    void (this.stream as Partial<NetSocket>).remoteAddress; // the socket remembers what it was asked for: `close` may want it
    // RFC 8441 §4: what is a reset elsewhere is CANCEL here; destroying alone would say NO_ERROR.
    if ("rstCode" in this.stream) (this.stream as ServerHttp2Stream).close(constants.NGHTTP2_CANCEL);
    this.stream.destroy();
  }

  pause(): void {
    this.stream.pause();
  }

  resume(): void {
    this.stream.resume();
  }

  /** Writes, and tells the connection when this and what came before is taken. A function is made for it: few writes wait. */
  private writeLast(octets: Uint8Array): void {
    this.stream.write(octets, (error) => {
      // A stream that is gone calls back without an error, whatever became of the write: its end will say why.
      if (!error && !this.stream.destroyed) this.connection?.writeCompleted();
    });
  }
}
