// What has come and waits to be delivered: the batch that a pause or the end of a turn stopped, what of chunks was not decoded
// then, and chunks that came since. Its memory is charged.

import { type Batch, giveBatch } from "../codec/batch.ts";
import type { Account } from "./budget.ts";
import { ChargedChain } from "./charged-chain.ts";
import { type Leftover, Leftovers } from "./leftovers.ts";

export class Backlog {
  private readonly account: Account;
  /** A batch in memory of its own, and what of chunks waits behind it. */
  private held: Batch | null = null;
  private leftovers: Leftovers | null = null;
  /** What of these two the account knows of. */
  private charged = 0;
  private queued: ChargedChain | null = null;

  constructor(account: Account) {
    this.account = account;
  }

  get isEmpty(): boolean {
    return this.held === null && this.queued === null && this.leftLength === 0;
  }

  /** Keeps octets that come behind everything else. */
  queue(octets: Uint8Array, start: number, end: number): void {
    this.queued ??= new ChargedChain(this.account);
    this.queued.append(octets, start, end);
  }

  /** Keeps what is left of a batch that has spilled. */
  keepBatch(batch: Batch): void {
    if (batch.spilledRaw !== null) this.keepRest(batch.spilledRaw, 0, true);
    batch.spilledRaw = null;
    if (batch.isDone) {
      giveBatch(batch);
    } else {
      batch.kernel.input.release(batch);
      this.held = batch;
    }
  }

  /** Keeps a batch that was taken, and is not done. */
  putBack(batch: Batch): void {
    this.held = batch;
  }

  /** Keeps a chunk from `at` on: copied once if it is borrowed, however often it is stopped at. */
  keepRest(chunk: Uint8Array, at: number, isOurs: boolean): void {
    this.leftovers ??= new Leftovers();
    this.leftovers.push(chunk, at, isOurs);
  }

  /** Takes what comes first, if that is a batch. */
  takeBatch(): Batch | null {
    const { held } = this;
    this.held = null;
    return held;
  }

  /** The same, behind the batch. */
  takeLeftover(): Leftover | undefined {
    return this.leftovers?.pop();
  }

  /** The same, behind those: all of it in one piece. */
  takeQueued(): Uint8Array | undefined {
    const { queued } = this;
    this.queued = null;
    return queued?.takeOctets();
  }

  /** Tells the account what a pause keeps of a chunk and of a batch, and returns it: octets. */
  settleCharge(): number {
    const kept = (this.held?.keptLength ?? 0) + this.leftLength;
    this.account.charge(kept - this.charged);
    this.charged = kept;
    return kept;
  }

  /** Drops everything. */
  clear(): void {
    this.held = this.leftovers = null;
    this.settleCharge();
    this.queued?.clear();
    this.queued = null;
  }

  private get leftLength(): number {
    return this.leftovers === null ? 0 : this.leftovers.length;
  }
}
