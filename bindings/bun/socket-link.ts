// A socket of Bun's as a link. The system takes what is written at once, as far as it has room; the rest waits here for
// Bun's `drain`. One object of callbacks serves all sockets: whose it is stands in the socket's `data`.

import { JOIN_LENGTH, joined } from "../socket/joined.ts";
import type { Carried, Link, LinkSink } from "../socket/link.ts";
import type { BunHandlers, BunSocket } from "./runtime.ts";

export class SocketLink implements Link {
  isGone = false;
  readonly remoteAddress: string | undefined;
  private readonly socket: BunSocket<SocketLink>;
  private sink: LinkSink | null = null;
  private carried: Carried | null = null;
  /** What `more` of is to come. */
  private first: Uint8Array | null = null;
  /** What the system did not take. */
  private waiting: Uint8Array[] = [];
  private waitingLength = 0;
  /** Whether the connection waits to be told that it did. */
  private owesCompletion = false;
  /** Whether it is half-closed when everything is written. */
  private isEnding = false;
  /** Who waits until nothing is held of the last octets. */
  private sent: (() => void) | null = null;
  private inputEnded = false;
  private outputEnded = false;

  constructor(socket: BunSocket<SocketLink>) {
    this.socket = socket;
    this.remoteAddress = socket.remoteAddress;
  }

  get isDrained(): boolean {
    return this.waitingLength === 0;
  }

  get unsentLength(): number {
    return this.waitingLength;
  }

  carry(connection: Carried): void {
    this.carried = connection;
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

  write(octets: Uint8Array, more: boolean): boolean {
    if (this.isGone || this.isEnding) return false; // never written: `closed` will say why
    const { first } = this;
    if (more) {
      this.first = first === null ? octets : joined(first, octets);
      return false;
    }
    this.first = null;
    if (first === null) {
      this.put(octets);
    } else if (first.length + octets.length <= JOIN_LENGTH) {
      this.put(joined(first, octets));
    } else {
      this.put(first);
      this.put(octets);
    }
    this.owesCompletion = this.waitingLength !== 0;
    return !this.owesCompletion;
  }

  say(octets: Uint8Array): void {
    if (!this.isGone) this.put(octets);
  }

  conclude(octets: Uint8Array, sent: () => void): void {
    if (this.isGone) return;
    this.sent = sent;
    this.put(octets);
    this.end();
  }

  end(): void {
    if (this.isGone || this.isEnding) return;
    this.isEnding = true;
    if (this.waitingLength === 0) this.shutDown();
  }

  destroy(): void {
    this.fail(undefined);
  }

  /** Writes, or keeps what the system does not take. */
  private put(octets: Uint8Array): void {
    const taken = this.waitingLength === 0 ? Math.max(0, this.socket.write(octets)) : 0;
    if (taken === octets.length) return;
    this.waiting.push(taken === 0 ? octets : octets.subarray(taken));
    this.waitingLength += octets.length - taken;
  }

  /** The system has room again. */
  drained(): void {
    const { waiting } = this;
    this.waiting = [];
    this.waitingLength = 0;
    for (const octets of waiting) this.put(octets);
    if (this.waitingLength !== 0 || this.isGone) return;
    const { owesCompletion } = this;
    this.owesCompletion = false;
    if (owesCompletion) this.carried?.writeCompleted();
    if (this.isEnding && this.waitingLength === 0 && !this.outputEnded) this.shutDown();
  }

  arrived(chunk: Uint8Array): void {
    if (!this.isGone) this.sink?.arrived(chunk);
  }

  ended(): void {
    if (this.inputEnded || this.isGone) return;
    this.inputEnded = true;
    this.sink?.ended();
    this.closeIfEnded();
  }

  /** Bun has closed it: also, without a word of the end, where the peer has ended after us. */
  closed(error: unknown): void {
    if (error === undefined || error === null) this.ended();
    this.fail(error ?? undefined);
  }

  private shutDown(): void {
    this.outputEnded = true;
    this.socket.shutdown();
    this.letGo();
    this.closeIfEnded();
  }

  private closeIfEnded(): void {
    if (this.inputEnded && this.outputEnded) this.fail(undefined);
  }

  /** It is over, for an error or in order: whoever reads is told, after what is at work. */
  private fail(error: unknown): void {
    if (this.isGone) return;
    this.isGone = true;
    this.waiting = [];
    this.waitingLength = 0;
    this.socket.terminate();
    queueMicrotask(() => {
      this.letGo();
      this.sink?.closed(error);
    });
  }

  /** Nothing is held of the last octets. */
  private letGo(): void {
    const { sent } = this;
    this.sent = null;
    sent?.();
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
