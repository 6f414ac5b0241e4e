// Messages for a `for await`: what arrives waits here until a loop asks for it.
//
// One at a time: behind a message the connection is held until the loop has done with it, so that its answer goes out before
// what follows is looked at, a violation or a Close for one; but no longer than the microtasks run. A loop that takes longer
// is not waited for: its messages gather here. Above a mark the connection is paused, so that the peer slows down and nothing
// is lost; below half of it the connection goes on.
//
// A loop ends when the connection was closed by a closing handshake, or by the application. What went wrong otherwise is thrown
// into it, after the last message.

import { type PeerError, WsimdError } from "../errors/classes.ts";
import { abnormalClosure, type CloseReport } from "./closing.ts";
import type { Gate, Keeper } from "./gate.ts";

/** What stops the connection whose messages wait. */
export type Source = Pick<
  Gate,
  "account" | "keeper" | "pause" | "stall" | "resume" | "isHeld" | "hold" | "release" | "fail"
>;

/** What a loop is given: a string for text, octets for binary (and for text with `text: "bytes"`). */
export type Message = string | Uint8Array;

/** Octets that wait before the connection is paused; each message counts MESSAGE_LENGTH more. */
const MARK = 1024 * 1024;

/** About what a string or a view costs besides its octets. */
const MESSAGE_LENGTH = 64;

/** Messages taken whose places are kept, at most half of them all. */
const TAKEN_COUNT = 1024;

/** A call of `next` that waits, and of which loop. */
interface Reader {
  readonly loop: object;
  readonly resolve: (result: IteratorResult<Message, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

const done: IteratorReturnResult<undefined> = { done: true, value: undefined };

export class Inbox implements Keeper {
  private readonly gate: Source;
  private readonly afterMicrotasks: (run: () => void) => void;
  private waiting: Message[] = [];
  /** Where the oldest of them is. */
  private first = 0;
  private waitingLength = 0;
  /** What of it the thread's budget knows of. */
  private charged = 0;
  /** Calls of `next` that found nothing, the oldest first. */
  private readers: Reader[] = [];
  private loopCount = 0;
  /** Whether a loop was made, be it over. */
  wasRead = false;
  /** Whether one is to come: an `open` is under way that may make it. */
  private isExpected = false;
  /** Whether one was made that was not left: whoever paused for it may wait for it. */
  private hasReader = false;
  private hasPaused = false;
  /** Whether `endHold` is going to be called, or lets everything through now. */
  private awaitsEnd = false;
  /** Whether nobody will ask any more: what comes is dropped. */
  private isAbandoned = false;
  /** Whether the application closed the connection itself. */
  private isOurClose = false;
  /** What the connection failed of, for the end. */
  private failure: { readonly error: unknown } | null = null;
  private end: { readonly error: unknown } | null = null;

  /** @param afterMicrotasks  calls back when the microtasks are used up, before anything else arrives */
  constructor(gate: Source, afterMicrotasks: (run: () => void) => void) {
    this.gate = gate;
    gate.keeper = this;
    this.afterMicrotasks = afterMicrotasks;
  }

  /** Whether a loop runs, which will be told what goes wrong. */
  get isRead(): boolean {
    return this.loopCount !== 0;
  }

  /** A message came. */
  put(message: Message): void {
    if (this.isAbandoned) return;
    this.hold();
    const reader = this.readers.shift();
    if (reader !== undefined) {
      reader.resolve({ done: false, value: message });
      return;
    }
    this.waiting.push(message);
    this.waitingLength += message.length + MESSAGE_LENGTH;
    this.settleCharge();
    const error = this.gate.account.claim(0);
    if (error !== null) {
      this.drop();
      this.gate.fail(error);
      return;
    }
    if (this.waitingLength < MARK) return;
    this.hasPaused = true;
    this.stop();
  }

  /** Stops the connection. Where nobody has asked for a loop, or for another, the idle timeout stays in force: it may never come. */
  private stop(): void {
    if (this.hasReader) this.gate.pause();
    else this.gate.stall();
  }

  /** The application pauses or resumes: that is in force now, not what was done here. */
  overrule(): void {
    this.hasPaused = false;
  }

  /** The application closes the connection. Where no loop runs, what waits and what still comes is dropped. */
  closing(): void {
    this.isOurClose = true;
    if (!this.isRead) this.abandon();
  }

  /** The application drops the connection: nothing more is delivered. */
  terminated(): void {
    this.isOurClose = true;
    this.hasPaused = false;
    this.abandon();
  }

  /** The connection fails: of the peer, a limit, or what a handler threw. */
  failed(error: unknown): void {
    this.failure ??= { error };
  }

  /** The connection is closed. */
  closed({ error, received }: CloseReport): void {
    // What a pause held back was lost with the connection, even after our own close.
    const isLoss = received === null && (!this.isOurClose || this.hasPaused);
    if (this.failure !== null) this.end = this.failure;
    else if (error instanceof WsimdError) this.end = { error };
    else if (isLoss) this.end = { error: abnormalClosure(error) };
    else this.end = { error: undefined };
    this.settleCharge();
    for (const reader of this.readers.splice(0)) this.finish(reader);
  }

  /**
   * Makes a loop, which begins with its first `next`. `break` leaves the connection open and what waits where it is: another
   * loop goes on from there.
   */
  iterate(): AsyncIterableIterator<Message> {
    this.wasRead = this.hasReader = true;
    if (this.hasPaused) this.stop();
    let state: "new" | "running" | "over" = "new";
    const loop: AsyncIterableIterator<Message> = {
      next: () => {
        if (state === "new") this.loopCount++;
        if (state !== "over") state = "running";
        return state === "over" ? Promise.resolve(done) : this.next(loop);
      },
      return: () => {
        if (state === "running") this.left(loop);
        state = "over";
        return Promise.resolve(done);
      },
      [Symbol.asyncIterator]: () => loop,
    };
    return loop;
  }

  /** A loop was left. After our close the last of them drops the rest: nobody else makes room for the peer's Close. */
  private left(loop: object): void {
    this.loopCount--;
    for (const reader of this.readers) if (reader.loop === loop) reader.resolve(done);
    this.readers = this.readers.filter((reader) => reader.loop !== loop);
    if (this.isRead) return;
    this.hasReader = false;
    this.settleCharge();
    if (this.isOurClose && this.end === null) this.abandon();
    else if (this.hasPaused) this.stop();
  }

  private hold(): void {
    this.gate.hold();
    if (this.awaitsEnd) return;
    this.awaitsEnd = true;
    this.afterMicrotasks(this.endHold);
  }

  /** The loop has had its time. */
  private readonly endHold = (): void => {
    while (this.gate.isHeld) this.gate.release();
    this.awaitsEnd = false;
  };

  private next(loop: object): Promise<IteratorResult<Message, undefined>> {
    if (this.isEmpty) this.gate.release(); // which may bring the next one
    if (!this.isEmpty) return Promise.resolve({ done: false, value: this.take() });
    return new Promise((resolve, reject) => {
      const reader: Reader = { loop, resolve, reject };
      if (this.end === null) this.readers.push(reader);
      else this.finish(reader);
    });
  }

  private get isEmpty(): boolean {
    return this.first === this.waiting.length;
  }

  private take(): Message {
    const message = this.waiting[this.first]!;
    this.waiting[this.first++] = "";
    this.waitingLength -= message.length + MESSAGE_LENGTH;
    this.settleCharge();
    // A loop that is never quite done empties nothing: what it has had makes room once it is the larger half.
    if (this.isEmpty || (this.first >= TAKEN_COUNT && this.first * 2 >= this.waiting.length)) {
      this.waiting = this.waiting.slice(this.first);
      this.first = 0;
    }
    if (this.hasPaused && this.waitingLength <= MARK / 2) this.goOn();
    return message;
  }

  private goOn(): void {
    this.hasPaused = false;
    this.gate.resume();
  }

  /** An `open` is under way: what waits is kept for the loop that it may make, whatever becomes of the connection. */
  expect(): void {
    this.isExpected = true;
  }

  /** It is over. Where it made no loop, none is to come. */
  expectNoMore(): void {
    this.isExpected = false;
    if (this.wasRead) {
      this.settleCharge();
    } else {
      this.abandon();
      this.gate.keeper = null;
    }
  }

  /** Nobody will ask any more: what waits is dropped, and what still comes. */
  private abandon(): void {
    this.drop();
    if (this.hasPaused) this.goOn(); // the peer's Close has to be seen
  }

  /** @param error  where memory is short: told to a loop that outlives its connection; to others the connection tells it */
  drop(error?: PeerError): void {
    if (error !== undefined && this.end !== null) this.end = { error };
    this.isAbandoned = true;
    this.waiting = [];
    this.first = 0;
    this.waitingLength = 0;
    this.settleCharge();
  }

  /** Tells the account what waits. What outlives its connection, and no loop, is the application's. */
  private settleCharge(): void {
    const isOurs = this.end === null || this.isRead || this.isExpected;
    const wanted = isOurs ? this.waitingLength : 0;
    this.gate.account.charge(wanted - this.charged);
    this.charged = wanted;
  }

  /** Nothing more comes: what went wrong is told once. */
  private finish(reader: Reader): void {
    const { error } = this.end!;
    if (error === undefined) {
      reader.resolve(done);
    } else {
      this.end = { error: undefined };
      reader.reject(error);
    }
  }
}
