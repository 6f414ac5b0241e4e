// Messages as permessage-deflate has them on the wire, RFC 7692 §7.2, and back. With context takeover a message may refer to the
// 32 KiB before it; a dictionary says the same to zlib, a call at a time.

import { constants, deflateRawSync, inflateRawSync, type ZlibOptions } from "node:zlib";
import { encodeFrame, Opcode } from "../../../bindings/index.ts";

const LARGEST_WINDOW_BITS = 15;
const RSV1 = 4;

/** §7.2.1: what the end of a flushed stream is, and is not sent. */
const tail: Buffer = Buffer.from([0x00, 0x00, 0xff, 0xff]);

/** What a message may refer to. */
export class History {
  private readonly isTakenOver: boolean;
  private readonly windowBits: number;
  private octets: Buffer = Buffer.alloc(0);

  /** @param isTakenOver  whether messages know those before them */
  constructor(isTakenOver: boolean, windowBits: number = LARGEST_WINDOW_BITS) {
    this.isTakenOver = isTakenOver;
    this.windowBits = windowBits;
  }

  compress(message: Buffer): Buffer {
    const compressed = deflateRawSync(message, this.options);
    this.add(message);
    return compressed.subarray(0, -tail.length);
  }

  /** @throws for what is no DEFLATE stream, and what refers to more than there is */
  inflate(payload: Uint8Array): Buffer {
    const message = inflateRawSync(Buffer.concat([payload, tail]), this.options);
    this.add(message);
    return message;
  }

  /** The other side has forgotten it: a message was sent as it is. What does not refer to it does not need it. */
  private add(message: Buffer): void {
    if (this.isTakenOver) this.octets = Buffer.concat([this.octets, message]).subarray(-(2 ** this.windowBits));
  }

  private get options(): ZlibOptions {
    const options = { finishFlush: constants.Z_SYNC_FLUSH, windowBits: this.windowBits };
    return this.octets.length === 0 ? options : { ...options, dictionary: this.octets };
  }
}

/** The messages as a client's frames, in the order of a context that begins with the first. */
export function compressedFrames(messages: readonly Buffer[], isText: boolean, history: History): Uint8Array[] {
  const opcode = isText ? Opcode.Text : Opcode.Binary;
  return messages.map((message) => encodeFrame(opcode, history.compress(message), { role: "client", rsv: RSV1 }));
}
