// A socket before it is a WebSocket: gathers the request's head, answers it, and lives no longer than the handshake timeout.
// An upgrade is answered by the handshake module; a plain request by the application's `request`, or by 426 and a hint.
// Whatever is refused is half-closed and drained, so that the peer can read why.

import type { Socket as NetSocket } from "node:net";
import { copyOf } from "../codec/octets.ts";
import { Account, type Holder } from "../connection/budget.ts";
import { HandshakeError } from "../errors/classes.ts";
import {
  type AcceptedHandshake,
  acceptHandshake,
  type HandshakePolicy,
  HeadReader,
  isUpgradeRequest,
  parseRequestHead,
  type RequestHead,
  refuseHandshake,
  serializeResponse,
} from "../handshake/index.ts";
import { type HttpResponse, httpAnswer } from "./http-answer.ts";
import type { MemorySink } from "./stream-reader.ts";

/** What a server does with its greetings. */
export interface Greeter {
  readonly policy: HandshakePolicy;
  readonly handshakeTimeoutMs: number;
  readonly closeTimeoutMs: number;
  /** Octets that all connections of the thread may hold; unfinished heads are among them. */
  readonly maxProcessBuffered: number;
  now(): number;
  /** Answers a plain request; undefined for the hint. */
  answer(request: RequestHead): HttpResponse | undefined | Promise<HttpResponse | undefined>;
  /** Makes a WebSocket of the stream: the answer is `response`, the octets that came with the request are `rest`. */
  upgrade(
    stream: NetSocket,
    request: RequestHead,
    accepted: AcceptedHandshake,
    response: Uint8Array,
    rest: Uint8Array,
  ): void;
  /** Something that is the application's fault: a handler that threw. */
  fault(error: unknown): void;
  leave(greeting: Greeting): void;
}

export class Greeting implements MemorySink, Holder {
  private readonly stream: NetSocket;
  private readonly greeter: Greeter;
  private readonly account: Account;
  private reader: HeadReader | null;
  /** When the socket is dropped. */
  private deadlineMs: number;

  constructor(stream: NetSocket, greeter: Greeter) {
    this.stream = stream;
    this.greeter = greeter;
    this.account = new Account(this, greeter.maxProcessBuffered);
    this.reader = new HeadReader(greeter.policy);
    this.deadlineMs = greeter.now() + greeter.handshakeTimeoutMs;
  }

  arrived(chunk: Uint8Array): void {
    const { reader } = this;
    if (reader === null) return; // answered: the rest is drained
    try {
      if (reader.push(chunk)) this.headComplete(reader.head, reader.rest);
      else this.holds(reader.retainedLength);
    } catch (error) {
      this.refuse(error);
    }
  }

  landed(region: Uint8Array, length: number): void {
    if (this.reader !== null) this.arrived(copyOf(region, 0, length));
  }

  ended(): void {
    if (this.reader === null) return; // the answer, given or still to come, ends it
    this.stream.end();
    this.stopReading();
  }

  closed(): void {
    this.stopReading();
    this.greeter.leave(this);
  }

  /** Drops the socket: its head, or the answer that nobody reads, takes memory that others need. */
  evict(): void {
    this.stopReading();
    this.stream.destroy();
  }

  tick(nowMs: number): void {
    if (nowMs >= this.deadlineMs) this.stream.destroy();
  }

  /** Drops the socket: the server closes. */
  drop(): void {
    this.stream.destroy();
  }

  /** What has come of a head, or did not leave of an answer, is kept if there is room for it. */
  private holds(length: number): void {
    this.account.charge(length - this.account.held);
    if (this.account.claim(0) !== null) this.evict();
  }

  private stopReading(): void {
    this.reader = null;
    this.account.charge(-this.account.held);
  }

  private headComplete(head: Uint8Array, rest: Uint8Array): void {
    this.stopReading();
    const request = parseRequestHead(head);
    if (!isUpgradeRequest(request)) {
      this.answerPlain(request);
      return;
    }
    const answer = acceptHandshake(request, this.greeter.policy);
    const octets = serializeResponse(answer);
    if (!answer.accepted) {
      this.respond(octets);
      return;
    }
    this.greeter.leave(this);
    this.greeter.upgrade(this.stream, request, answer, octets, rest);
  }

  private answerPlain(request: RequestHead): void {
    const answer = this.greeter.answer(request);
    if (typeof (answer as PromiseLike<unknown> | undefined)?.then === "function") {
      this.deadlineMs = Number.POSITIVE_INFINITY; // the head is here: what takes time now is the application
      // An answer that cannot be sent is refused as one that was never given.
      Promise.resolve(answer as PromiseLike<HttpResponse | undefined>)
        .then((response) => this.respond(httpAnswer(request, response)))
        .catch((error: unknown) => this.refuse(error));
    } else {
      this.respond(httpAnswer(request, answer as HttpResponse | undefined));
    }
  }

  private refuse(error: unknown): void {
    if (!(error instanceof HandshakeError) || error.httpStatus < 400 || error.httpStatus > 599) {
      this.failed(error);
      return;
    }
    let refusal: Uint8Array;
    try {
      refusal = serializeResponse(refuseHandshake(error));
    } catch (unsendable) {
      this.failed(unsendable); // the application's error has fields that no head can carry
      return;
    }
    this.respond(refusal);
  }

  private failed(error: unknown): void {
    this.respond(
      serializeResponse({
        httpStatus: 500,
        headers: [
          ["Connection", "close"],
          ["Content-Length", "0"],
        ],
      }),
    );
    this.greeter.fault(error);
  }

  private respond(octets: Uint8Array): void {
    this.stopReading();
    this.deadlineMs = this.greeter.now() + this.greeter.closeTimeoutMs;
    const { stream } = this;
    if (stream.destroyed) return;
    stream.end(octets, () => this.stopReading());
    if (stream.writableLength !== 0) this.holds(octets.length);
  }
}
