// Messages to DEFLATE and back, as RFC 7692 §7.2 has it. It uses zlib's calls for whole buffers: what a stream would keep
// between two messages is the window alone, which those calls take as a dictionary. So each message is done when the call
// returns, and no frame overtakes it.

import { constants } from "node:zlib";
import { concat, hex } from "../../support/octets.ts";
import { deflateRawSync, inflateRawSync } from "../../support/raw-deflate.ts";
import type { Direction } from "./negotiation.ts";

/** The end of an empty stored block: what a sync flush leaves, and no message carries. §7.2.1 */
const tail = hex("00 00 ff ff");

/** zlib compares a distance with its window only where it goes back beyond its output buffer: that must be small. */
const SMALLEST_OUTPUT_LENGTH = 64;

/** The last octets of all messages, as far as a window reaches. */
class Window {
  private readonly capacity: number;
  private readonly isKept: boolean;
  private octets: Uint8Array = new Uint8Array(0);

  constructor({ contextTakeover, windowBits }: Direction) {
    this.capacity = 2 ** windowBits;
    this.isKept = contextTakeover;
  }

  /** As an option of zlib's calls, which take no empty one. */
  get option(): { readonly dictionary?: Uint8Array } {
    return this.octets.length === 0 ? {} : { dictionary: this.octets };
  }

  add(message: Uint8Array): void {
    if (!this.isKept) return;
    const whole = message.length >= this.capacity ? message : concat(this.octets, message);
    this.octets = whole.subarray(Math.max(0, whole.length - this.capacity));
  }
}

export class Deflater {
  private readonly windowBits: number;
  private readonly window: Window;

  constructor(direction: Direction) {
    this.windowBits = direction.windowBits;
    this.window = new Window(direction);
  }

  /** The payload that stands for a message; borrows the message until the next call. */
  compress(message: Uint8Array): Uint8Array {
    const { windowBits, window } = this;
    const finishFlush = constants.Z_SYNC_FLUSH;
    const octets = deflateRawSync(message, { level: 6, memLevel: 8, windowBits, finishFlush, ...window.option });
    window.add(message);
    return octets.subarray(0, octets.length - tail.length);
  }
}

export class Inflater {
  private readonly windowBits: number;
  private readonly window: Window;

  constructor(direction: Direction) {
    this.windowBits = direction.windowBits;
    this.window = new Window(direction);
  }

  /**
   * The message that a payload stands for.
   *
   * @throws Error  where it is not DEFLATE, or reaches back further than agreed
   */
  decompress(payload: Uint8Array): Uint8Array {
    const { windowBits, window } = this;
    const message = inflateRawSync(concat(payload, tail), {
      windowBits,
      finishFlush: constants.Z_SYNC_FLUSH,
      ...(windowBits < 15 && { chunkSize: SMALLEST_OUTPUT_LENGTH }),
      ...window.option,
    });
    window.add(message);
    return message;
  }
}
