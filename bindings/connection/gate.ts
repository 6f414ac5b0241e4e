// What stops delivery, and lets it go on. Whatever is in force, the receiver is paused: what arrives is kept, in order.
//
//   pause   the application, for as long as it likes: the transport stops too, and silence is not counted
//   stall   the same, for want of anybody who listens: silence is counted, for it may last for ever. Either takes the other's place
//   hold    a shell, between two messages of one turn of the event loop: output is kept together, the transport hears nothing
//
// A pause outlasts a hold, and the end of a pause does not end a hold. Knows no message and no closing handshake.

import type { PeerError } from "../errors/classes.ts";
import type { Account } from "./budget.ts";
import type { Transport } from "./transport.ts";

/** Whose delivery it is. */
export interface Gated {
  readonly isClosed: boolean;
  /** Where delivery is stopped. */
  readonly receiver: Stoppable;
  /** Silence counts from now on. */
  breakSilence(): void;
  beginBatch(): void;
  endBatch(): void;
  receivedViolation(error: PeerError): void;
  /** The transport is gone. */
  transportLost(error: unknown): void;
  /** The same, which waited behind a hold, and may have to wait for the receiver. */
  transportClosed(error: unknown): void;
}

interface Stoppable {
  readonly paused: boolean;
  readonly stopped: boolean;
  /** Whether its turn is over, and the transport is stopped until the next one. */
  readonly yielding: boolean;
  pause(): void;
  resume(): void;
}

/** Whoever keeps messages that were delivered. */
export interface Keeper {
  /** Lets go of them at once, and of those that still come: the connection is closed for its memory, or was closed before. */
  drop(error: PeerError): void;
}

export class Gate {
  /** Whether `pause` or `stall` is in force. */
  isPaused = false;
  isStalled = false;
  isHeld = false;
  /** Who keeps messages, if anybody does, and charges them to `account`. */
  keeper: Keeper | null = null;
  readonly account: Account;
  private lost: { readonly error: unknown } | null = null;
  private readonly owner: Gated;
  private readonly transport: Transport | undefined;

  constructor(owner: Gated, account: Account, transport: Transport | undefined) {
    this.owner = owner;
    this.account = account;
    this.transport = transport;
  }

  /** Whether nothing is in force, and nobody keeps messages. */
  get isAtRest(): boolean {
    return !this.isPaused && !this.isHeld && this.keeper === null && this.lost === null;
  }

  pause(): void {
    this.isStalled = false;
    if (this.isPaused || this.owner.receiver.stopped) return;
    this.isPaused = true;
    this.owner.breakSilence();
    this.owner.receiver.pause();
    this.transport?.pause?.();
  }

  stall(): void {
    this.pause();
    this.isStalled = this.isPaused;
  }

  /** Ends a pause; what was held back is delivered before this returns, and may pause anew. */
  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = this.isStalled = false;
    this.owner.breakSilence();
    if (!this.isHeld) this.owner.receiver.resume();
    const mayRead = !this.isPaused && !this.owner.receiver.yielding;
    if (mayRead && !this.owner.isClosed) this.transport?.resume?.();
  }

  hold(): void {
    if (!this.isHeld) this.owner.beginBatch();
    this.isHeld = true;
    this.owner.receiver.pause();
  }

  /**
   * Delivers the next of what `hold` stopped. What is told meanwhile may release, or hold, in its turn.
   *
   * @returns  `isHeld`: false where nothing is left, or the application paused, and the hold is over
   */
  release(): boolean {
    if (this.isHeld && !this.isPaused) this.owner.receiver.resume();
    const isHeldAgain = this.owner.receiver.paused && !this.isPaused && !this.owner.isClosed;
    if (!this.isHeld || isHeldAgain) return this.isHeld;
    this.isHeld = false;
    const { lost } = this;
    this.lost = null;
    if (lost !== null) this.owner.transportClosed(lost.error);
    this.owner.endBatch(); // a transport that answers at once may bring more, and another hold
    return this.isHeld;
  }

  /** Fails the connection: what its keeper keeps is too much. */
  fail(error: PeerError): void {
    this.owner.receivedViolation(error);
  }

  /** The transport is gone: the owner is told, behind what is held. */
  lose(error: unknown): void {
    if (this.isHeld && !this.owner.isClosed) this.lost = { error };
    else this.owner.transportLost(error);
  }
}
