// The way out of connections whose messages take time: frames in the order in which they were sent, also where an extension is
// at work on a message. Behind that everything waits, a ping, a pong and a Close too. A message that comes in parts lets pass,
// between its frames, what RFC 6455 §5.4 lets pass: pongs, and pings that nothing waits before.
// It takes what an Outbox takes, and passes it on to one, which counts what waits here as unsent, too. Knows no limits and no transport: sender.ts does.

import { CONTROL_BIT, OPCODE_BITS, OPCODE_PING, OPCODE_PONG } from "../../assembly/constants.ts";
import { copyOf, viewOf } from "../codec/octets.ts";
import { writeText } from "../codec/text.ts";
import { host } from "../host.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Account } from "./budget.ts";
import { callEach, type Done } from "./calls.ts";
import type { OutboundExtension } from "./extension.ts";
import { BORROW_LENGTH, type Outbox } from "./outbox.ts";

/** What waits for its turn. */
interface Entry {
  /** Octets of its payload. */
  readonly length: number;
  readonly isMessage: boolean;
  /** Octets of memory that it keeps from others; 0 where they are the application's. */
  readonly capacity: number;
  /** Told where it will never be sent. */
  readonly lost: Done | undefined;
  put(): void;
}

/** About what an entry costs besides its octets. */
const ENTRY_LENGTH = 200;

const gone: Entry = { length: 0, isMessage: false, capacity: 0, lost: undefined, put() {} };

export class Line {
  private readonly outbox: Outbox;
  readonly outbound: OutboundExtension | undefined;
  private readonly kernel: Kernel;
  private readonly account: Account;
  private readonly moved: () => void;
  private waiting: Entry[] = [];
  /** Where the oldest of them is. */
  private first = 0;
  /** The message that is being changed, or that comes in parts. */
  private current: Entry | null = null;
  private isParted = false;

  /** @param moved  called when something that had waited is in the outbox */
  constructor(
    outbox: Outbox,
    outbound: OutboundExtension | undefined,
    kernel: Kernel,
    account: Account,
    moved: () => void,
  ) {
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
        lost: done,
        put: () => this.putText(first, text, done, choice),
      });
    } else {
      this.putText(first, text, done, choice);
    }
  }

  /** Appends a frame of octets; see Outbox.appendOctets. A ping that keeps the connection alive waits behind no parts. */
  appendOctets(
    first: number,
    octets: Uint8Array,
    done: Done | undefined,
    choice: boolean | undefined,
    isKeepAlive = false,
  ): void {
    if (!this.isBusy || this.mayPass(first, isKeepAlive)) {
      this.putOctets(first, octets, done, choice);
      return;
    }
    const { length } = octets;
    const isBorrowed = this.outbox.borrows(length);
    const own = isBorrowed ? octets : copyOf(octets, 0, length);
    this.push({
      length,
      isMessage: (first & CONTROL_BIT) === 0,
      capacity: isBorrowed ? 0 : length,
      lost: done,
      put: () => this.putOctets(first, own, done, choice, !isBorrowed),
    });
  }

  /** Appends a frame that somebody else has encoded, which no extension changes; see Outbox.appendEncoded. */
  appendEncoded(parts: readonly Uint8Array[], length: number, payloadLength: number, done: Done | undefined): void {
    if (!this.isBusy) {
      this.outbox.appendEncoded(parts, length, payloadLength, done);
      return;
    }
    const own = length >= BORROW_LENGTH ? parts : parts.map((part) => copyOf(part, 0, part.length));
    this.push({
      length: payloadLength,
      isMessage: (parts[0]![0]! & CONTROL_BIT) === 0,
      capacity: own === parts ? 0 : length,
      lost: done,
      put: () => this.outbox.appendEncoded(own, length, payloadLength, done),
    });
  }

  /**
   * Makes way for a message that comes in parts, which are appended to the outbox by whoever sends it, until `leave`.
   *
   * @param begin  called when everything that was sent before is in the outbox
   * @param abort  called in place of that, or of any part, where the connection has closed
   */
  enter(begin: () => void, abort: Done): void {
    const put = (): void => {
      this.current = entry;
      this.isParted = true;
      begin();
    };
    const entry: Entry = { length: 0, isMessage: true, capacity: 0, lost: abort, put };
    if (this.isBusy) this.push(entry);
    else put();
  }

  /** The message that came in parts is over. */
  leave(): void {
    if (!this.isParted) return; // dropped
    this.isParted = false;
    this.current = null;
    this.goOn();
  }

  /** Drops a message that comes in parts, and what waits behind it: the connection fails, and a Close is not to wait. */
  abandonParts(error: unknown): void {
    if (this.isParted) this.discard(error);
  }

  /** Drops everything; every `done` is told why. */
  discard(error: unknown): void {
    const waiting = this.waiting.slice(this.first);
    const { current } = this;
    const lost = current === null ? waiting : [current, ...waiting];
    const isCounted = !this.isParted; // the current one
    this.waiting = [];
    this.first = 0;
    this.current = null;
    this.isParted = false;
    for (const entry of lost) {
      if (isCounted || entry !== current) this.uncount(entry);
      if (entry.lost !== undefined) callEach([entry.lost], error);
    }
  }

  private get waitingCount(): number {
    return this.waiting.length - this.first;
  }

  private push(entry: Entry): void {
    this.waiting.push(entry);
    this.count(entry);
  }

  private count({ length, isMessage, capacity }: Entry): void {
    this.outbox.unsentLength += length + ENTRY_LENGTH;
    if (isMessage) this.outbox.payloadLength += length;
    this.account.charge(capacity + ENTRY_LENGTH);
  }

  private uncount({ length, isMessage, capacity }: Entry): void {
    this.outbox.unsentLength -= length + ENTRY_LENGTH;
    if (isMessage) this.outbox.payloadLength -= length;
    this.account.charge(-capacity - ENTRY_LENGTH);
  }

  private putText(first: number, text: string, done: Done | undefined, choice: boolean | undefined): void {
    const { outbound } = this;
    if (outbound === undefined || !this.takesText(outbound, text, choice)) {
      this.outbox.appendText(first, text, done);
      return;
    }
    const { octets, scratchPtr } = this.kernel;
    if (text.length * 3 < BORROW_LENGTH) {
      this.change(outbound, first, octets, scratchPtr, writeText(text, octets, scratchPtr), done, true);
      return;
    }
    const encoded = host.allocate(host.utf8Length(text));
    host.writeText(text, encoded, 0);
    this.change(outbound, first, encoded, 0, encoded.length, done, true);
  }

  /** How long text is in UTF-8 is looked at where it decides. */
  private takesText(outbound: OutboundExtension, text: string, choice: boolean | undefined): boolean {
    const { length } = text;
    if (outbound.takes(length, choice)) return true;
    return outbound.takes(length * 3, choice) && outbound.takes(host.utf8Length(text), choice);
  }

  private putOctets(
    first: number,
    octets: Uint8Array,
    done: Done | undefined,
    choice: boolean | undefined,
    isOurs = false,
  ): void {
    const { outbound } = this;
    const { length } = octets;
    const isChanged = (first & CONTROL_BIT) === 0 && outbound?.takes(length, choice) === true;
    if (isChanged) this.change(outbound, first, octets, 0, length, done, isOurs);
    else this.outbox.appendOctets(first, octets, done);
  }

  /** @param isOurs  whether the octets are our own, or the kernel's scratch region */
  private change(
    outbound: OutboundExtension,
    first: number,
    octets: Uint8Array,
    start: number,
    end: number,
    done: Done | undefined,
    isOurs: boolean,
  ): void {
    if (outbound.isShort(end - start)) {
      const changed = outbound.change(octets, start, end, true);
      if (changed === null) this.outbox.appendOctets(first, viewOf(octets, start, end), done);
      else this.outbox.appendChanged(first | outbound.bits, changed, end - start, done);
      return;
    }
    const isBorrowed = !isOurs && this.outbox.borrows(end - start);
    const isKept = isBorrowed || (isOurs && octets !== this.kernel.octets);
    this.changeLater(outbound, first, isKept ? octets : copyOf(octets, start, end), done, isBorrowed);
  }

  private changeLater(
    outbound: OutboundExtension,
    first: number,
    octets: Uint8Array,
    done: Done | undefined,
    isBorrowed: boolean,
  ): void {
    const { length } = octets;
    const entry: Entry = { length, isMessage: true, capacity: isBorrowed ? 0 : length, lost: done, put: () => {} };
    this.current = entry;
    this.count(entry);
    outbound.changeLater(octets, true, (changed) => {
      if (this.current !== entry) return; // dropped
      this.current = null;
      this.uncount(entry);
      if (changed === null) this.outbox.appendOctets(first, octets, done);
      else this.outbox.appendChanged(first | outbound.bits, changed, length, done);
      this.goOn();
    });
  }

  /** Whether a frame goes between those of a message that comes in parts. */
  private mayPass(first: number, isKeepAlive: boolean): boolean {
    const opcode = first & OPCODE_BITS;
    const isFirst = isKeepAlive || this.waitingCount === 0;
    return this.isParted && (opcode === OPCODE_PONG || (opcode === OPCODE_PING && isFirst));
  }

  /** Appends what waited, as far as the next message that takes time. */
  private goOn(): void {
    while (!this.isBusy && this.waitingCount !== 0) {
      const entry = this.waiting[this.first]!;
      this.waiting[this.first++] = gone;
      this.uncount(entry);
      entry.put();
    }
    if (this.first * 2 >= this.waiting.length) {
      this.waiting = this.waiting.slice(this.first);
      this.first = 0;
    }
    this.moved();
  }
}
