// The way out of connections whose messages are changed by an extension: frames in the order in which they were sent, also
// where changing a message takes time. Behind such a message everything waits, a ping, a pong and a Close too.
// It takes what an Outbox takes, and passes it on to one. Knows no limits and no transport: sender.ts does.

import { CONTROL_BIT } from "../../assembly/constants.ts";
import { copyOf, viewOf } from "../codec/octets.ts";
import { writeText } from "../codec/text.ts";
import { host } from "../host.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Account } from "./budget.ts";
import { callEach, type Done } from "./calls.ts";
import type { MessagePart, OutboundExtension } from "./extension.ts";
import { BORROW_LENGTH, type Outbox } from "./outbox.ts";

/** What waits for its turn. */
interface Entry {
  /** Octets of its payload. */
  readonly length: number;
  readonly isMessage: boolean;
  /** Octets of memory that it keeps from others; 0 where they are the application's. */
  readonly capacity: number;
  readonly done: Done | undefined;
  put(): void;
}

const wholeMessage: MessagePart = { isFirst: true, isLast: true };

export class Line {
  private readonly outbox: Outbox;
  private readonly outbound: OutboundExtension;
  private readonly kernel: Kernel;
  private readonly account: Account;
  private readonly moved: () => void;
  private waiting: Entry[] = [];
  /** The message that is being changed. */
  private current: Entry | null = null;
  /** Octets that have no frame yet, and those of messages among them. */
  length = 0;
  payloadLength = 0;

  /** @param moved  called when something that had waited is in the outbox */
  constructor(outbox: Outbox, outbound: OutboundExtension, kernel: Kernel, account: Account, moved: () => void) {
    this.outbox = outbox;
    this.outbound = outbound;
    this.kernel = kernel;
    this.account = account;
    this.moved = moved;
  }

  /** Whether what is sent now has to wait. */
  get isBusy(): boolean {
    return this.current !== null;
  }

  /** Appends a text message; see Outbox.appendText. */
  appendText(first: number, text: string, done: Done | undefined, choice: boolean | undefined): void {
    if (this.isBusy) {
      const length = host.utf8Length(text);
      // A string takes an octet or two a unit; which, only the engine knows.
      this.push({
        length,
        isMessage: true,
        capacity: length,
        done,
        put: () => this.putText(first, text, done, choice),
      });
    } else {
      this.putText(first, text, done, choice);
    }
  }

  /** Appends a frame of octets; see Outbox.appendOctets. @param isKept  whether nobody changes them any more */
  appendOctets(
    first: number,
    octets: Uint8Array,
    done: Done | undefined,
    choice: boolean | undefined,
    isKept = false,
  ): void {
    if (!this.isBusy) {
      this.putOctets(first, octets, done, choice);
      return;
    }
    const { length } = octets;
    const isBorrowed = isKept || length >= BORROW_LENGTH;
    const own = isBorrowed ? octets : copyOf(octets, 0, length);
    this.push({
      length,
      isMessage: (first & CONTROL_BIT) === 0,
      capacity: isBorrowed ? 0 : length,
      done,
      put: () => this.putOctets(first, own, done, choice),
    });
  }

  /** Drops everything; every `done` is told why. */
  discard(error: unknown): void {
    const lost = this.current === null ? this.waiting : [this.current, ...this.waiting];
    this.waiting = [];
    this.current = null;
    for (const entry of lost) {
      this.leave(entry);
      if (entry.done !== undefined) callEach([entry.done], error);
    }
  }

  private push(entry: Entry): void {
    this.waiting.push(entry);
    this.enter(entry);
  }

  private enter({ length, isMessage, capacity }: Entry): void {
    this.length += length;
    if (isMessage) this.payloadLength += length;
    this.account.charge(capacity);
  }

  private leave({ length, isMessage, capacity }: Entry): void {
    this.length -= length;
    if (isMessage) this.payloadLength -= length;
    this.account.charge(-capacity);
  }

  private putText(first: number, text: string, done: Done | undefined, choice: boolean | undefined): void {
    if (!this.outbound.takes(text.length, choice)) {
      this.outbox.appendText(first, text, done);
      return;
    }
    const { octets, scratchPtr } = this.kernel;
    if (text.length * 3 < BORROW_LENGTH) {
      this.change(first, octets, scratchPtr, writeText(text, octets, scratchPtr), done, true);
      return;
    }
    const encoded = host.allocate(host.utf8Length(text));
    host.writeText(text, encoded, 0);
    this.change(first, encoded, 0, encoded.length, done, true);
  }

  private putOctets(first: number, octets: Uint8Array, done: Done | undefined, choice: boolean | undefined): void {
    const { length } = octets;
    if (first & CONTROL_BIT || !this.outbound.takes(length, choice)) this.outbox.appendOctets(first, octets, done);
    else this.change(first, octets, 0, length, done, false);
  }

  /** @param isOurs  whether the octets are our own, or the kernel's scratch region */
  private change(
    first: number,
    octets: Uint8Array,
    start: number,
    end: number,
    done: Done | undefined,
    isOurs: boolean,
  ): void {
    if (this.outbound.isShort(end - start)) {
      const changed = this.outbound.change(octets, start, end, wholeMessage);
      if (changed === null) this.outbox.appendOctets(first, viewOf(octets, start, end), done);
      else this.outbox.appendChanged(first | this.outbound.bits, changed, end - start, done);
      return;
    }
    const isBorrowed = !isOurs && end - start >= BORROW_LENGTH;
    const isKept = isBorrowed || (isOurs && octets !== this.kernel.octets);
    this.changeLater(first, isKept ? octets : copyOf(octets, start, end), done, isBorrowed);
  }

  private changeLater(first: number, octets: Uint8Array, done: Done | undefined, isBorrowed: boolean): void {
    const { length } = octets;
    const entry: Entry = { length, isMessage: true, capacity: isBorrowed ? 0 : length, done, put: () => {} };
    this.current = entry;
    this.enter(entry);
    this.outbound.changeLater(octets, wholeMessage, (changed) => {
      if (this.current !== entry) return; // dropped
      this.current = null;
      this.leave(entry);
      if (changed === null) this.outbox.appendOctets(first, octets, done);
      else this.outbox.appendChanged(first | this.outbound.bits, changed, length, done);
      this.goOn();
    });
  }

  /** Appends what waited, as far as the next message that takes time. */
  private goOn(): void {
    let count = 0;
    while (!this.isBusy && count < this.waiting.length) {
      const entry = this.waiting[count++]!;
      this.leave(entry);
      entry.put();
    }
    this.waiting = this.waiting.slice(count);
    this.moved();
  }
}
