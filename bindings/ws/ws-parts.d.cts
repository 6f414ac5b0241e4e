// The parts of `wsimd/ws` that the `ws` package exports besides its two classes.

import { type Duplex, Writable } from "node:stream";
import type { BufferLike, PerMessageDeflateOptions, SendOptions } from "./ws-options.cjs";

/** Extensions in use, by name. */
export type Extensions = Record<string, PerMessageDeflate>;

export interface ReceiverOptions {
  /** Default true. */
  allowSynchronousEvents?: boolean | undefined;
  /** Default "nodebuffer". */
  binaryType?: "nodebuffer" | "arraybuffer" | "fragments" | "blob" | undefined;
  extensions?: Extensions | undefined;
  /** The peer is a client and must mask (§5.1). Default false. */
  isServer?: boolean | undefined;
  /** Default 0: no limit. */
  maxBufferedChunks?: number | undefined;
  /** Default 0: no limit. */
  maxFragments?: number | undefined;
  /** Octets. Default 0: no limit. */
  maxPayload?: number | undefined;
  skipUTF8Validation?: boolean | undefined;
}

/**
 * Reads frames: takes the octets of a connection, emits `message` (data, isBinary), `ping` and `pong` (data), `conclude` (code,
 * reason) for a Close, and `error`.
 */
export class Receiver extends Writable {
  constructor(options?: ReceiverOptions);
}

export interface FrameOptions {
  opcode: number;
  fin?: boolean | undefined;
  rsv1?: boolean | undefined;
  mask?: boolean | undefined;
  /** Where the masking key is put: 4 octets. */
  maskBuffer?: Buffer | undefined;
  generateMask?: ((mask: Buffer) => void) | undefined;
  /** Masking must not change `data`. Default false: it is masked in place. */
  readOnly?: boolean | undefined;
}

/** Writes frames to a socket. */
export class Sender {
  constructor(socket: Duplex, extensions?: Extensions, generateMask?: (mask: Buffer) => void);

  /**
   * Serializes a frame (§5.2), as one Buffer or as two: the header, and the payload, which is `data`.
   *
   * @param data     masked in place where `mask` is set and `readOnly` is not
   * @param options  `opcode` at least
   */
  static frame(data: Buffer | string, options: FrameOptions): (Buffer | string)[];

  close(
    code: number | undefined,
    data: string | Buffer | undefined,
    mask?: boolean,
    callback?: (error?: Error) => void,
  ): void;
  ping(data: BufferLike, mask?: boolean, callback?: (error?: Error) => void): void;
  pong(data: BufferLike, mask?: boolean, callback?: (error?: Error) => void): void;
  send(data: BufferLike, options: SendOptions, callback?: (error?: Error) => void): void;
}

/** Parameters of an extension as a handshake holds them (RFC 7692 §7.1): true for one without a value. */
export type ExtensionParameters = Record<string, string | number | true>;

/** Compresses and decompresses the messages of one connection (RFC 7692). */
export class PerMessageDeflate {
  static get extensionName(): "permessage-deflate";

  constructor(
    options?: PerMessageDeflateOptions & {
      isServer?: boolean | undefined;
      /** Octets of an inflated message. Default 0: no limit. */
      maxPayload?: number | undefined;
    },
  );

  /** The parameters that were agreed; null before `accept`. */
  params: ExtensionParameters | null;

  /** The parameters to offer, as a client (§7.1). */
  offer(): ExtensionParameters;
  /**
   * Chooses among offers, as a server, or takes the answer, as a client.
   *
   * @param configurations  as `extension.parse` gives them; changed in place
   * @throws                where none can be accepted, or a parameter is wrong
   */
  accept(configurations: Record<string, (string | true)[]>[]): ExtensionParameters;
  /** Frees what zlib holds. */
  cleanup(): void;
  compress(data: Buffer | string, fin: boolean, callback: (error: Error | null, result?: Buffer) => void): void;
  decompress(data: Buffer, fin: boolean, callback: (error: Error | null, result?: Buffer) => void): void;
}

/** The header `Sec-WebSocket-Extensions` (§9.1). */
export const extension: {
  /** @throws {SyntaxError} where the header is not by the grammar */
  parse(header: string): Record<string, Record<string, (string | true)[]>[]>;
  format(extensions: Record<string, object | readonly object[]>): string;
};

/** The header `Sec-WebSocket-Protocol` (§4.1). */
export const subprotocol: {
  /** @throws {SyntaxError} where the header is not by the grammar, or repeats a name */
  parse(header: string): Set<string>;
};
