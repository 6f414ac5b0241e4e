// Octets that wait for more, counted against what all connections of the thread may hold together.

import { BlockChain } from "../codec/blocks.ts";
import type { Account } from "./budget.ts";

/** A BlockChain whose blocks are charged while it has them. */
export class ChargedChain extends BlockChain {
  private readonly account: Account;

  constructor(account: Account) {
    super();
    this.account = account;
  }

  override append(octets: Uint8Array, start: number, end: number): void {
    const { capacity } = this;
    try {
      super.append(octets, start, end);
    } finally {
      this.account.charge(this.capacity - capacity); // also where there is no memory for all of it
    }
  }

  override clear(): void {
    this.account.charge(-this.capacity);
    super.clear();
  }
}
