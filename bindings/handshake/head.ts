// Gathers one HTTP/1.1 head from whatever pieces the transport delivers: bounded, each octet looked at once.
// Control octets, bare CR and bare LF end it at once, so that a peer that speaks something else need not be waited out.
// Knows no start line and no field: parse.ts does. Knows no clock: the shell owns the handshake's timeout.

import type { HandshakeError } from "../errors/classes.ts";
import { checkOptionNames, choiceOption } from "../options.ts";
import { checkOctets } from "./arguments.ts";
import { argumentError, handshakeError } from "./faults.ts";
import { HeadBounds, type HeadLimits } from "./limits.ts";
import { copyOctets } from "./octets.ts";

export interface HeadReaderOptions extends HeadLimits {
  /** "client" reads a response, and its errors carry httpStatus 0: none was received. Default "server". */
  readonly role?: "client" | "server" | undefined;
}

const optionNames: ReadonlySet<string> = /*#__PURE__*/ new Set(["maxHeadLength", "maxHeaderCount", "role"]);

// How much of the closing CR LF CR LF has been seen.
const IN_LINE = 0;
const AFTER_CR = 1;
const LINE_START = 2;
const LAST_CR = 3;

const empty: Uint8Array = /*#__PURE__*/ new Uint8Array(0);

/** Reads one head. RFC 9112 §2. */
export class HeadReader {
  readonly #bounds: HeadBounds;
  readonly #isClient: boolean;
  #kept: Uint8Array = empty; // capacity at most twice #length, and never above maxHeadLength
  #length = 0;
  #lineCount = 0;
  #progress = IN_LINE;
  #rest: Uint8Array | undefined;
  #error: HandshakeError | undefined;

  /**
   * @param options  a HandshakePolicy, whose limits a server's reader takes, or options of its own
   * @throws UsageError for an option that is misspelt, or that is not what it must be
   */
  constructor(options: HeadReaderOptions = {}) {
    if (options instanceof HeadBounds) {
      this.#bounds = options;
      this.#isClient = false;
      return;
    }
    checkOptionNames("HeadReader", options, optionNames);
    this.#bounds = new HeadBounds(options);
    this.#isClient = choiceOption("role", options.role, ["server", "client"], "server") === "client";
  }

  /**
   * Takes the next octets of the transport.
   *
   * @param chunk  any length; copied as far as it is kept
   * @returns      true once the head is complete: take `head` and `rest`, and push no more
   * @throws HandshakeError 431 past a limit, 400 for octets no head contains; every later push throws it again
   */
  push(chunk: Uint8Array): boolean {
    checkOctets("push", chunk);
    if (this.#error !== undefined) throw this.#error;
    if (this.#rest !== undefined)
      throw argumentError("push after the head was complete: what follows is the connection's");

    const room = this.#bounds.maxHeadLength - this.#length;
    const end = this.#scan(chunk, Math.min(chunk.length, room));
    if (end === -1) {
      if (chunk.length > room)
        throw this.#fail(handshakeError("WS_HANDSHAKE_HEAD_TOO_LONG", this.#limitText(), this.#status()));
      this.#keep(chunk);
      return false;
    }
    this.#keep(chunk.subarray(0, end));
    this.#rest = copyOctets(chunk.subarray(end));
    return true;
  }

  /**
   * Takes the transport's EOF.
   *
   * @throws HandshakeError 400 where the head is not complete
   */
  end(): void {
    if (this.#error !== undefined) throw this.#error;
    if (this.#rest === undefined) throw this.#fail(handshakeError("WS_HANDSHAKE_INCOMPLETE", "", this.#status()));
  }

  get isComplete(): boolean {
    return this.#rest !== undefined;
  }

  /** The head with its empty line, for parseRequestHead or parseResponseHead. The reader's own; never changes again. */
  get head(): Uint8Array {
    if (this.#rest === undefined) throw argumentError("head before the head was complete");
    return this.#kept.subarray(0, this.#length);
  }

  /** The octets that followed the head in its last chunk, frames mostly; a copy, perhaps empty. */
  get rest(): Uint8Array {
    if (this.#rest === undefined) throw argumentError("rest before the head was complete");
    return this.#rest;
  }

  /** Octets of memory held: at most twice those received, and never more than maxHeadLength and the rest. */
  get retainedLength(): number {
    return this.#kept.length + (this.#rest?.length ?? 0);
  }

  /** Looks at the first `length` octets of a chunk; returns the head's end, or -1 where it goes on. */
  #scan(chunk: Uint8Array, length: number): number {
    let progress = this.#progress;
    for (let at = 0; at < length; at++) {
      const octet = chunk[at]!;
      if (octet === 0x0a) {
        if (progress === LAST_CR) return at + 1;
        // RFC 9112 §2.2: a lone LF could end a line; that leniency is how requests are smuggled, so it is not taken.
        if (progress !== AFTER_CR) throw this.#malformed("a LF without its CR");
        if (++this.#lineCount > this.#bounds.maxHeaderCount + 1) {
          throw this.#fail(handshakeError("WS_HANDSHAKE_TOO_MANY_HEADERS", this.#limitText(), this.#status()));
        }
        progress = LINE_START;
        continue;
      }
      // RFC 9112 §2.2: a CR not immediately followed by LF is invalid
      if (progress === AFTER_CR || progress === LAST_CR) throw this.#malformed("a CR without its LF");
      if (octet === 0x0d) progress = progress === LINE_START ? LAST_CR : AFTER_CR;
      // RFC 9110 §5.5: no control octets but HTAB
      else if (octet === 0x7f || (octet < 0x20 && octet !== 0x09)) throw this.#malformed(`octet ${octet}`);
      else progress = IN_LINE;
    }
    this.#progress = progress;
    return -1;
  }

  #keep(chunk: Uint8Array): void {
    const length = this.#length + chunk.length;
    if (length > this.#kept.length) {
      const capacity = Math.max(length, Math.min(this.#length * 2, this.#bounds.maxHeadLength));
      const grown = new Uint8Array(capacity);
      grown.set(this.#kept.subarray(0, this.#length));
      this.#kept = grown;
    }
    this.#kept.set(chunk, this.#length);
    this.#length = length;
  }

  #malformed(detail: string): HandshakeError {
    return this.#fail(handshakeError("WS_HANDSHAKE_HEAD_MALFORMED", detail, this.#status()));
  }

  #fail(error: HandshakeError): HandshakeError {
    this.#error = error;
    this.#kept = empty;
    return error;
  }

  #status(): number | undefined {
    return this.#isClient ? 0 : undefined;
  }

  #limitText(): string {
    return `maxHeadLength ${this.#bounds.maxHeadLength} octets, maxHeaderCount ${this.#bounds.maxHeaderCount}`;
  }
}
