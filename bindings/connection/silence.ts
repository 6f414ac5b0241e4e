// How long a peer has said nothing. Asking the clock for each chunk would cost as much as decoding a small one: a connection
// notes that octets came, and the next look takes them as having come then.

/** What a silence calls for. */
export type SilenceVerdict = "wait" | "ping" | "close";

export class Silence {
  private sinceMs: number;
  private isBroken = false;
  private hasPinged = false;

  constructor(nowMs: number) {
    this.sinceMs = nowMs;
  }

  /** The peer has said something. */
  break(): void {
    this.isBroken = true;
  }

  /** When the next look is due. */
  deadlineMs(idleTimeoutMs: number): number {
    return this.sinceMs + (this.hasPinged ? idleTimeoutMs : idleTimeoutMs / 2);
  }

  /** A ping is called for at half of the timeout, the close at its end. */
  look(nowMs: number, idleTimeoutMs: number): SilenceVerdict {
    if (this.isBroken) {
      this.isBroken = false;
      this.hasPinged = false;
      this.sinceMs = nowMs;
    }
    if (nowMs >= this.sinceMs + idleTimeoutMs) return "close";
    if (this.hasPinged || nowMs < this.deadlineMs(idleTimeoutMs)) return "wait";
    this.hasPinged = true;
    return "ping";
  }
}
