// A link of our own before it is a WebSocket: gathers the request's head, and lives no longer than the handshake timeout
// until that is there. An upgrade is a handshake like any other, see visit.ts; a plain request is answered by the
// application's `request`, or by 426 and a hint.

import { copyOf } from "../codec/octets.ts";
import {
  acceptHandshake,
  type HandshakePolicy,
  HeadReader,
  isUpgradeRequest,
  parseRequestHead,
  type RequestHead,
} from "../handshake/index.ts";
import { isPromise } from "../handshake/promises.ts";
import type { Link } from "../socket/link.ts";
import { type HttpResponse, httpAnswer } from "./http-answer.ts";
import { http1Replies } from "./replies.ts";
import { type Host, Visit } from "./visit.ts";

/** What a server does with its greetings. */
export interface Greeter extends Host {
  readonly handshakeTimeoutMs: number;
  /** Answers a plain request; undefined for the hint. */
  answer(request: RequestHead): HttpResponse | undefined | Promise<HttpResponse | undefined>;
}

export class Greeting extends Visit {
  private readonly greeter: Greeter;
  private readonly policy: HandshakePolicy;
  private reader: HeadReader | null;

  constructor(link: Link, greeter: Greeter, policy: HandshakePolicy) {
    super(link, greeter, http1Replies);
    this.greeter = greeter;
    this.policy = policy;
    this.reader = new HeadReader(policy);
    this.deadlineMs = greeter.now() + greeter.handshakeTimeoutMs;
  }

  override arrived(chunk: Uint8Array): void {
    const { reader } = this;
    if (reader === null) {
      super.arrived(chunk);
      return;
    }
    try {
      if (reader.push(chunk)) this.headComplete(reader.head, reader.rest);
      else this.holds(reader.retainedLength);
    } catch (error) {
      this.refuse(error);
    }
  }

  override landed(region: Uint8Array, length: number): void {
    if (this.reader !== null) this.arrived(copyOf(region, 0, length));
    else super.landed(region, length);
  }

  override ended(): void {
    if (this.reader === null) {
      super.ended();
      return;
    }
    this.link.end();
    this.stopReading();
  }

  private headComplete(head: Uint8Array, rest: Uint8Array): void {
    this.stopReading();
    const request = parseRequestHead(head);
    if (isUpgradeRequest(request)) this.decide(request, acceptHandshake(request, this.policy), rest);
    else this.answerPlain(request);
  }

  private answerPlain(request: RequestHead): void {
    const { method } = request;
    const answer = this.greeter.answer(request);
    if (isPromise(answer)) {
      this.deadlineMs = Number.POSITIVE_INFINITY; // the head is here: what takes time now is the application
      // An answer that cannot be sent is refused as one that was never given.
      Promise.resolve(answer)
        .then((response) => this.respond(httpAnswer(method, response)))
        .catch((error: unknown) => this.refuse(error));
    } else {
      this.respond(httpAnswer(method, answer));
    }
  }

  protected override stopReading(): void {
    this.reader = null;
    super.stopReading();
  }
}
