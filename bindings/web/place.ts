// A server's place for one connection: a reception and a clock of its own, from the first octet until nothing is left to tell.

import type { AcceptedHandshake, RequestHead } from "../handshake/index.ts";
import type { Answering } from "../server/answering.ts";
import type { ServerSettings } from "../server/options.ts";
import { Reception } from "../server/reception.ts";
import type { Clock, Timed } from "../socket/clock.ts";
import type { Link } from "../socket/link.ts";
import type { Socket } from "../socket/socket.ts";

export class Place<Data> extends Reception<Data> implements Timed {
  readonly shortestTimeoutMs: number;
  /** Resolves when the connection is over, and the application knows it. */
  readonly over: Promise<void>;
  /** Whether its handshake was accepted. */
  wasOpen = false;
  private readonly clock: Clock;
  private tellOver!: () => void;

  constructor(settings: ServerSettings<Data>, clock: Clock) {
    super(settings);
    this.shortestTimeoutMs = settings.shortestTimeoutMs;
    this.clock = clock;
    this.over = new Promise((resolve) => (this.tellOver = resolve));
    clock.add(this);
  }

  override adopt(link: Link, request: RequestHead, accepted: AcceptedHandshake, rest: Uint8Array, data: unknown): void {
    this.wasOpen = true;
    super.adopt(link, request, accepted, rest, data);
  }

  override leave(answering: Answering): void {
    super.leave(answering);
    queueMicrotask(() => this.settle()); // it may be adopted now
  }

  override forget(socket: Socket<Data>): void {
    super.forget(socket);
    this.settle();
  }

  private settle(): void {
    if (this.answerings.size !== 0 || this.open.size !== 0) return;
    this.clock.remove(this);
    this.tellOver();
  }
}
