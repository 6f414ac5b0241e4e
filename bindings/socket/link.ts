// The seam between a runtime and everything above it: a connected stream of octets, whatever the runtime makes of one. Node's
// streams, Deno's conns, Bun's sockets and the web's pairs of streams each have a Link; handshakes and sockets know only that.

import type { Transport } from "../connection/transport.ts";

/** Who is told what arrives. */
export interface OctetSink {
  /** A chunk, whose memory is the sink's from now on. */
  arrived(chunk: Uint8Array): void;
  /** The peer's FIN. */
  ended(): void;
  /** The link is gone; the error says why, if it was not an orderly end. */
  closed(error: unknown): void;
}

/** Who is also told where octets are that nobody made a chunk of. */
export interface LinkSink extends OctetSink {
  /** `length` octets at the start of `region`, whose memory stays the link's: what is read next overwrites them. */
  landed(region: Uint8Array, length: number): void;
}

/** Who is told when octets that were not taken at once are. */
export interface Carried {
  writeCompleted(): void;
}

/** A connected stream of octets, both ways. What a Connection asks of it is Transport; the rest is the handshake's. */
export interface Link extends Transport {
  /** Whether it was destroyed, or broke off: nothing is written any more. */
  readonly isGone: boolean;
  /** Whether nothing of what was written waits in this process. */
  readonly isDrained: boolean;
  /** The peer's address; undefined where it is not known, or no longer. */
  readonly remoteAddress: string | undefined;
  /** Begins to give `sink` what arrives; called again, it gives the octets to another. */
  read(sink: LinkSink): void;
  /** Tells the link whose octets it carries, before the first `write`. */
  carry(connection: Carried): void;
  /** Writes octets whose leaving nobody waits for, before there is a connection; they are the link's from now on. */
  say(octets: Uint8Array): void;
  /** Writes the last octets, which are the link's from now on, and half-closes; `sent` is called once it holds none of them. */
  conclude(octets: Uint8Array, sent: () => void): void;
  pause(): void;
  resume(): void;
}
