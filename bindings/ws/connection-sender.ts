// The Sender of a WebSocket that has a connection: what others encoded goes out among its own frames, in order.

import type { Duplex } from "node:stream";
import { FIN_BIT, OPCODE_BITS } from "../../assembly/constants.ts";
import type { EndpointConnection } from "./connection.ts";
import { frame } from "./frame.ts";
import { type Extensions, later, type SendCallback, Sender } from "./sender.ts";

export class ConnectionSender extends Sender {
  private readonly connection: EndpointConnection;
  private readonly maskGenerator: ((key: Buffer) => void) | undefined;

  constructor(
    socket: Duplex,
    extensions: Extensions,
    connection: EndpointConnection,
    generateMask: ((key: Buffer) => void) | undefined,
  ) {
    super(socket, extensions, generateMask);
    this.connection = connection;
    this.maskGenerator = generateMask;
  }

  override sendFrame(list: readonly (Uint8Array | string)[], callback?: SendCallback): void {
    const parts = list.map((part) => (typeof part === "string" ? Buffer.from(part) : part));
    this.connection.sendEncoded(parts, later(callback));
  }

  /** Sends a frame that is masked as its sender wants it. */
  sendMasked(
    first: number,
    payload: string | Uint8Array,
    mask: boolean,
    done: ((error?: unknown) => void) | undefined,
  ): void {
    const options = { opcode: first & OPCODE_BITS, fin: (first & FIN_BIT) !== 0, mask, readOnly: true };
    this.connection.sendEncoded(frame(payload, { ...options, generateMask: this.maskGenerator }), done);
  }
}
