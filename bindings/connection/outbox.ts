// Frames on their way out: serialised one after the other into a block, which leaves as one write; large ones become segments
// of their own, so that they are copied once or not at all. unsent.ts has what becomes of both.
// Knows frames and octets; when to flush, and what a full outbox means, is the connection's to say.

import { MASK_BIT, MAX_CONTROL_LENGTH, MAX_HEADER_LENGTH } from "../../assembly/constants.ts";
import { giveBlock, LARGEST_BLOCK, takeLargeBlock } from "../codec/blocks.ts";
import { headerLength, writeHeader, writeMaskingKey } from "../codec/header.ts";
import { maskInto, maskRange, nextMaskingKey } from "../codec/masking.ts";
import { copyOctets } from "../codec/octets.ts";
import { writeText } from "../codec/text.ts";
import { host } from "../host.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Account } from "./budget.ts";
import type { Done } from "./calls.ts";
import { Unsent } from "./unsent.ts";

/**
 * Octets from which a server's binary payload is borrowed until its `done` instead of being copied. At 16 KiB one write of a
 * copy costs 0.8 of what two buffers cost that are written together; from 32 KiB on the copy is dearer.
 */
export const BORROW_LENGTH = 32768;

export class Outbox extends Unsent {
  private readonly kernel: Kernel;
  private readonly masked: boolean;

  /** @param masked  whether frames are masked: a client's are. RFC 6455 §5.1 */
  constructor(kernel: Kernel, masked: boolean, account: Account) {
    super(account);
    this.kernel = kernel;
    this.masked = masked;
  }

  /** Appends a text frame; `first` is its header's first octet. */
  appendText(first: number, text: string, done: Done | undefined): void {
    let most = text.length * 3 + MAX_HEADER_LENGTH;
    if (most > LARGEST_BLOCK) {
      const isLarge = text.length > LARGEST_BLOCK;
      most = (isLarge ? text.length : host.utf8Length(text)) + MAX_HEADER_LENGTH;
      if (most > LARGEST_BLOCK) {
        this.appendLargeText(first, text, most - MAX_HEADER_LENGTH, isLarge, done);
        return;
      }
    }
    if (this.masked) {
      // The header's length is guessed by the characters; encode writes what it needs before the payload.
      const { octets, scratchPtr } = this.kernel;
      const payloadPtr = scratchPtr + headerLength(text.length, true);
      const length = writeText(text, octets, payloadPtr) - payloadPtr;
      this.appendScratch(first, payloadPtr, length, length);
    } else {
      this.appendPlainText(first, text, this.room(most));
    }
    if (done !== undefined) this.addDone(done);
  }

  /** A server's text, written where it leaves from. */
  private appendPlainText(first: number, text: string, block: Uint8Array): void {
    const at = this.used;
    // The header's length is guessed by the characters, and mended where their octets pass 125.
    let payloadAt = at + (text.length <= MAX_CONTROL_LENGTH ? 2 : 4);
    let end = writeText(text, block, payloadAt);
    const payloadLength = end - payloadAt;
    if (payloadLength > MAX_CONTROL_LENGTH && text.length <= MAX_CONTROL_LENGTH) {
      block.copyWithin(payloadAt + 2, payloadAt, end);
      payloadAt += 2;
      end += 2;
    }
    writeHeader(block, at, first, payloadLength, 0);
    this.count(first, end, payloadLength);
  }

  /** A client's frame, whose payload lies in the scratch region with room for a header before it: masked there, copied out. */
  private appendScratch(first: number, payloadPtr: number, wireLength: number, payloadLength: number): void {
    const { kernel } = this;
    const block = this.room(wireLength + MAX_HEADER_LENGTH);
    const ptr = kernel.encode(payloadPtr, wireLength, first, 1, nextMaskingKey());
    const length = payloadPtr + wireLength - ptr;
    if (ptr === kernel.scratchPtr) block.set(kernel.scratchView(length), this.used);
    else copyOctets(kernel.octets, ptr, ptr + length, block, this.used);
    this.count(first, this.used + length, payloadLength);
  }

  /** Whether so many octets are borrowed until their `done`: a server's; a client's frame is another than its payload. */
  borrows(length: number): boolean {
    return !this.masked && length >= BORROW_LENGTH;
  }

  /**
   * Appends a frame of octets.
   *
   * @param octets  copied, or, from BORROW_LENGTH on in a server, borrowed until `done`
   */
  appendOctets(first: number, octets: Uint8Array, done: Done | undefined): void {
    const { length } = octets;
    const isLarge = this.masked ? length + MAX_HEADER_LENGTH > LARGEST_BLOCK : this.borrows(length);
    if (isLarge) {
      this.appendLargeOctets(first, octets, done);
      return;
    }
    this.appendCopy(first, octets, length, done);
  }

  /** Appends a frame whose payload an extension made of `payloadLength` octets; copied. */
  appendChanged(first: number, octets: Uint8Array, payloadLength: number, done: Done | undefined): void {
    if (octets.length + MAX_HEADER_LENGTH > LARGEST_BLOCK) this.appendLargeCopy(first, octets, payloadLength, done);
    else this.appendCopy(first, octets, payloadLength, done);
  }

  /** A frame that a block has room for. */
  private appendCopy(first: number, octets: Uint8Array, payloadLength: number, done: Done | undefined): void {
    const { length } = octets;
    if (this.masked) {
      const payloadPtr = this.kernel.scratchPtr + headerLength(length, true);
      this.kernel.octets.set(octets, payloadPtr);
      this.appendScratch(first, payloadPtr, length, payloadLength);
    } else {
      const block = this.room(length + MAX_HEADER_LENGTH);
      const payloadAt = writeHeader(block, this.used, first, length, 0);
      block.set(octets, payloadAt);
      this.count(first, payloadAt + length, payloadLength);
    }
    if (done !== undefined) this.addDone(done);
  }

  /** A frame in memory of its own. */
  private appendLargeCopy(first: number, octets: Uint8Array, payloadLength: number, done: Done | undefined): void {
    const { length } = octets;
    const frame = host.allocate(headerLength(length, this.masked) + length);
    const headerEnd = writeHeader(frame, 0, first, length, this.masked ? MASK_BIT : 0);
    if (this.masked) {
      const maskingKey = nextMaskingKey();
      const payloadAt = writeMaskingKey(frame, headerEnd, maskingKey);
      maskInto(this.kernel, octets, 0, length, frame, payloadAt, maskingKey, 0);
    } else {
      frame.set(octets, headerEnd);
    }
    this.pushSegment(frame, payloadLength, done);
  }

  /** Appends a whole frame of a server, which nobody changes any more. */
  appendFrame(frame: Uint8Array, payloadLength: number, done: Done | undefined): void {
    if (frame.length >= BORROW_LENGTH) {
      this.pushSegment(frame, payloadLength, done, 0);
      this.borrow(frame);
      return;
    }
    const block = this.room(frame.length);
    copyOctets(frame, 0, frame.length, block, this.used);
    this.count(frame[0]!, this.used + frame.length, payloadLength);
    if (done !== undefined) this.addDone(done);
  }

  /** Appends a frame that somebody else has encoded, header first, in whatever parts; large parts are borrowed until `done`. */
  appendEncoded(parts: readonly Uint8Array[], length: number, payloadLength: number, done: Done | undefined): void {
    if (length >= BORROW_LENGTH) {
      for (const [index, part] of parts.entries()) {
        const isLast = index === parts.length - 1;
        this.pushSegment(part, isLast ? payloadLength : 0, isLast ? done : undefined, 0);
        this.borrow(part);
      }
      return;
    }
    const block = this.room(length);
    let end = this.used;
    for (const part of parts) {
      copyOctets(part, 0, part.length, block, end);
      end += part.length;
    }
    this.count(parts[0]![0]!, end, payloadLength);
    if (done !== undefined) this.addDone(done);
  }

  /** @param isGuess  whether `payloadLength` is that of ASCII: to try costs less than to ask for the length of UTF-8 */
  private appendLargeText(
    first: number,
    text: string,
    payloadLength: number,
    isGuess: boolean,
    done: Done | undefined,
  ): void {
    const payloadAt = headerLength(payloadLength, this.masked);
    const block = takeLargeBlock(payloadAt + payloadLength);
    const frame = host.part(block, 0, payloadAt + payloadLength);
    if (!isGuess) {
      host.writeText(text, frame, payloadAt);
    } else if (!host.fillText(text, frame, payloadAt)) {
      giveBlock(block);
      this.appendLargeText(first, text, host.utf8Length(text), false, done);
      return;
    }
    const end = writeHeader(frame, 0, first, payloadLength, this.masked ? MASK_BIT : 0);
    if (this.masked) {
      const maskingKey = nextMaskingKey();
      writeMaskingKey(frame, end, maskingKey);
      maskRange(this.kernel, frame, payloadAt, frame.length, maskingKey, 0);
    }
    this.pushSegment(frame, payloadLength, done, block.length, block);
  }

  private appendLargeOctets(first: number, octets: Uint8Array, done: Done | undefined): void {
    const { length } = octets;
    if (this.masked) {
      this.appendLargeCopy(first, octets, length, done);
      return;
    }
    // The header has memory of its own: a block would be 64 KiB for a few octets.
    const header = host.allocate(headerLength(length, false));
    writeHeader(header, 0, first, length, 0);
    this.pushSegment(header, 0, undefined);
    this.pushSegment(octets, length, done, 0);
    this.borrow(octets);
  }
}
