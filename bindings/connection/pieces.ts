// What a decoder hands on: pieces, each what a chunk holds of a frame. Whoever consumes them decides what a message is:
// messages.ts puts them together; an extension puts a consumer of its own before that one; a stream would be another.

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
}

/** What an extension changes on the way in. RFC 6455 §9. */
export interface InboundExtension {
  /** The reserved bits it defines: RSV1 4, RSV2 2, RSV3 1. */
  readonly allowedRsv: number;
  /** Makes the consumer of the wire's pieces; what it passes on to `next` becomes messages. */
  consume(next: PieceConsumer): PieceConsumer;
}
