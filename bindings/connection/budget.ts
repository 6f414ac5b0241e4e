// Octets that a thread holds for its peers, all of them together: unfinished heads and messages, what waits behind a pause or
// for a loop, and output that no transport took yet. Each connection has an account and judges the sum by its own
// `maxProcessBuffered`. Where the sum passes that, whoever holds most is closed, and of several that hold as much the newest:
// one that holds less than its equal share is never closed for what others hold. docs/security.md says why.
// Every build of this version in a program counts in one place.

import { LimitError } from "../errors/classes.ts";
import { share } from "../share.ts";

/** Whose octets an account counts. */
export interface Holder {
  /**
   * Lets go of everything before this returns, and fails. Somebody else is being served: no handler may be called before
   * that is over.
   */
  evict(error: LimitError): void;
}

/** What all accounts hold, and those that hold something, in the order in which they began to. */
interface Ledger {
  held: number;
  newest: Account | null;
}

const ledger: Ledger = /*#__PURE__*/ share("budget", { held: 0, newest: null } as Ledger);

/** Octets held now, by everybody. */
export function heldOctets(): number {
  return ledger.held;
}

export class Account {
  /** Octets held now. */
  held = 0;
  private readonly holder: Holder;
  private readonly limit: number;
  private older: Account | null = null;
  private newer: Account | null = null;

  /** @param limit  octets that all accounts may hold together, as far as this one is concerned */
  constructor(holder: Holder, limit: number) {
    this.holder = holder;
    this.limit = limit;
  }

  /** Changes what is held by `change` octets, which is negative where some were let go. */
  charge(change: number): void {
    if (change === 0) return;
    ledger.held += change;
    if (this.held === 0) this.enter();
    this.held += change;
    if (this.held === 0) this.leave();
  }

  /**
   * Asks to hold `length` octets more. Others that hold more than this one would are closed for it, as many as it takes.
   *
   * @returns  null, or the error that this one is to be closed with: nobody holds more
   */
  claim(length: number): LimitError | null {
    for (let sum = ledger.held + length; sum > this.limit; sum = ledger.held + length) {
      const offender = this.offender(length, sum);
      const text = `maxProcessBuffered is used up: ${sum} octets, limit ${offender.limit}`;
      const error = new LimitError("WS_PROCESS_BUFFERED", text, 1009, offender.limit, sum, {
        section: "RFC 6455 §10.4",
      });
      if (offender === this) return error;
      const { held } = offender;
      offender.holder.evict(error);
      if (offender.held === held) return error; // it holds on: whoever asks is not let in over it
    }
    return null;
  }

  /**
   * Who is closed where the sum would be `sum`: of those whose limit that passes, who holds most; this one where all of them
   * together would not be enough.
   */
  private offender(length: number, sum: number): Account {
    let offender: Account = this;
    let most = this.held === 0 ? length : -1; // one that holds nothing yet is newer than those that do
    let left = sum;
    for (let account = ledger.newest; account !== null; account = account.older) {
      if (account !== this && account.limit >= sum) continue;
      const held = account === this ? account.held + length : account.held;
      if (account !== this) left -= held;
      if (held <= most) continue;
      most = held;
      offender = account;
    }
    return left > this.limit ? this : offender;
  }

  private enter(): void {
    this.older = ledger.newest;
    if (this.older !== null) this.older.newer = this;
    ledger.newest = this;
  }

  private leave(): void {
    const { older, newer } = this;
    if (older !== null) older.newer = newer;
    if (newer !== null) newer.older = older;
    else ledger.newest = older;
    this.older = this.newer = null;
  }
}
