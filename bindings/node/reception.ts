// Where a server's handshakes become its sockets, whichever way they come: greetings of its own listener, knocks on the doors
// of HTTP servers. It owns who is on the way and who is alive, ticks them, and ends them. Protocol is Connection's; who
// listens, and what is attached to what, is server.ts's affair.

import type { Socket as NetSocket } from "node:net";
import type { Duplex } from "node:stream";
import { CloseCode } from "../codes.ts";
import { HandshakeError } from "../errors/classes.ts";
import { type AcceptedHandshake, handshakeError, type RequestHead } from "../handshake/index.ts";
import { share } from "../share.ts";
import type { Answering } from "./answering.ts";
import { type Greeter, Greeting } from "./greeting.ts";
import type { HttpResponse } from "./http-answer.ts";
import type { Knock } from "./knock.ts";
import { ReaderChoice } from "./reader-choice.ts";
import type { ServerSettings } from "./server-options.ts";
import { connectionOf, Socket, sinkOf, streamOf } from "./socket.ts";
import { takeOver } from "./stream-reader.ts";
import { turnAway } from "./unclaimed.ts";
import type { UpgradeOffer } from "./upgrade-offer.ts";
import { Visit } from "./visit.ts";

/** Streams that were handed to a server: not to be handed to another. */
const received: WeakSet<Duplex> = share("received streams", new WeakSet<Duplex>());

/** Whether a stream was handed to a server already. */
export const isReceived = (stream: Duplex): boolean => received.has(stream);

export class Reception<Data> implements Greeter {
  readonly reading: ReaderChoice;
  readonly open: Set<Socket<Data>> = new Set();
  private readonly settings: ServerSettings<Data>;
  /** Those on the way: greetings, visits, answers that are not read yet. */
  private readonly answerings = new Set<Answering>();
  private isClosed = false;
  private whenEmpty: (() => void) | null = null;

  constructor(settings: ServerSettings<Data>) {
    this.settings = settings;
    this.reading = new ReaderChoice(settings.transport, settings.connection.kernel);
  }

  /** Greets a socket that the server itself accepted. */
  greet(stream: NetSocket, isSecure: boolean): void {
    const greeting = new Greeting(stream, this, this.policy(isSecure));
    this.answerings.add(greeting);
    this.reading.read(stream, greeting);
  }

  /** Takes a handshake that is this server's own; where it is not known yet how sockets are read, it waits for that. */
  receive(knock: Knock): void {
    const { stream } = knock;
    received.add(stream);
    const { setTimeout, setNoDelay } = stream as Partial<NetSocket>;
    setTimeout?.call(stream, 0);
    setNoDelay?.call(stream, true);
    if (this.reading.isMade) {
      this.visit(knock);
      return;
    }
    const ignore = (): void => {}; // an error that nobody listens for would end the process; `visit` sees that it is gone
    stream.on("error", ignore);
    void this.reading.make().then(() => {
      stream.off("error", ignore);
      this.visit(knock);
    });
  }

  private visit(knock: Knock): void {
    const { stream, replies, request, incoming } = knock;
    if (stream.destroyed) return;
    if (this.isClosed) {
      turnAway(stream, replies, handshakeError("WS_HANDSHAKE_CLOSED"));
      return;
    }
    const visit = new Visit(stream, this, replies);
    this.answerings.add(visit);
    const rest = takeOver(stream, visit, this.reading.read, knock.head);
    try {
      if (this.reading.refusal !== null) throw this.reading.refusal;
      visit.decide(request, knock.judge(this.policy(knock.isSecure)), rest, incoming);
    } catch (error) {
      visit.refuse(error);
    }
  }

  /** Refuses a handshake for what the application threw when it was asked whether it is its own. */
  refuse(knock: Knock, error: unknown): void {
    if (error instanceof HandshakeError) turnAway(knock.stream, knock.replies, error);
    else {
      turnAway(knock.stream, knock.replies, handshakeError("WS_HANDSHAKE_INTERNAL"));
      this.fault(error);
    }
  }

  /** Ends everything: 1001 for the open, nothing for those on the way; resolves when the open ones are gone. */
  async close(): Promise<void> {
    this.isClosed = true;
    for (const answering of this.answerings) answering.drop();
    for (const socket of this.open) this.goAway(socket);
    if (this.open.size !== 0) await new Promise<void>((resolve) => (this.whenEmpty = resolve));
  }

  /** Ends the connections of a session of HTTP/2. */
  sessionEnds(session: object): void {
    for (const socket of this.open) {
      const { session: own } = streamOf(socket) as Duplex & { readonly session?: object };
      if (own === session) this.goAway(socket);
    }
  }

  private goAway(socket: Socket<Data>): void {
    // A paused connection sees neither Close nor FIN.
    socket.resume();
    socket.close(CloseCode.GoingAway, "");
  }

  tick(nowMs: number): void {
    for (const answering of this.answerings) answering.tick(nowMs);
    for (const socket of this.open) connectionOf(socket).tick(nowMs);
  }

  private policy(isSecure: boolean): ServerSettings<Data>["policy"] {
    return isSecure ? this.settings.securePolicy : this.settings.policy;
  }

  // What follows is called by greetings, visits and sockets.

  get handshakeTimeoutMs(): number {
    return this.settings.handshakeTimeoutMs;
  }

  get closeTimeoutMs(): number {
    return this.settings.connection.closeTimeoutMs;
  }

  get maxProcessBuffered(): number {
    return this.settings.connection.maxProcessBuffered;
  }

  get hasUpgrade(): boolean {
    return this.settings.handlers.upgrade !== undefined;
  }

  now(): number {
    return this.settings.clock.now();
  }

  answer(request: RequestHead): HttpResponse | undefined | Promise<HttpResponse | undefined> {
    return this.settings.handlers.request?.(request);
  }

  ask(request: RequestHead, offer: UpgradeOffer): unknown {
    return this.settings.handlers.upgrade?.(request, offer);
  }

  adopt(stream: Duplex, request: RequestHead, accepted: AcceptedHandshake, rest: Uint8Array, data: unknown): void {
    const { connection: settings, deflate } = this.settings;
    const extension = deflate?.forServer(accepted.extensions);
    const socket = new Socket<Data>(stream, settings, { ...accepted, extension }, this.reading.writer);
    socket.data = data as Data | undefined;
    const connection = connectionOf(socket);
    const sink = sinkOf(socket, this);
    this.open.add(socket);
    this.reading.read(stream, sink);
    const { handlers } = this.settings;
    if (handlers.open !== undefined) connection.run(() => socket.expectLoop(handlers.open?.(socket, request)));
    if (rest.length !== 0) sink.arrived(rest);
  }

  fault(error: unknown): void {
    const { serverError } = this.settings.handlers;
    if (serverError !== undefined) serverError(error);
    else process.emitWarning(error instanceof Error ? error : new Error(String(error)));
  }

  leave(answering: Answering): void {
    this.answerings.delete(answering);
  }

  forget(socket: Socket<Data>): void {
    this.open.delete(socket);
    if (this.open.size === 0) this.whenEmpty?.();
  }
}
