// The way out of a connection on a Node socket, and its life: writes, half-close, destruction, back-pressure. What arrives
// comes through a StreamReader; see stream-reader.ts.

import type { Socket as NetSocket } from "node:net";
import type { Connection } from "../connection/connection.ts";
import type { Transport } from "../connection/transport.ts";

const nothing = Buffer.alloc(0);

export class StreamTransport implements Transport {
  readonly stream: NetSocket;
  private connection: Connection<never> | null = null;
  private isCorked = false;

  /** @param stream  a TCP or pipe socket of Node's own: others may hold octets that they count as written */
  constructor(stream: NetSocket) {
    this.stream = stream;
  }

  /** Tells the transport whose octets it carries. */
  carry(connection: Connection<never>): void {
    this.connection = connection;
  }

  write(octets: Uint8Array, more: boolean): boolean {
    const { stream } = this;
    if (stream.destroyed || stream.writableEnded) return false; // never written: `transportClosed` will say why
    if (more && !this.isCorked) {
      this.isCorked = true;
      stream.cork();
    }
    stream.write(octets);
    if (more) return false;
    if (this.isCorked) {
      this.isCorked = false;
      stream.uncork();
    }
    // Nothing left in the stream: the kernel took it all, and the octets' memory is free again.
    if (stream.writableLength === 0) return true;
    // A write of nothing ends after those before it; `drain` would not come where little is left.
    stream.write(nothing, this.completed);
    return false;
  }

  end(): void {
    if (!this.stream.destroyed) this.stream.end();
  }

  destroy(): void {
    void this.stream.remoteAddress; // the socket remembers what it was asked for: `close` handlers may want it
    this.stream.destroy();
  }

  pause(): void {
    this.stream.pause();
  }

  resume(): void {
    this.stream.resume();
  }

  private readonly completed = (error?: Error | null): void => {
    if (!error) this.connection?.writeCompleted(); // else the end of the socket will say why
  };
}
