// A pair of streams as a link. What is read is copied into the kernel's input region: a chunk may be in others' hands yet,
// so nothing is unmasked in it, and what has to wait of it is copied. What is written is a copy of its own, for a stream may
// hold it until somebody reads. Reading a stream that is always full takes no event of the loop: there a link lets others work.

import { copyOf, octetsOf } from "../codec/octets.ts";
import { WsimdError } from "../errors/classes.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { PullLink } from "../socket/pull-link.ts";
import { nextTask } from "./platform.ts";
import { checkPair, type OctetReader, type OctetWriter, type StreamPair } from "./streams.ts";

/** Octets, and ms, after which whoever waits for the event loop is let in. */
const TURN_LENGTH = 1_048_576;
const TURN_MS = 10;

/** What a chunk counts besides its octets: reading one takes microseconds, be it empty. */
const CHUNK_COST = 1024;

const nothing = new Uint8Array(0);

/** Does to a stream what may fail: one that broke off says so again, and one of another request of workerd's throws. */
function attempt(act: () => Promise<unknown>): void {
  try {
    act().catch(() => {});
  } catch {
    // as above
  }
}

export class StreamsLink extends PullLink {
  /** What it broke off for; undefined where it has not, or for no error. */
  lostFor: unknown = undefined;
  private readonly pair: StreamPair;
  private readonly reader: OctetReader;
  private readonly writer: OctetWriter;
  private readonly region: Uint8Array;
  /** What the sink has not had of the last chunk, in memory of our own. */
  private rest: Uint8Array = nothing;
  /** What the others have waited for. */
  private turnLength = 0;
  private turnStartMs = 0;

  /**
   * @param pair    locked to this link from now on, for good
   * @param kernel  whose input region what is read goes to
   * @throws        UsageError for what is no pair of streams, or is locked
   */
  constructor(pair: StreamPair, kernel: Kernel, remoteAddress?: string) {
    super(remoteAddress);
    checkPair(pair);
    this.pair = pair;
    this.reader = pair.readable.getReader();
    this.writer = pair.writable.getWriter();
    this.region = kernel.inputView(kernel.inputCapacity);
    // A runtime that ends both ways at the peer's end may tell the writable first: what is read says it better.
    this.writer.closed.catch((error: unknown) => nextTask().then(() => this.fail(error)));
  }

  protected put(octets: Uint8Array): void {
    const { length } = octets;
    this.waits(length);
    this.writer.write(copyOf(octets, 0, length)).then(
      () => this.taken(length),
      (error: unknown) => this.fail(error),
    );
  }

  /** Everything was taken. */
  protected shutDown(): void {
    const ended = this.pair.closeWrite === undefined ? this.writer.close() : this.pair.closeWrite();
    ended.then(
      () => this.outputOver(),
      (error: unknown) => this.fail(error),
    );
  }

  protected async readAll(): Promise<boolean> {
    this.beginTurn();
    while (!this.isStopped) {
      if (this.rest.length !== 0) {
        this.bring(this.rest);
      } else {
        const { done, value } = await this.reader.read();
        if (done || this.isGone) return done;
        this.turnLength += CHUNK_COST;
        this.bring(octetsOf(value, "a chunk of the stream"));
      }
      if (!this.isTurnOver) continue;
      await nextTask();
      this.beginTurn();
    }
    return false;
  }

  /** Gives the sink a chunk, as much at a time as fits the region, as far as it goes on. */
  private bring(chunk: Uint8Array): void {
    const { region } = this;
    let at = 0;
    while (at < chunk.length && !this.isStopped && (at === 0 || !this.isTurnOver)) {
      const part = chunk.subarray(at, at + region.length);
      region.set(part);
      at += part.length;
      this.turnLength += part.length;
      this.sink!.landed(region, part.length);
    }
    if (at >= chunk.length || this.isGone) this.rest = nothing;
    else this.rest = chunk === this.rest ? chunk.subarray(at) : copyOf(chunk, at, chunk.length);
  }

  private beginTurn(): void {
    this.turnLength = 0;
    this.turnStartMs = performance.now();
  }

  private get isTurnOver(): boolean {
    return this.turnLength >= TURN_LENGTH || performance.now() - this.turnStartMs >= TURN_MS;
  }

  protected drop(error: unknown): void {
    this.lostFor = error;
    this.rest = nothing;
    // Whoever has the other end is told something.
    const reason = error ?? new WsimdError("WS_ABNORMAL_CLOSURE", "the connection was dropped");
    if (!this.inputEnded) attempt(() => this.reader.cancel(reason));
    // Being closed, behind an input that has ended, it is let finish; half-closed by `closeWrite` it is open yet.
    const isEnding = this.outputEnded || (this.isShut && this.inputEnded);
    if (!isEnding || this.pair.closeWrite !== undefined) attempt(() => this.writer.abort(reason));
  }
}
