// Inflates one input after the other, step by step, into the kernel's scratch region: before it returns where little comes out
// of it, elsewhere where it is much. Knows streams and where messages end (RFC 7692 §7.2.2); what comes out is its sink's.

import { giveBlock, LARGEST_BLOCK, takeBlock } from "../codec/blocks.ts";
import { copyOctets, copyOf, viewOf } from "../codec/octets.ts";
import type { Flow } from "../connection/pieces.ts";
import type { Context } from "./context.ts";
import { beginElsewhere, endElsewhere } from "./elsewhere.ts";
import { type FlateStream, Flush } from "./flate.ts";

/** Whom inflated octets are given to. */
export interface InflationSink {
  /** So many octets lie in the scratch region, borrowed until this returns; false where no more is wanted. */
  inflated(length: number, isEnd: boolean): boolean;
  /** The input is no DEFLATE stream. */
  broken(error: unknown): void;
}

/** §7.2.2: what its sender took off the end of a message. */
const openTail = new Uint8Array([0x00, 0x00, 0xff, 0xff]);

/** The same and a final block: where no message follows in the stream, it must end there. */
const finalTail = new Uint8Array([0x00, 0x00, 0xff, 0xff, 0x01, 0x00, 0x00, 0xff, 0xff]);

/** Octets up to which a message is copied to have its tail behind it: one step instead of two. */
const STAGED_LENGTH = 4096;

const staging = /*#__PURE__*/ new Uint8Array(STAGED_LENGTH + finalTail.length);

/** Octets that may come out of one input before the rest is inflated elsewhere. */
const NOW_LENGTH = 262144;

/** Octets that come out of an input after which the clock is looked at. */
const LONG_LENGTH = 16384;

/** What it counts for that a stream begins anew: about as much time as so many octets take that come out. */
const RESET_LENGTH = 1024;

/** Final blocks that a message may have: beginning anew costs a microsecond or more, and nothing need come out. */
const MOST_FINAL_BLOCKS = 4096;

export class Inflation {
  private readonly flow: Flow;
  private readonly context: Context;
  private readonly sink: InflationSink;
  private readonly tail: Uint8Array;
  private input: Uint8Array = openTail;
  private at = 0;
  private end = 0;
  /** Whether nobody else writes to the input. */
  private isOurs = true;
  /** Whether the message ends with the input, and whether the tail is in it. */
  private isLast = false;
  private hasTail = false;
  /** Octets that have come out of the input, or as much work. */
  private passedLength = 0;
  /** Final blocks of the message so far. */
  private finalCount = 0;
  private isStepping = false;
  private isDropped = false;

  constructor(flow: Flow, context: Context, sink: InflationSink) {
    this.flow = flow;
    this.context = context;
    this.sink = sink;
    this.tail = context.isTakenOver ? openTail : finalTail;
  }

  /** Inflates octets. @param isOurs  whether they are ours from now on, or borrowed until this returns */
  start(octets: Uint8Array, start: number, end: number, isLast: boolean, isOurs: boolean): void {
    const length = end - start;
    this.passedLength = 0;
    this.isLast = isLast;
    this.hasTail = isLast && length <= STAGED_LENGTH;
    if (this.hasTail) {
      copyOctets(octets, start, end, staging, 0);
      copyOctets(this.tail, 0, this.tail.length, staging, length);
      this.setInput(staging, 0, length + this.tail.length, false);
    } else {
      this.setInput(octets, start, end, isOurs);
    }
    this.run(0);
  }

  /** Nothing more is wanted. */
  drop(): void {
    this.isDropped = true;
    if (!this.isStepping) this.context.close();
  }

  private setInput(octets: Uint8Array, at: number, end: number, isOurs: boolean): void {
    this.input = octets;
    this.at = at;
    this.end = end;
    this.isOurs = isOurs;
  }

  /** How a step is to end: see `finalTail`. */
  private get flush(): Flush {
    return this.hasTail && this.tail === finalTail ? Flush.Finish : Flush.Sync;
  }

  /** Goes on before it returns, as far as that may take. @param held  octets in the scratch region already */
  private run(held: number): void {
    const { octets, scratchPtr, scratchCapacity } = this.flow.kernel;
    const stream = this.context.take();
    let used = held;
    do {
      if (stream.step === null || this.passedLength >= NOW_LENGTH) {
        this.keepInput();
        if (used === 0 || this.pass(used)) this.whenFree(() => this.runLater(stream));
        return;
      }
      try {
        stream.step(this.input, this.at, this.end, this.flush, octets, scratchPtr + used, scratchPtr + scratchCapacity);
      } catch (error) {
        this.sink.broken(error);
        return;
      }
      this.at = this.end - stream.inputLeft;
      used = scratchCapacity - stream.outputLeft;
      if (stream.outputLeft === 0) {
        this.keepInput(); // whoever is called may use the kernel
        if (!this.pass(used)) return;
        used = 0;
        if (this.flow.isWaiting) {
          this.flow.suspend(() => this.run(0));
          return;
        }
      }
    } while (this.goesOn(stream));
    this.finish(used);
  }

  /** Passes on a part of what comes out. */
  private pass(length: number): boolean {
    this.passedLength += length;
    return this.sink.inflated(length, false) && !this.isDropped;
  }

  /** Everything that has come is inflated. */
  private finish(used: number): void {
    const { passedLength, isLast } = this;
    if (this.isDropped) return;
    if (isLast) this.finalCount = 0;
    if (used !== 0 || isLast) this.sink.inflated(used, isLast);
    if (passedLength + used >= LONG_LENGTH) this.flow.tookLong();
  }

  /** Whether there is more to inflate after a step. */
  private goesOn(stream: FlateStream): boolean {
    if (stream.outputLeft === 0) return true;
    const { inputLeft } = stream;
    if (inputLeft !== 0) {
      if (++this.finalCount > MOST_FINAL_BLOCKS) {
        this.sink.broken(`it has more than ${MOST_FINAL_BLOCKS} final blocks`);
        return false;
      }
      stream.reset(); // §7.2.3.4: a final block; what follows it is a stream of its own
      this.passedLength += RESET_LENGTH;
      // Some send nothing behind it, not even the octet of an empty block: then that was all.
      return !this.hasTail || inputLeft !== this.tail.length;
    }
    if (!this.isLast || this.hasTail) return false;
    this.hasTail = true;
    this.setInput(this.tail, 0, this.tail.length, true);
    return true;
  }

  /** Puts what is left of the input where nobody else writes. */
  private keepInput(): void {
    if (!this.isOurs) this.setInput(copyOf(this.input, this.at, this.end), 0, this.end - this.at, true);
  }

  /** Does `work` once the next consumer takes more. */
  private whenFree(work: () => void): void {
    if (this.flow.isWaiting) this.flow.suspend(work);
    else work();
  }

  /** Goes on elsewhere, a block at a time. */
  private runLater(stream: FlateStream): void {
    this.isStepping = true;
    this.flow.wait();
    beginElsewhere(() => {
      const block = takeBlock(LARGEST_BLOCK);
      const stepped = (error?: unknown): void => {
        this.isStepping = false;
        endElsewhere();
        if (!this.isDropped) {
          this.flow.proceed(() => this.stepped(stream, block, error));
          return;
        }
        giveBlock(block);
        this.context.close();
      };
      if (this.isDropped) stepped();
      else stream.stepLater(this.input, this.at, this.end, this.flush, block, 0, block.length, stepped);
    });
  }

  private stepped(stream: FlateStream, block: Uint8Array, error: unknown): void {
    const used = block.length - stream.outputLeft;
    const { octets, scratchPtr } = this.flow.kernel;
    octets.set(viewOf(block, 0, used), scratchPtr);
    giveBlock(block);
    this.at = this.end - stream.inputLeft;
    if (error !== undefined) this.sink.broken(error);
    else if (stream.outputLeft === 0) {
      if (this.pass(used)) this.whenFree(() => this.runLater(stream));
    } else if (this.goesOn(stream)) {
      this.passedLength = 0; // others were served
      this.run(used);
    } else this.finish(used);
  }
}
