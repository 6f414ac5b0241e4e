// A handshake on its way to an answer: judged, then, where the application has an `upgrade` handler, put before it. Whichever
// way a request came, by `listen`, `attach`, `handleUpgrade` or HTTP/2, it is decided here.
//
// While the application thinks, what arrives is kept, up to a bound, and counts in maxProcessBuffered: the first frames of a
// client that did not wait. A client that goes away meanwhile is told to the application by a signal; the answer that comes
// all the same is dropped.

import type { Duplex } from "node:stream";
import { copyOf } from "../codec/octets.ts";
import type { AcceptedHandshake, RefusedHandshake, RequestHead } from "../handshake/index.ts";
import { isPromise } from "../handshake/promises.ts";
import { type Answerer, Answering } from "./answering.ts";
import { refusalAnswer } from "./http-answer.ts";
import { Kept } from "./kept.ts";
import type { Replies } from "./replies.ts";
import { type Decision, HandshakeOffer, type Incoming, readDecision, type UpgradeOffer } from "./upgrade-offer.ts";

/** What a server does with handshakes. */
export interface Host extends Answerer {
  /** Whether there is an `upgrade` handler. */
  readonly hasUpgrade: boolean;
  /** Puts a handshake before it: returns an UpgradeDecision, or a promise of one. */
  ask(request: RequestHead, offer: UpgradeOffer): unknown;
  /** Makes a WebSocket of a stream that was told so; `rest` are the octets that came already. */
  adopt(stream: Duplex, request: RequestHead, accepted: AcceptedHandshake, rest: Uint8Array, data: unknown): void;
}

/** What waits for a decision. */
interface Pending {
  readonly request: RequestHead;
  readonly accepted: AcceptedHandshake;
  readonly offer: HandshakeOffer;
  readonly kept: Kept;
}

export class Visit extends Answering {
  private readonly host: Host;
  private pending: Pending | null = null;

  constructor(stream: Duplex, host: Host, replies: Replies) {
    super(stream, host, replies);
    this.host = host;
  }

  override arrived(chunk: Uint8Array): void {
    const { pending } = this;
    if (pending === null) return; // answered: the rest is drained
    pending.kept.add(chunk);
    if (pending.kept.isFull) this.stream.pause();
    this.holds(pending.kept.retainedLength);
  }

  override landed(region: Uint8Array, length: number): void {
    if (this.pending !== null) this.arrived(copyOf(region, 0, length));
  }

  /** A peer that has ended its side cannot hold a conversation: it is gone. */
  override ended(): void {
    if (this.pending === null) return;
    this.abandon();
    this.stream.end();
  }

  override closed(): void {
    this.abandon();
    super.closed();
  }

  override drop(): void {
    this.abandon();
    super.drop();
  }

  /**
   * Goes by a verdict.
   *
   * @param rest      octets that came with the request; taken over
   * @param incoming  what Node made of the request, for the application
   */
  decide(
    request: RequestHead,
    verdict: AcceptedHandshake | RefusedHandshake,
    rest: Uint8Array,
    incoming?: Incoming,
  ): void {
    if (!verdict.accepted) this.respond(refusalAnswer(verdict));
    else if (this.host.hasUpgrade) this.ask(request, verdict, rest, incoming);
    else this.accept(request, verdict, rest, undefined);
  }

  private ask(request: RequestHead, accepted: AcceptedHandshake, rest: Uint8Array, incoming?: Incoming): void {
    const offer = new HandshakeOffer(accepted, this.stream, incoming);
    const pending = { request, accepted, offer, kept: new Kept(rest) };
    this.pending = pending;
    let decision: unknown;
    try {
      decision = this.host.ask(request, offer);
    } catch (error) {
      this.threw(pending, error);
      return;
    }
    if (!isPromise(decision)) {
      this.decided(pending, decision);
      return;
    }
    this.deadlineMs = Number.POSITIVE_INFINITY; // the head is here: what takes time now is the application
    this.holds(pending.kept.retainedLength);
    Promise.resolve(decision).then(
      (value) => this.decided(pending, value),
      (error: unknown) => this.threw(pending, error),
    );
  }

  private threw(pending: Pending, error: unknown): void {
    if (this.pending === pending) this.refuse(error);
  }

  private decided(pending: Pending, value: unknown): void {
    if (this.pending !== pending) return; // gone meanwhile: there is nobody to answer
    let decision: Decision;
    try {
      decision = readDecision(value, pending.accepted);
    } catch (error) {
      this.refuse(error);
      return;
    }
    if (decision.answer !== undefined) this.respond(decision.answer);
    else this.accept(pending.request, decision.accepted, pending.kept.take(), decision.data);
  }

  private accept(request: RequestHead, accepted: AcceptedHandshake, rest: Uint8Array, data: unknown): void {
    this.stopReading();
    const { stream } = this;
    if (stream.destroyed) return;
    try {
      this.replies.accept(stream, accepted);
    } catch (error) {
      this.failed(error); // HTTP/2 has rules of its own for the application's fields
      return;
    }
    this.host.leave(this);
    // Where too much came it was stopped; nothing arrives before `open` was called.
    if (stream.isPaused()) stream.resume();
    this.host.adopt(stream, request, accepted, rest, data);
  }

  protected override stopReading(): void {
    this.pending = null;
    super.stopReading();
  }

  /** Nobody waits for the decision any more. */
  private abandon(): void {
    this.pending?.offer.abort();
    this.stopReading();
  }
}
