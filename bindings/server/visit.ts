// A handshake on its way to an answer: judged, then, where the application has an `upgrade` handler, put before it. Whichever
// way a request came, by `listen`, `attach`, `handleUpgrade` or HTTP/2, it is decided here.
//
// While the application thinks, what arrives is kept, up to a bound, and counts in maxProcessBuffered: the first frames of a
// client that did not wait. A client that goes away meanwhile is told to the application by a signal; the answer that comes
// all the same is dropped.

import { copyOf } from "../codec/octets.ts";
import type { AcceptedHandshake, RefusedHandshake, RequestHead } from "../handshake/index.ts";
import { isPromise } from "../handshake/promises.ts";
import type { Link } from "../socket/link.ts";
import { type Answerer, Answering } from "./answering.ts";
import { refusalAnswer } from "./http-answer.ts";
import { Kept } from "./kept.ts";
import type { Replies } from "./replies.ts";
import { type Decision, HandshakeOffer, readDecision, type UpgradeOffer } from "./upgrade-offer.ts";

/** What a server does with handshakes. */
export interface Host extends Answerer {
  /** Whether there is an `upgrade` handler. */
  readonly hasUpgrade: boolean;
  /** Puts a handshake before it: returns an UpgradeDecision, or a promise of one. */
  ask(request: RequestHead, offer: UpgradeOffer<unknown>): unknown;
  /** Makes a WebSocket of a link that was told so; `rest` are the octets that came already. */
  adopt(link: Link, request: RequestHead, accepted: AcceptedHandshake, rest: Uint8Array, data: unknown): void;
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
  /** Whether the link was stopped, for too much came. */
  private isStopped = false;

  constructor(link: Link, host: Host, replies: Replies) {
    super(link, host, replies);
    this.host = host;
  }

  override arrived(chunk: Uint8Array): void {
    const { pending } = this;
    if (pending === null) return; // answered: the rest is drained
    pending.kept.add(chunk);
    if (pending.kept.isFull) {
      this.isStopped = true;
      this.link.pause();
    }
    this.holds(pending.kept.retainedLength);
  }

  override landed(region: Uint8Array, length: number): void {
    if (this.pending !== null) this.arrived(copyOf(region, 0, length));
  }

  /** A peer that has ended its side cannot hold a conversation: it is gone. */
  override ended(): void {
    if (this.pending === null) return;
    this.abandon();
    this.link.end();
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
   * @param incoming  what the runtime made of the request, for the application
   */
  decide(
    request: RequestHead,
    verdict: AcceptedHandshake | RefusedHandshake,
    rest: Uint8Array,
    incoming?: unknown,
  ): void {
    if (!verdict.accepted) this.respond(refusalAnswer(verdict));
    else if (this.host.hasUpgrade) this.ask(request, verdict, rest, incoming);
    else this.accept(request, verdict, rest, undefined);
  }

  private ask(request: RequestHead, accepted: AcceptedHandshake, rest: Uint8Array, incoming: unknown): void {
    const offer = new HandshakeOffer(accepted, this.link.remoteAddress, incoming);
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
    const { link } = this;
    if (link.isGone) return;
    try {
      this.replies.accept(link, accepted);
    } catch (error) {
      this.failed(error); // HTTP/2 has rules of its own for the application's fields
      return;
    }
    this.host.leave(this);
    if (this.isStopped) link.resume(); // nothing arrives before `open` was called
    this.host.adopt(link, request, accepted, rest, data);
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
