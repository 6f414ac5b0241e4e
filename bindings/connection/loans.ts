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
