// What an extension changes of a connection, as the connection sees it. RFC 6455 §9. Which extension that is, and what it does
// with octets, is the affair of whoever made it.

import type { Flow, PieceConsumer } from "./pieces.ts";

/** Made for one connection. */
export interface ConnectionExtension {
  /** The reserved bits that it defines: RSV1 4, RSV2 2, RSV3 1. */
  readonly allowedRsv: number;
  /** Makes the consumer of the wire's pieces; what it passes on to `next` becomes messages. */
  consume(next: PieceConsumer, flow: Flow): PieceConsumer;
  /** Changes messages on the way out; left out: they go as they are. */
  readonly outbound?: OutboundExtension | undefined;
  /** The connection is closed. */
  drop?(): void;
}

/** Changes the payloads of messages, one at a time: what is sent meanwhile waits. */
export interface OutboundExtension {
  /** Bits of the first octet of a message that it changed. RFC 6455 §5.8. */
  readonly bits: number;
  /** Whether a message of about `length` octets is to be changed; `choice` is its sender's, who may have none. */
  takes(length: number, choice: boolean | undefined): boolean;
  /** The same of a message that comes in parts, which are changed one by one, until `endParts`. */
  takesParts(choice: boolean | undefined): boolean;
  /** The payload of the last frame of a message that came in parts. */
  endParts(): Uint8Array;
  /** Whether so many octets are changed before `change` returns; more are given to `changeLater`. */
  isShort(length: number): boolean;
  /**
   * Changes the octets from `start` to `end`, a whole message or a part of one.
   *
   * @returns  octets that are borrowed until the next call; null where a whole message is better sent as it is
   */
  change(octets: Uint8Array, start: number, end: number, isWhole: boolean): Uint8Array | null;
  /**
   * The same, elsewhere. `octets` are borrowed until `done` is called; what that is given, until it returns. A part that could not
   * be changed is null, with the error. Where the connection has closed, `done` is not called.
   */
  changeLater(octets: Uint8Array, isWhole: boolean, done: (changed: Uint8Array | null, error?: unknown) => void): void;
}
