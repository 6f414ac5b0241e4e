// Where a server's handshakes become its sockets. It owns who is on the way and who is alive, ticks them, and ends them.
// Protocol is Connection's; who listens is the runtime's affair, and so is whatever else may bring links.

import { CloseCode } from "../codes.ts";
import type { AcceptedHandshake, HandshakePolicy, RequestHead } from "../handshake/index.ts";
import type { Link } from "../socket/link.ts";
import { connectionOf, Socket, type SocketKeeper, sinkOf } from "../socket/socket.ts";
import type { Answering } from "./answering.ts";
import { type Greeter, Greeting } from "./greeting.ts";
import type { HttpResponse } from "./http-answer.ts";
import type { ServerSettings } from "./options.ts";
import type { UpgradeOffer } from "./upgrade-offer.ts";

export class Reception<Data> implements Greeter, SocketKeeper<Data> {
  readonly open: Set<Socket<Data>> = new Set();
  protected readonly settings: ServerSettings<Data>;
  /** Those on the way: greetings, visits, answers that are not read yet. */
  protected readonly answerings: Set<Answering> = new Set();
  protected isClosed = false;
  private whenEmpty: (() => void) | null = null;

  constructor(settings: ServerSettings<Data>) {
    this.settings = settings;
  }

  /** Greets a link whose first octets are a request. */
  greet(link: Link, isSecure: boolean): void {
    const greeting = new Greeting(link, this, this.policy(isSecure));
    this.answerings.add(greeting);
    link.read(greeting);
  }

  /** Ends everything: 1001 for the open, nothing for those on the way; resolves when the open ones are gone. */
  async close(): Promise<void> {
    this.isClosed = true;
    for (const answering of this.answerings) answering.drop();
    for (const socket of this.open) this.goAway(socket);
    if (this.open.size !== 0) await new Promise<void>((resolve) => (this.whenEmpty = resolve));
  }

  protected goAway(socket: Socket<Data>): void {
    // A paused connection sees neither Close nor FIN.
    socket.resume();
    socket.close(CloseCode.GoingAway, "");
  }

  tick(nowMs: number): void {
    for (const answering of this.answerings) answering.tick(nowMs);
    for (const socket of this.open) connectionOf(socket).tick(nowMs);
  }

  protected policy(isSecure: boolean): HandshakePolicy {
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

  ask(request: RequestHead, offer: UpgradeOffer<unknown>): unknown {
    return this.settings.handlers.upgrade?.(request, offer);
  }

  adopt(link: Link, request: RequestHead, accepted: AcceptedHandshake, rest: Uint8Array, data: unknown): void {
    const { connection: settings, deflate, handlers } = this.settings;
    const extension = deflate?.forServer(accepted.extensions);
    const socket = new Socket<Data>(link, settings, { ...accepted, extension });
    socket.data = data as Data | undefined;
    const sink = sinkOf(socket, this);
    this.open.add(socket);
    link.read(sink);
    if (handlers.open !== undefined)
      connectionOf(socket).run(() => socket.expectLoop(handlers.open?.(socket, request)));
    if (rest.length !== 0) sink.arrived(rest);
  }

  fault(error: unknown): void {
    const { serverError } = this.settings.handlers;
    if (serverError !== undefined) serverError(error);
    else this.settings.platform.warn(error);
  }

  leave(answering: Answering): void {
    this.answerings.delete(answering);
  }

  forget(socket: Socket<Data>): void {
    this.open.delete(socket);
    if (this.open.size === 0) this.whenEmpty?.();
  }
}
