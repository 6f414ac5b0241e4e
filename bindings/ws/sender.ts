// ws's Sender: messages, pings, pongs and Closes as frames on a stream of the caller's. A WebSocket has a connection for that,
// and a Sender only for whoever asks it for one: packages encode a frame once and send it to many.

import type { Duplex } from "node:stream";
import {
  OPCODE_BINARY,
  OPCODE_CLOSE,
  OPCODE_CONTINUATION,
  OPCODE_PING,
  OPCODE_PONG,
  OPCODE_TEXT,
} from "../../assembly/constants.ts";
import { UsageError } from "../errors/classes.ts";
import { closePayload } from "./close-payload.ts";
import { type BlobLike, isBlob, octetsFrom } from "./data.ts";
import { type FrameOptions, frame } from "./frame.ts";
import { Order } from "./order.ts";
import { PerMessageDeflate } from "./permessage-deflate.ts";

export type SendCallback = (error?: Error | null) => void;

/** Calls back in a tick of its own, whenever the connection does. */
export function later(callback: SendCallback | undefined): ((error?: unknown) => void) | undefined {
  return callback && ((error) => void process.nextTick(callback, errorOf(error)));
}

/** What an application is told: of a connection that closed, no more than that. */
function errorOf(error: unknown): Error | null {
  if (!(error instanceof UsageError)) return (error ?? null) as Error | null;
  return new Error(error.message, { cause: error });
}

export interface SendOptions {
  readonly binary?: boolean | undefined;
  readonly compress?: boolean | undefined;
  readonly fin?: boolean | undefined;
  readonly mask?: boolean | undefined;
}

/** Extensions that were negotiated, by their names. */
export type Extensions = Record<string, PerMessageDeflate>;

type Payload = string | Buffer | BlobLike;

const lengthOf = (data: Payload): number =>
  typeof data === "string" ? Buffer.byteLength(data) : isBlob(data) ? data.size : data.length;

export class Sender {
  /** Makes a frame; see frame.ts. */
  static frame(data: string | Buffer, options: FrameOptions): Buffer[] {
    return frame(data, options) as Buffer[];
  }

  /** Called where something could not be sent. */
  onerror: (error: Error) => void = () => {};
  readonly _socket: Duplex;
  private readonly deflate: PerMessageDeflate | undefined;
  private readonly generateMask: ((key: Buffer) => void) | undefined;
  private readonly order = new Order();
  /** Whether a message has begun that has not ended, and is compressed. */
  private isInside = false;
  private isCompressed = false;

  constructor(socket: Duplex, extensions: Extensions = {}, generateMask?: (key: Buffer) => void) {
    this._socket = socket;
    this.deflate = extensions[PerMessageDeflate.extensionName];
    this.generateMask = generateMask;
  }

  /** Octets that wait to be written. */
  get _bufferedBytes(): number {
    return this.order.length;
  }

  /** @throws TypeError, RangeError for a code or a reason that may not be sent. RFC 6455 §7.4 */
  close(
    code: number | undefined,
    data: string | Uint8Array | undefined,
    mask?: boolean,
    callback?: SendCallback,
  ): void {
    this.sendControl(OPCODE_CLOSE, closePayload(code, data), mask, callback);
  }

  /** @throws RangeError for more than 125 octets. RFC 6455 §5.5 */
  ping(data: unknown, mask?: boolean, callback?: SendCallback): void {
    this.sendControl(OPCODE_PING, controlData(data), mask, callback);
  }

  /** As `ping`. */
  pong(data: unknown, mask?: boolean, callback?: SendCallback): void {
    this.sendControl(OPCODE_PONG, controlData(data), mask, callback);
  }

  /** Sends a message, or a fragment of one. */
  send(data: unknown, options: SendOptions, callback?: SendCallback): void {
    const payload = typeof data === "string" || isBlob(data) ? data : octetsFrom(data);
    const isFirst = !this.isInside;
    if (isFirst) this.isCompressed = options.compress === true && this.deflate?.takes(lengthOf(payload)) === true;
    this.isInside = options.fin !== true;
    const opcode = isFirst ? (options.binary ? OPCODE_BINARY : OPCODE_TEXT) : OPCODE_CONTINUATION;
    const rsv1 = isFirst && this.isCompressed;
    const readOnly = typeof payload !== "string" && octetsOfCaller(data);
    this.add(payload, this.isCompressed, { opcode, rsv1, fin: options.fin, mask: options.mask, readOnly }, callback);
  }

  /** Writes a frame: header and payload, or all of it in one. */
  sendFrame(list: readonly (Uint8Array | string)[], callback?: SendCallback): void {
    this._socket.cork();
    for (const part of list.slice(0, -1)) this._socket.write(part);
    this._socket.write(list.at(-1), callback);
    this._socket.uncork();
  }

  private sendControl(opcode: number, data: Payload, mask: boolean | undefined, callback?: SendCallback): void {
    this.add(data, false, { opcode, mask, fin: true, readOnly: octetsOfCaller(data) }, callback);
  }

  private add(data: Payload, compress: boolean, options: FrameOptions, callback: SendCallback | undefined): void {
    const all = { ...options, generateMask: this.generateMask };
    const put = (octets: string | Buffer): void => this.sendFrame(frame(octets, all), callback);
    const lost = (error: Error): void => callback?.(error);
    this.order.add(
      () => {
        if (!compress && !isBlob(data)) put(data);
        else
          return this.prepare(data, compress, options.fin === true)
            .then(put)
            .catch((error: Error) => this.fail(error, lost));
      },
      lengthOf(data),
      lost,
    );
  }

  /** Reads, and compresses, what is to be sent. */
  private async prepare(data: Payload, compress: boolean, fin: boolean): Promise<Buffer> {
    const octets =
      typeof data === "string" ? Buffer.from(data) : isBlob(data) ? Buffer.from(await data.arrayBuffer()) : data;
    if (!compress) return octets;
    return new Promise((resolve, reject) =>
      this.deflate!.compress(octets, fin, (error, compressed) => (error ? reject(error) : resolve(compressed!))),
    );
  }

  private fail(error: Error, lost: (error: Error) => void): void {
    process.nextTick(() => {
      lost(error);
      this.order.drop(error);
      this.onerror(error);
    });
  }
}

/** Whether octets are the caller's own memory, which is not masked in place. */
const octetsOfCaller = (data: unknown): boolean => data instanceof ArrayBuffer || ArrayBuffer.isView(data);

/** A ping's payload. @throws RangeError */
function controlData(data: unknown): Payload {
  const payload = typeof data === "string" || isBlob(data) ? data : octetsFrom(data);
  if (lengthOf(payload) <= 125) return payload;
  throw new RangeError(`a control frame has at most 125 octets (RFC 6455 §5.5), not ${lengthOf(payload)}`);
}
