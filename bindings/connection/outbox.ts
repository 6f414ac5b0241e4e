// Frames on their way out: serialised one after the other into a block, which leaves as one write. A segment is what leaves
// as a whole: a block, a large payload that was borrowed, a large frame made for itself. Only one flush is under way at a
// time; what is sent while the transport is behind waits here, in blocks that grow with what they hold.
// Knows frames and octets; when to flush, and what a full outbox means, is the connection's to say.

import { CONTROL_BIT, MASK_BIT, MAX_CONTROL_LENGTH, MAX_HEADER_LENGTH } from "../../assembly/constants.ts";
import { giveBlock, LARGEST_BLOCK, takeBlock, takeLargeBlock } from "../codec/blocks.ts";
import { headerLength, writeHeader, writeMaskingKey } from "../codec/header.ts";
import { maskInto, maskRange, nextMaskingKey } from "../codec/masking.ts";
import { copyOctets } from "../codec/octets.ts";
import { writeText } from "../codec/text.ts";
import { host } from "../host.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Account } from "./budget.ts";
import { BorrowedPayloads } from "./loans.ts";
import type { Transport } from "./transport.ts";

/** Called once what was sent is with the transport's kernel, or with the error that says it will never be. */
export type Done = (error?: unknown) => void;

/**
 * Octets from which a server's binary payload is borrowed until its `done` instead of being copied. At 16 KiB one write of a
 * copy costs 0.8 of what two buffers cost that are written together; from 32 KiB on the copy is dearer.
 */
export const BORROW_LENGTH = 32768;

interface Segment {
  readonly octets: Uint8Array;
  /** Octets in it, also when whoever took them gave their memory away. */
  readonly length: number;
  /** Payload octets of data frames in it. */
  readonly payloadLength: number;
  /** The block to recycle, if it is one. */
  readonly block: Uint8Array | null;
  /** Octets of memory that it keeps from others; 0 where it is borrowed. */
  readonly capacity: number;
  readonly done: Done[] | null;
}

export class Outbox {
  /** Octets that the transport has not taken, headers and control frames included. */
  unsentLength = 0;
  /** Payload octets of data frames among them. */
  payloadLength = 0;
  private readonly kernel: Kernel;
  private readonly masked: boolean;
  private readonly account: Account;
  private block: Uint8Array | null = null;
  private used = 0;
  private blockPayload = 0;
  private blockDone: Done[] | null = null;
  private segments: Segment[] = [];
  /** Written, and not taken yet. */
  private inFlight: Segment[] = [];
  /** Octets of memory that what is unsent keeps from others, and what of it the account knows of. */
  private capacity = 0;
  private charged = 0;
  /** What is the application's of what is unsent. */
  private borrowed: BorrowedPayloads | null = null;
  /** Whether a transport is being called. */
  isFlushing = false;
  /** What a transport threw. */
  transportFault: { readonly error: unknown } | null = null;
  /** Why nothing more is sent; also what a transport causes that drops the connection from within `write`. */
  private discarded: { readonly error: unknown } | null = null;

  /** @param masked  whether frames are masked: a client's are. RFC 6455 §5.1 */
  constructor(kernel: Kernel, masked: boolean, account: Account) {
    this.kernel = kernel;
    this.masked = masked;
    this.account = account;
  }

  /** Whether something waits to be written. */
  get isPending(): boolean {
    return this.used !== 0 || this.segments.length !== 0;
  }

  /** Whether a whole block, or what cannot wait for one, is there to be written. */
  get isFull(): boolean {
    return this.segments.length !== 0 && this.inFlight.length === 0;
  }

  /** Whether the transport still has what it was given last. */
  get isBehind(): boolean {
    return this.inFlight.length !== 0;
  }

  /** Whether nothing more is sent. */
  get isDiscarded(): boolean {
    return this.discarded !== null;
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
      this.appendScratch(first, payloadPtr, writeText(text, octets, payloadPtr) - payloadPtr);
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
  private appendScratch(first: number, payloadPtr: number, payloadLength: number): void {
    const { kernel } = this;
    const block = this.room(payloadLength + MAX_HEADER_LENGTH);
    const ptr = kernel.encode(payloadPtr, payloadLength, first, 1, nextMaskingKey());
    const length = payloadPtr + payloadLength - ptr;
    if (ptr === kernel.scratchPtr) block.set(kernel.scratchView(length), this.used);
    else copyOctets(kernel.octets, ptr, ptr + length, block, this.used);
    this.count(first, this.used + length, payloadLength);
  }

  /**
   * Appends a frame of octets.
   *
   * @param octets  copied, or, from BORROW_LENGTH on in a server, borrowed until `done`
   */
  appendOctets(first: number, octets: Uint8Array, done: Done | undefined): void {
    const { length } = octets;
    const isLarge = this.masked ? length + MAX_HEADER_LENGTH > LARGEST_BLOCK : length >= BORROW_LENGTH;
    if (isLarge) {
      this.appendLargeOctets(first, octets, done);
      return;
    }
    if (this.masked) {
      const payloadPtr = this.kernel.scratchPtr + headerLength(length, true);
      this.kernel.octets.set(octets, payloadPtr);
      this.appendScratch(first, payloadPtr, length);
    } else {
      const block = this.room(length + MAX_HEADER_LENGTH);
      const payloadAt = writeHeader(block, this.used, first, length, 0);
      block.set(octets, payloadAt);
      this.count(first, payloadAt + length, length);
    }
    if (done !== undefined) this.addDone(done);
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

  /** Writes such a frame as it is, where nothing waits and the transport is not behind. */
  writeFrame(transport: Transport, frame: Uint8Array, payloadLength: number, done: Done | undefined): void {
    this.isFlushing = true;
    this.borrow(frame);
    const taken = this.give(transport, frame, false);
    this.isFlushing = false;
    if (taken) {
      this.borrowed!.giveBackOldest();
      if (done !== undefined) callEach([done]);
      return;
    }
    if (this.discarded !== null) {
      if (done !== undefined) callEach([done], this.discarded.error);
      return;
    }
    const { length } = frame;
    this.inFlight.push({ octets: frame, length, payloadLength, block: null, capacity: 0, done: done ? [done] : null });
    this.unsentLength += length;
    this.payloadLength += payloadLength;
    this.settleCharge();
  }

  /** Writes what waits, unless the transport is still behind. */
  flush(transport: Transport): void {
    if (this.isFlushing) return;
    this.isFlushing = true;
    try {
      while (this.inFlight.length === 0 && this.isPending) {
        if (this.segments.length === 0) this.writeBlock(transport, this.block!);
        else this.writeSegments(transport);
      }
    } finally {
      this.isFlushing = false;
      this.settleCharge();
    }
  }

  /** The transport is done with all that it had not taken at once. */
  writeCompleted(): void {
    this.settleInFlight();
    this.settleCharge();
  }

  /**
   * Takes the next segment for a caller that writes by itself; it counts as taken when the next is asked for. What waits for
   * that caller is not charged: nobody could take it from him.
   */
  *drain(): Generator<Uint8Array, void, void> {
    while (this.isPending) {
      this.sealBlock();
      const segment = this.segments.shift()!;
      this.inFlight.push(segment);
      try {
        yield segment.octets;
      } finally {
        this.settleInFlight();
      }
    }
  }

  /** Drops everything and tells every `done` why. */
  discard(error: unknown): void {
    this.discarded = { error };
    this.sealBlock();
    const lost = [...this.inFlight, ...this.segments];
    this.inFlight = [];
    this.segments = [];
    this.unsentLength = this.payloadLength = this.capacity = 0;
    for (const { done } of lost) if (done !== null) callEach(done, error);
    this.borrowed?.giveBackAll();
    this.settleCharge();
  }

  /** Makes what the account knows equal to the memory of what is unsent. */
  settleCharge(): void {
    this.borrowed?.charge();
    if (this.capacity === this.charged) return;
    this.account.charge(this.capacity - this.charged);
    this.charged = this.capacity;
  }

  /** The block, with room for `length` octets: a largest one, or while the transport is behind one as large as what waits. */
  private room(length: number): Uint8Array {
    if (this.block !== null) {
      if (this.block.length - this.used >= length) return this.block;
      this.sealBlock();
    }
    const wanted = this.inFlight.length === 0 ? LARGEST_BLOCK : Math.max(length, this.unsentLength);
    this.block = takeBlock(wanted);
    this.capacity += this.block.length;
    return this.block;
  }

  /** A frame has been written to the block as far as `end`. */
  private count(first: number, end: number, payloadLength: number): void {
    this.unsentLength += end - this.used;
    this.used = end;
    if (first & CONTROL_BIT) return; // §5.5: no message's payload
    this.payloadLength += payloadLength;
    this.blockPayload += payloadLength;
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
      const frame = host.allocate(headerLength(length, true) + length);
      const maskingKey = nextMaskingKey();
      const payloadAt = writeMaskingKey(frame, writeHeader(frame, 0, first, length, MASK_BIT), maskingKey);
      maskInto(this.kernel, octets, 0, length, frame, payloadAt, maskingKey, 0);
      this.pushSegment(frame, length, done);
      return;
    }
    // The header has memory of its own: a block would be 64 KiB for a few octets.
    const header = host.allocate(headerLength(length, false));
    writeHeader(header, 0, first, length, 0);
    this.pushSegment(header, 0, undefined);
    this.pushSegment(octets, length, done, 0);
    this.borrow(octets);
  }

  private borrow(octets: Uint8Array): void {
    this.borrowed ??= new BorrowedPayloads(this.account);
    this.borrowed.add(octets);
  }

  /** @param capacity  as in Segment; the octets are our own unless it is 0 */
  private pushSegment(
    octets: Uint8Array,
    payloadLength: number,
    done: Done | undefined,
    capacity: number = octets.length,
    block: Uint8Array | null = null,
  ): void {
    this.sealBlock();
    const { length } = octets;
    const calls = done === undefined ? null : [done];
    this.segments.push({ octets, length, payloadLength, block, capacity, done: calls });
    this.unsentLength += length;
    this.capacity += capacity;
    this.payloadLength += payloadLength;
  }

  private addDone(done: Done): void {
    if (this.blockDone === null) this.blockDone = [done];
    else this.blockDone.push(done);
  }

  /** Makes a segment of the block as far as it is used. */
  private takeBlockSegment(block: Uint8Array): Segment {
    const segment = {
      octets: host.part(block, 0, this.used),
      length: this.used,
      payloadLength: this.blockPayload,
      block,
      capacity: block.length,
      done: this.blockDone,
    };
    this.block = null;
    this.blockDone = null;
    this.used = this.blockPayload = 0;
    return segment;
  }

  private sealBlock(): void {
    if (this.block !== null && this.used !== 0) this.segments.push(this.takeBlockSegment(this.block));
  }

  /** The common case: one block, one write. */
  private writeBlock(transport: Transport, block: Uint8Array): void {
    const { used, blockPayload: payloadLength, blockDone: done } = this;
    const capacity = block.length;
    const octets = host.part(block, 0, used);
    this.block = null;
    this.blockDone = null;
    this.used = this.blockPayload = 0;
    const taken = this.give(transport, octets, false);
    if (this.discarded !== null) {
      if (done !== null) callEach(done, this.discarded.error);
      return;
    }
    if (!taken) {
      this.inFlight.push({ octets, length: used, payloadLength, block, capacity, done });
      return;
    }
    this.unsentLength -= used;
    this.payloadLength -= payloadLength;
    this.capacity -= capacity;
    giveBlock(block);
    if (done !== null) callEach(done);
  }

  /** Writes; a transport that throws has failed, and everything is lost. */
  private give(transport: Transport, octets: Uint8Array, more: boolean): boolean {
    try {
      return transport.write(octets, more);
    } catch (error) {
      this.transportFault = { error };
      this.discard(error);
      return false;
    }
  }

  private writeSegments(transport: Transport): void {
    this.sealBlock();
    const { segments } = this;
    this.segments = [];
    const last = segments.length - 1;
    let taken = false;
    for (let index = 0; index <= last && this.discarded === null; index++) {
      taken = this.give(transport, segments[index]!.octets, index !== last);
    }
    if (this.discarded !== null) {
      for (const { done } of segments) if (done !== null) callEach(done, this.discarded.error);
      return;
    }
    if (taken) for (const segment of segments) this.settle(segment);
    else this.inFlight = segments;
  }

  private settleInFlight(): void {
    const { inFlight } = this;
    this.inFlight = [];
    for (const segment of inFlight) this.settle(segment);
  }

  private settle({ length, payloadLength, block, capacity, done }: Segment): void {
    this.unsentLength -= length;
    this.payloadLength -= payloadLength;
    this.capacity -= capacity;
    if (block !== null) giveBlock(block);
    if (capacity === 0) this.borrowed!.giveBackOldest(); // segments leave in order
    if (done !== null) callEach(done);
  }
}

/** Calls what waits for a write, each for itself: one that throws fails no other, and none runs inside `send`. */
function callEach(done: readonly Done[], error?: unknown): void {
  for (const call of done) queueMicrotask(() => call(error));
}
