// One coarse clock a process for every timeout of servers and clients: no timer a socket. It looks around once a period and asks
// each of its members what is due; the period is a tenth of the shortest timeout it serves, from 10 ms to 1 s.

import { share } from "../share.ts";

/** Whatever has timeouts. */
export interface Timed {
  /** The shortest of them, in ms. */
  readonly shortestTimeoutMs: number;
  /** Does what is due. */
  tick(nowMs: number): void;
}

/** The platform's timer, or a test's. */
export interface TimerSource {
  now(): number;
  /** Calls `run` every `periodMs` until the returned function is called. Does not keep the process alive. */
  every(periodMs: number, run: () => void): () => void;
}

const platformTimer: TimerSource = {
  now: () => performance.now(),
  every: (periodMs, run) => {
    const timer = setInterval(run, periodMs);
    (timer as Partial<typeof timer>).unref?.(); // a browser's is a number: nothing there stays alive for it
    return () => clearInterval(timer);
  },
};

const SHORTEST_PERIOD_MS = 10;
const LONGEST_PERIOD_MS = 1000;

export class Clock {
  private readonly source: TimerSource;
  private readonly members = new Set<Timed>();
  /** How many members want each period: a client is a member of its own, and there may be thousands. */
  private readonly periodCounts = new Map<number, number>();
  private periodMs = 0;
  private stop: (() => void) | null = null;

  constructor(source: TimerSource = platformTimer) {
    this.source = source;
  }

  now(): number {
    return this.source.now();
  }

  /** @param member  its `shortestTimeoutMs` stays what it is as long as it is a member */
  add(member: Timed): void {
    if (this.members.has(member)) return;
    this.members.add(member);
    this.count(member, 1);
  }

  remove(member: Timed): void {
    if (this.members.delete(member)) this.count(member, -1);
  }

  private count({ shortestTimeoutMs }: Timed, change: 1 | -1): void {
    const wanted = Math.min(LONGEST_PERIOD_MS, Math.max(SHORTEST_PERIOD_MS, shortestTimeoutMs / 10));
    const count = (this.periodCounts.get(wanted) ?? 0) + change;
    if (count === 0) this.periodCounts.delete(wanted);
    else this.periodCounts.set(wanted, count);
    this.adjust();
  }

  private get wantedMs(): number {
    return this.periodCounts.size === 0 ? 0 : Math.min(...this.periodCounts.keys());
  }

  /** A longer period waits for the next tick: a timer that began anew whenever members come and go would never run out. */
  private adjust(): void {
    const { wantedMs } = this;
    if (wantedMs === 0 || wantedMs < this.periodMs || this.periodMs === 0) this.restart(wantedMs);
  }

  private restart(periodMs: number): void {
    if (periodMs === this.periodMs) return;
    this.periodMs = periodMs;
    this.stop?.();
    this.stop = periodMs === 0 ? null : this.source.every(periodMs, () => this.tick());
  }

  private tick(): void {
    const nowMs = this.source.now();
    for (const member of this.members) member.tick(nowMs);
    this.restart(this.wantedMs);
  }
}

/** The clock of whoever is given no other. */
export const processClock: Clock = /*#__PURE__*/ share("clock", new Clock());
