// A message on its way out whose parts come from an iterable: frames of one message, RFC 6455 §5.4, as the parts come, and no
// faster than the transport takes them. Other messages, and a Close, wait behind it; pings and pongs go between its frames.
// The last frame is an empty one: that a part was the last is known when the next is asked for.

import {
  FIN_BIT,
  OPCODE_BINARY,
  OPCODE_CONTINUATION,
  OPCODE_TEXT,
  UTF8_COMPLETE,
  UTF8_INVALID,
} from "../../assembly/constants.ts";
import { type OctetSource, octetsOf, viewOf } from "../codec/octets.ts";
import { UsageError } from "../errors/classes.ts";
import { host } from "../host.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Done } from "./calls.ts";
import type { OutboundExtension } from "./extension.ts";
import { BORROW_LENGTH } from "./outbox.ts";
import type { MessageOptions } from "./prepared.ts";

/** A part of a message. */
export type MessagePart = string | OctetSource;

/** Where the parts come from; an async iterable is asked for the next when there is room for it. */
export type MessageSource = Iterable<MessagePart> | AsyncIterable<MessagePart>;

/** The way out of one message. */
export interface PartsWay {
  readonly kernel: Kernel;
  readonly outbound: OutboundExtension | undefined;
  /** Octets that the transport has not taken. */
  readonly unsentLength: number;
  /** Resolves when it is the message's turn; rejects, or calls `abort` later, where the connection closes. */
  enter(abort: (error: unknown) => void): Promise<void>;
  /**
   * Queues a frame.
   *
   * @param octets         large ones are borrowed until `done`, those that an extension made are copied
   * @param payloadLength  octets of the message in it; undefined where no extension made them
   */
  put(first: number, octets: Uint8Array, payloadLength: number | undefined, done: Done): void;
  /** The message is over. */
  leave(): void;
  /** Lets others be served, where this has taken long. */
  turn(): Promise<void> | undefined;
}

/** Octets unsent above which the next part is not asked for. */
const MARK = 65536;

const nothing = new Uint8Array(0);

const isHighSurrogate = (unit: number): boolean => (unit & 0xfc00) === 0xd800;

export class OutgoingMessage {
  private readonly way: PartsWay;
  private readonly options: MessageOptions;
  private isText: boolean | undefined;
  private isChanged = false;
  private frameCount = 0;
  /** Text: a high surrogate whose other half may be in the next part, and where the UTF-8 of octets stands. */
  private half = "";
  private utf8: number = UTF8_COMPLETE;
  /** Ends what is awaited. */
  private interrupt: (error: unknown) => void = () => {};
  /** Why nothing more of it is sent: the connection closes. */
  private aborted: { readonly error: unknown } | null = null;

  constructor(way: PartsWay, options: MessageOptions) {
    this.way = way;
    this.options = options;
    this.isText = options.binary === undefined ? undefined : !options.binary;
  }

  /** Whether a frame of it was sent: it has to be whole. */
  get hasBegun(): boolean {
    return this.frameCount !== 0;
  }

  /** Whether the connection closed before it was over. */
  get isAborted(): boolean {
    return this.aborted !== null;
  }

  /** Sends everything. @throws what the source throws; UsageError for what cannot be sent; why the connection closed */
  async send(source: MessageSource): Promise<void> {
    const { way } = this;
    await way.enter((error) => {
      this.aborted = { error };
      this.interrupt(error);
    });
    const iterator = iteratorOf(source);
    try {
      for (;;) {
        const { done, value } = await this.uninterrupted(iterator.next());
        if (done === true) break;
        this.isText ??= typeof value === "string";
        if (typeof value !== "string") await this.sendHalf();
        const octets = this.octetsOf(value);
        if (octets.length !== 0) await this.sendPart(octets);
        const turn = way.turn();
        if (turn !== undefined) await turn;
      }
    } catch (error) {
      leaveIterator(iterator);
      throw error;
    }
    await this.sendHalf();
    if (this.utf8 !== UTF8_COMPLETE) throw notUtf8();
    await this.sendLast();
    way.leave();
  }

  /** What a promise gives, unless the connection closes first. */
  private uninterrupted<T>(given: T | PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.interrupt = reject;
      Promise.resolve(given).then(resolve, reject);
    });
  }

  /** A high surrogate whose other half does not follow. */
  private async sendHalf(): Promise<void> {
    const { half } = this;
    this.half = "";
    if (half !== "") await this.sendPart(this.encoded(half));
  }

  private octetsOf(part: MessagePart): Uint8Array {
    if (typeof part === "string") {
      if (this.utf8 !== UTF8_COMPLETE) throw notUtf8();
      let text = this.half + part;
      this.half = "";
      if (isHighSurrogate(text.charCodeAt(text.length - 1))) {
        this.half = text.slice(-1);
        text = text.slice(0, -1);
      }
      return this.encoded(text);
    }
    const octets = octetsOf(part, "a part", "a string, ");
    if (this.isText === true && this.options.trusted !== true) this.validate(octets);
    return octets;
  }

  private encoded(text: string): Uint8Array {
    const octets = host.allocate(host.utf8Length(text));
    host.writeText(text, octets, 0);
    return octets;
  }

  private validate(octets: Uint8Array): void {
    const { kernel } = this.way;
    const { scratchPtr, scratchCapacity } = kernel;
    for (let at = 0; at < octets.length; at += scratchCapacity) {
      const window = viewOf(octets, at, Math.min(at + scratchCapacity, octets.length));
      kernel.octets.set(window, scratchPtr);
      this.utf8 = kernel.validateUtf8(scratchPtr, window.length, this.utf8);
      if (this.utf8 === UTF8_INVALID) throw notUtf8();
    }
  }

  private async sendPart(octets: Uint8Array): Promise<void> {
    const { outbound } = this.way;
    if (this.aborted !== null) throw this.aborted.error;
    if (this.frameCount === 0) this.isChanged = outbound?.takesParts(this.options.compress) === true;
    const first = this.nextFirst(0);
    if (!this.isChanged || outbound === undefined) {
      await this.put(first, octets, undefined, octets.length >= BORROW_LENGTH);
      return;
    }
    if (outbound.isShort(octets.length)) {
      await this.put(first, outbound.change(octets, 0, octets.length, false)!, octets.length, false);
      return;
    }
    const isPut = new Promise<void>((resolve, reject) => {
      outbound.changeLater(octets, false, (changed, error) => {
        if (changed === null) reject(error);
        else resolve(this.put(first, changed, octets.length, false));
      });
    });
    await this.uninterrupted(isPut);
  }

  private sendLast(): Promise<void> {
    const last = this.isChanged ? this.way.outbound!.endParts() : nothing;
    return this.put(this.nextFirst(FIN_BIT), last, this.isChanged ? 0 : undefined, true);
  }

  /** The first octet of the next frame. */
  private nextFirst(fin: number): number {
    if (this.frameCount++ !== 0) return fin | OPCODE_CONTINUATION;
    const opcode = this.isText === true ? OPCODE_TEXT : OPCODE_BINARY;
    return fin | opcode | (this.isChanged ? this.way.outbound!.bits : 0);
  }

  /** Queues a frame, and waits where the transport is behind, or has to be done with it. */
  private async put(
    first: number,
    octets: Uint8Array,
    payloadLength: number | undefined,
    waits: boolean,
  ): Promise<void> {
    const { way } = this;
    if (this.aborted !== null) throw this.aborted.error;
    const isTaken = new Promise<void>((resolve, reject) => {
      way.put(first, octets, payloadLength, (error) => {
        if (error !== undefined) this.aborted ??= { error };
        if (error === undefined) resolve();
        else reject(error);
      });
    });
    if (waits || way.unsentLength > MARK) await isTaken;
    else isTaken.catch(() => {}); // the next one will tell
  }
}

type Parts = AsyncIterator<MessagePart> | Iterator<MessagePart>;

function iteratorOf(source: MessageSource): Parts {
  const { [Symbol.asyncIterator]: asyncIterator } = source as Partial<AsyncIterable<MessagePart>>;
  const { [Symbol.iterator]: iterator } = source as Partial<Iterable<MessagePart>>;
  return (asyncIterator === undefined ? iterator!.call(source) : asyncIterator.call(source)) as Parts;
}

/** Tells a source that no more is wanted; what becomes of that is its own affair. */
function leaveIterator(iterator: Parts): void {
  try {
    Promise.resolve(iterator.return?.()).catch(() => {});
  } catch {
    // it was told
  }
}

/** The same where it was not asked for anything: a stream of Node's, which is open, has to be told otherwise. */
export function leaveSource(source: MessageSource): void {
  const { destroy } = source as { destroy?: unknown };
  if (typeof destroy === "function") destroy.call(source);
}

/** @throws UsageError for what is no source of parts; a string or octets are a message, not parts of one */
export function checkSource(source: unknown): void {
  const isObject = typeof source === "object" && source !== null && !ArrayBuffer.isView(source);
  if (isObject && (Symbol.asyncIterator in source || Symbol.iterator in source)) return;
  throw new UsageError("WS_ARGUMENT", "the source of a message's parts must be an iterable of strings or octets");
}

const notUtf8 = (): UsageError => new UsageError("WS_ARGUMENT", "octets sent as text must be UTF-8 (RFC 6455 §5.6)");
