// A socket of Bun's as a link. The system takes what is written at once, as far as it has room; the rest waits here for
// Bun's `drain`. One object of callbacks serves all sockets: whose it is stands in the socket's `data`.

import { BaseLink } from "../socket/base-link.ts";
import type { LinkSink } from "../socket/link.ts";
import type { BunHandlers, BunSocket } from "./runtime.ts";

export class SocketLink extends BaseLink {
  private readonly socket: BunSocket<SocketLink>;
  /** What the system did not take. */
  private waiting: Uint8Array[] = [];

  constructor(socket: BunSocket<SocketLink>) {
    super(socket.remoteAddress);
    this.socket = socket;
  }

  read(sink: LinkSink): void {
    this.sink = sink;
  }

  pause(): void {
    if (!this.isGone) this.socket.pause();
  }

  resume(): void {
    if (!this.isGone) this.socket.resume();
  }

  protected put(octets: Uint8Array): void {
    const taken = this.waiting.length === 0 ? this.writeNow(octets) : 0;
    if (taken === octets.length) return;
    this.waiting.push(taken === 0 ? octets : octets.subarray(taken));
    this.waits(octets.length - taken);
  }

  private writeNow(octets: Uint8Array): number {
    return Math.max(0, this.socket.write(octets));
  }

  protected shutDown(): void {
    this.socket.shutdown();
    this.outputOver();
  }

  protected drop(): void {
    this.waiting = [];
    this.socket.close();
  }

  // What follows is called by Bun.

  arrived(chunk: Uint8Array): void {
    if (!this.isGone) this.sink!.arrived(chunk);
  }

  ended(): void {
    this.inputOver();
  }

  /** The system has room again. */
  drained(): void {
    while (this.waiting.length !== 0) {
      const octets = this.waiting[0]!;
      const length = this.writeNow(octets);
      if (length === octets.length) this.waiting.shift();
      else this.waiting[0] = octets.subarray(length);
      this.taken(length);
      if (length !== octets.length) return;
    }
  }

  /** Bun has closed it: where the peer has ended after us, without a word of that. */
  closed(error: unknown): void {
    if (error === undefined || error === null) this.inputOver();
    this.fail(error ?? undefined);
  }
}

/** The callbacks of all sockets. @param greet  takes a new link */
export const linkHandlers = (greet: (link: SocketLink) => void): BunHandlers<SocketLink> => ({
  open(socket) {
    socket.setNoDelay(true);
    const link = new SocketLink(socket);
    socket.data = link;
    greet(link);
  },
  data: ({ data }, chunk) => data.arrived(chunk),
  end: ({ data }) => data.ended(),
  drain: ({ data }) => data.drained(),
  error: ({ data }, error) => data?.closed(error), // none where it failed before it was open
  close: ({ data }, error) => data?.closed(error),
});
