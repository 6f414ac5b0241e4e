// Handshakes on an HTTP server that no WebSocket server attached to it claims, and nobody else listens for: answered, half-closed
// and drained as any refusal, by an answerer that belongs to no server.

import type { Duplex } from "node:stream";
import { CLOSE_TIMEOUT_MS } from "../connection/settings.ts";
import { platform } from "../runtime/platform.ts";
import { type Answerer, Answering } from "../server/answering.ts";
import type { Replies } from "../server/replies.ts";
import { processClock, type Timed } from "../socket/clock.ts";
import { readingByEvents, StreamLink } from "./stream-link.ts";

class Porter implements Answerer, Timed {
  readonly closeTimeoutMs: number = CLOSE_TIMEOUT_MS;
  readonly shortestTimeoutMs: number = CLOSE_TIMEOUT_MS;
  /** What it says is short: nothing is closed for it. */
  readonly maxProcessBuffered: number = Number.POSITIVE_INFINITY;
  private readonly answerings = new Set<Answering>();

  now(): number {
    return processClock.now();
  }

  /** There is no application behind it. */
  fault(error: unknown): void {
    platform.warn(error);
  }

  leave(answering: Answering): void {
    this.answerings.delete(answering);
    if (this.answerings.size === 0) processClock.remove(this);
  }

  tick(nowMs: number): void {
    for (const answering of this.answerings) answering.tick(nowMs);
  }

  turnAway(stream: Duplex, replies: Replies, error: unknown): void {
    if (stream.destroyed) return;
    const link = new StreamLink(stream, readingByEvents);
    const answering = new Answering(link, this, replies);
    this.answerings.add(answering);
    processClock.add(this);
    link.read(answering);
    answering.refuse(error);
  }
}

const porter = new Porter();

/** Refuses on a stream that is nobody's. */
export function turnAway(stream: Duplex, replies: Replies, error: unknown): void {
  porter.turnAway(stream, replies, error);
}
