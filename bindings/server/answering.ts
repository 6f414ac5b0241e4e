// A link whose request is answered by something else than a WebSocket: a refusal, a plain answer, 500. It is half-closed and
// drained, so that the peer can read why, and lives no longer than the close timeout.
// Knows neither requests nor handshakes: visit.ts and greeting.ts do.

import { Account, type Holder } from "../connection/budget.ts";
import { HandshakeError } from "../errors/classes.ts";
import { refuseHandshake } from "../handshake/index.ts";
import type { Link, LinkSink } from "../socket/link.ts";
import { type Answer, faultAnswer, refusalAnswer } from "./http-answer.ts";
import type { Replies } from "./replies.ts";

/** What a server does with those that it answers. */
export interface Answerer {
  readonly closeTimeoutMs: number;
  /** Octets that all connections of the thread may hold; what did not leave of an answer is among them. */
  readonly maxProcessBuffered: number;
  now(): number;
  /** Something that is the application's fault: a handler that threw. */
  fault(error: unknown): void;
  /** The link is gone, or somebody else's. */
  leave(answering: Answering): void;
}

export class Answering implements LinkSink, Holder {
  readonly link: Link;
  private readonly answerer: Answerer;
  protected readonly replies: Replies;
  protected readonly account: Account;
  /** When the link is dropped. */
  protected deadlineMs: number = Number.POSITIVE_INFINITY;

  constructor(link: Link, answerer: Answerer, replies: Replies) {
    this.link = link;
    this.answerer = answerer;
    this.replies = replies;
    this.account = new Account(this, answerer.maxProcessBuffered);
  }

  /** Answered: the rest is drained. */
  arrived(_chunk: Uint8Array): void {}

  landed(_region: Uint8Array, _length: number): void {}

  /** The answer, given or still to come, ends it. */
  ended(): void {}

  closed(): void {
    this.stopReading();
    this.answerer.leave(this);
  }

  /** Drops the link: what it holds takes memory that others need. */
  evict(): void {
    this.drop();
  }

  tick(nowMs: number): void {
    if (nowMs >= this.deadlineMs) this.link.destroy();
  }

  /** Drops the link. */
  drop(): void {
    this.stopReading();
    this.link.destroy();
  }

  /** Refuses a request for an error: a HandshakeError says how, anything else is the application's fault. */
  refuse(error: unknown): void {
    if (!(error instanceof HandshakeError) || error.httpStatus < 400 || error.httpStatus > 599) {
      this.failed(error);
      return;
    }
    let refusal: Answer;
    try {
      refusal = refusalAnswer(refuseHandshake(error));
    } catch (unsendable) {
      this.failed(unsendable); // the application's error has fields that no head can carry
      return;
    }
    this.respond(refusal);
  }

  protected failed(error: unknown): void {
    this.respond(faultAnswer);
    this.answerer.fault(error);
  }

  protected respond(answer: Answer): void {
    this.stopReading();
    this.deadlineMs = this.answerer.now() + this.answerer.closeTimeoutMs;
    const { link } = this;
    if (link.isGone) return;
    let length: number;
    try {
      length = this.replies.answer(link, answer, () => this.stopReading());
    } catch (error) {
      if (answer === faultAnswer) link.destroy();
      else this.failed(error); // HTTP/2 has rules of its own, such as one Location an answer
      return;
    }
    if (!link.isDrained) this.holds(length);
  }

  /** What has come of a request, or did not leave of an answer, is kept if there is room for it. */
  protected holds(length: number): void {
    this.account.charge(length - this.account.held);
    if (this.account.claim(0) !== null) this.evict();
  }

  /** Lets go of what is held. */
  protected stopReading(): void {
    this.account.charge(-this.account.held);
  }
}
