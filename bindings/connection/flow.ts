// Where delivery waits for a consumer of pieces: one that inflates elsewhere, or gives a message to a loop. What it then has to do
// comes first when delivery goes on, then what the consumer before it had not passed on, then everything else.

import type { PeerError } from "../errors/classes.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Account } from "./budget.ts";
import type { Flow } from "./pieces.ts";

/** Whose delivery it is. */
export interface FlowOwner {
  readonly stopped: boolean;
  /** Whether delivery waits; a field of its own, for it is looked at between any two messages. */
  isWaiting: boolean;
  /** A wait is over. */
  proceed(): void;
  lookAtClock(): void;
}

/** Who is told of what cannot go on. */
export interface FlowSink {
  receivedViolation(error: PeerError): void;
  /** The transport's loss, which waited. */
  transportClosed(error: unknown): void;
}

/** What is the same for all connections of one kind. */
export interface FlowRules {
  readonly kernel: Kernel;
  readonly rules: { readonly maxMessageLength: number };
  readonly skipUtf8: boolean;
}

export class PieceFlow implements Flow {
  readonly account: Account;
  readonly kernel: Kernel;
  readonly maxMessageLength: number;
  readonly skipUtf8: boolean;
  private readonly owner: FlowOwner;
  private readonly sink: FlowSink;
  private ready: (() => void) | null = null;
  private suspended: (() => void) | null = null;
  private lost: { readonly error: unknown } | null = null;

  constructor(owner: FlowOwner, sink: FlowSink, account: Account, { kernel, rules, skipUtf8 }: FlowRules) {
    this.owner = owner;
    this.sink = sink;
    this.account = account;
    this.kernel = kernel;
    this.maxMessageLength = rules.maxMessageLength;
    this.skipUtf8 = skipUtf8;
  }

  get isWaiting(): boolean {
    return this.owner.isWaiting;
  }

  /** Whether nothing waits, and nothing has to be done first. */
  get isAtRest(): boolean {
    return !this.isWaiting && this.ready === null && this.suspended === null;
  }

  /** Whether the transport is gone, which is not told yet. */
  get isLost(): boolean {
    return this.lost !== null;
  }

  wait(): void {
    this.owner.isWaiting = true;
  }

  proceed(work: () => void): void {
    if (this.owner.stopped) return;
    this.owner.isWaiting = false;
    this.ready = work;
    this.owner.proceed();
    const { lost } = this;
    if (this.isWaiting || lost === null) return;
    this.lost = null;
    this.sink.transportClosed(lost.error);
  }

  suspend(work: () => void): void {
    this.suspended = work;
  }

  tookLong(): void {
    this.owner.lookAtClock();
  }

  fail(error: PeerError): void {
    this.sink.receivedViolation(error);
  }

  /** What has to be done before anything else is delivered; null for nothing. */
  take(): (() => void) | null {
    const work = this.ready ?? this.suspended;
    if (this.ready !== null) this.ready = null;
    else this.suspended = null;
    return work;
  }

  /** Keeps the transport's loss for the end of a wait. */
  keepLoss(error: unknown): void {
    this.lost = { error };
  }

  /** Delivery has ended for good. */
  drop(): void {
    this.ready = this.suspended = null;
  }
}
