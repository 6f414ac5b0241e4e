// How long a peer has said nothing. Asking the clock for each chunk would cost as much as decoding a small one: a connection
// notes that octets came, and the next look takes them as having come then.

/** What a silence calls for. */
export type SilenceVerdict = "wait" | "ping" | "close";

/** What is known of a silence between two looks. */
export const Heard = { SinceLook: 0, Before: 1, BeforePing: 2 } as const;
export type Heard = (typeof Heard)[keyof typeof Heard];

/** When the next look is due, for a silence that began at `sinceMs`. */
export function silenceDeadlineMs(sinceMs: number, heard: Heard, idleTimeoutMs: number): number {
  return sinceMs + (heard === Heard.BeforePing ? idleTimeoutMs : idleTimeoutMs / 2);
}

/** A ping is called for at half of the timeout, the close at its end. */
export function judgeSilence(sinceMs: number, heard: Heard, nowMs: number, idleTimeoutMs: number): SilenceVerdict {
  if (nowMs >= sinceMs + idleTimeoutMs) return "close";
  if (heard === Heard.BeforePing || nowMs < silenceDeadlineMs(sinceMs, heard, idleTimeoutMs)) return "wait";
  return "ping";
}
