// What a decoder hands on: pieces, each what a chunk holds of a frame. Whoever consumes them decides what a message is:
// messages.ts puts them together, streaming.ts gives long ones to a loop; an extension puts a consumer of its own before those.

import type { PeerError } from "../errors/classes.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Account } from "./budget.ts";

/** Where the octets of a piece are; a batch is one. */
export interface PieceSource {
  /** Made by the platform's `host.view` or `host.allocate` where text is in it: strings are made from its own slices. */
  readonly octets: Uint8Array;
  /** The same memory as words from its first octet; null where it cannot be seen so. */
  readonly words: Int32Array | null;
  /** The octets from `start` to `end` in memory that may be handed out; null where they must be copied. */
  partOfChunk(start: number, end: number): Uint8Array | null;
}

/** Takes the pieces of data frames, in order. */
export interface PieceConsumer {
  /**
   * Takes one piece.
   *
   * @param source  where the piece is; borrowed until this returns
   * @param bits    a record's first word: the frame's first octet and RECORD_* flags; MESSAGE_END ends the message
   * @param start   the piece's first octet, as an index of `source.octets`
   * @param end     the octet after its last
   */
  piece(source: PieceSource, bits: number, start: number, end: number): void;
  /** Drops what is unfinished: nothing more comes. */
  drop(): void;
  /** Whether there is nothing that it has to remember: another may take its place. Left out: there is. */
  readonly isAtRest?: boolean;
}

/** What a consumer that takes time asks of whoever brings its pieces. */
export interface Flow {
  /** Nothing more is brought until `proceed`: pieces, control frames and the end wait, and the transport with them. */
  wait(): void;
  /**
   * Ends a `wait`: `work` is called as pieces are brought, when delivery goes on, and then what waits is, unless `work` waits
   * anew. Never called from within `piece` or `work`; of no effect once the consumer was dropped.
   */
  proceed(work: () => void): void;
  /** Whether anybody waits: whoever has given a piece to the next consumer looks, and suspends what it has not given yet. */
  readonly isWaiting: boolean;
  /** `work` is called when that wait is over, before anything else is brought. */
  suspend(work: () => void): void;
  /** A piece has taken long: the turn may be over. */
  tookLong(): void;
  /** Fails the connection for what the peer sent. */
  fail(error: PeerError): void;
  /** Where what a consumer keeps is charged. */
  readonly account: Account;
  readonly kernel: Kernel;
  /** Octets that a message may have. */
  readonly maxMessageLength: number;
  /** Whether text is not validated. */
  readonly skipUtf8: boolean;
}
