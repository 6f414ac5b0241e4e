// What is unsent: a block that frames are written into, the segments behind it, and what the transport was given and has not
// taken. A segment is what leaves as a whole: a block, a large payload that was borrowed, a large frame made for itself. Only
// one flush is under way at a time; what is sent while the transport is behind waits here, in blocks that grow with what they
// hold.
// Knows octets, and of a frame only whether it is a message's (§5.5); what else a frame is, is outbox.ts's to say.

import { CONTROL_BIT } from "../../assembly/constants.ts";
import { giveBlock, LARGEST_BLOCK, takeBlock } from "../codec/blocks.ts";
import { copyOctets } from "../codec/octets.ts";
import { host } from "../host.ts";
import type { Account } from "./budget.ts";
import { callEach, type Done } from "./calls.ts";
import { BorrowedPayloads } from "./loans.ts";
import type { Transport } from "./transport.ts";

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

export abstract class Unsent {
  /** Octets that the transport has not taken, headers and control frames included. */
  unsentLength = 0;
  /** Payload octets of data frames among them. */
  payloadLength = 0;
  /** Where in the block the next frame goes. */
  protected used = 0;
  private readonly account: Account;
  private block: Uint8Array | null = null;
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

  constructor(account: Account) {
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

  /** Writes a frame as it is, in memory that nobody changes any more, where nothing waits and the transport is not behind. */
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
  protected room(length: number): Uint8Array {
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
  protected count(first: number, end: number, payloadLength: number): void {
    this.unsentLength += end - this.used;
    this.used = end;
    if (first & CONTROL_BIT) return; // §5.5: no message's payload
    this.payloadLength += payloadLength;
    this.blockPayload += payloadLength;
  }

  protected addDone(done: Done): void {
    if (this.blockDone === null) this.blockDone = [done];
    else this.blockDone.push(done);
  }

  protected borrow(octets: Uint8Array): void {
    this.borrowed ??= new BorrowedPayloads(this.account);
    this.borrowed.add(octets);
  }

  /** @param capacity  as in Segment; the octets are our own unless it is 0 */
  protected pushSegment(
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
  private writeBlock(transport: Transport, whole: Uint8Array): void {
    const { used, blockPayload: payloadLength, blockDone: done } = this;
    const block = transport.keepsOctets === true && used <= whole.length / 4 ? this.smaller(whole, used) : whole;
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

  /** Moves the beginning of a block to one of its size. */
  private smaller(whole: Uint8Array, length: number): Uint8Array {
    const block = takeBlock(length);
    copyOctets(whole, 0, length, block, 0);
    this.capacity += block.length - whole.length;
    giveBlock(whole);
    return block;
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
