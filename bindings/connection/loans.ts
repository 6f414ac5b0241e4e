// Octets that connections borrow from the application until their transports have taken them. However many borrow the same, as
// in a broadcast, it is one memory: whoever borrowed it first is charged, and when that one gives it back the next.
// Every build of this version in a program counts in one place.

import { share } from "../share.ts";
import type { Account } from "./budget.ts";

interface Loan {
  /** Octets; a transport may give their memory away meanwhile. */
  readonly length: number;
  /** How often each has borrowed it, the oldest first. */
  readonly borrowers: Map<Account, number>;
}

const loans: WeakMap<Uint8Array, Loan> = /*#__PURE__*/ share("loans", new WeakMap());

/** Whether somebody is charged for these octets. */
export function isLent(octets: Uint8Array): boolean {
  return loans.has(octets);
}

/** Borrows octets for as long as they are not given back. The same view is the same memory; another view of it is not. */
export function borrow(octets: Uint8Array, account: Account): void {
  const loan = loans.get(octets);
  if (loan !== undefined) {
    loan.borrowers.set(account, (loan.borrowers.get(account) ?? 0) + 1);
    return;
  }
  const { length } = octets;
  loans.set(octets, { length, borrowers: new Map([[account, 1]]) });
  account.charge(length);
}

/** Gives back what this account borrowed, once for each time. */
export function giveBack(octets: Uint8Array, account: Account): void {
  const { length, borrowers } = loans.get(octets)!;
  const count = borrowers.get(account)!;
  if (count > 1) {
    borrowers.set(account, count - 1);
    return;
  }
  const [first] = borrowers.keys();
  borrowers.delete(account);
  if (first !== account) return;
  account.charge(-length);
  const [next] = borrowers.keys();
  if (next === undefined) loans.delete(octets);
  else next.charge(length);
}

/** What one connection borrows, the oldest first. What its transport takes at once is never charged. */
export class BorrowedPayloads {
  private readonly account: Account;
  private payloads: Uint8Array[] = [];
  /** How many of them are charged: the oldest. */
  private chargedCount = 0;

  constructor(account: Account) {
    this.account = account;
  }

  add(octets: Uint8Array): void {
    this.payloads.push(octets);
  }

  /** They stay for a while: they are charged. */
  charge(): void {
    while (this.chargedCount < this.payloads.length) borrow(this.payloads[this.chargedCount++]!, this.account);
  }

  giveBackOldest(): void {
    const octets = this.payloads.shift()!;
    if (this.chargedCount === 0) return;
    this.chargedCount--;
    giveBack(octets, this.account);
  }

  giveBackAll(): void {
    while (this.payloads.length !== 0) this.giveBackOldest();
  }
}
