// A client's opening handshake, whatever its request goes over: the options that all clients have, and the answer, from octets
// to what it agrees on. RFC 6455 §4.1. How a server is reached is the runtime's affair.

import type { DeflateOptions } from "../deflate/options.ts";
import type { PerMessageDeflate } from "../deflate/permessage-deflate.ts";
import {
  type AgreedHandshake,
  checkHandshakeResponse,
  type HandshakeRequest,
  type HandshakeRequestOptions,
  HeadReader,
  handshakeError,
  isInterimResponse,
  parseResponseHead,
  type ResponseHead,
} from "../handshake/index.ts";
import { HeadBounds, type HeadLimits } from "../handshake/limits.ts";
import { numberOption, wrongOption } from "../options.ts";
import type { Clock } from "./clock.ts";
import { clockOption, deflateOption } from "./options.ts";
import type { Platform } from "./platform.ts";

/** How a client opens its connection, whatever that is. */
export interface ClientHandshakeOptions
  extends HeadLimits,
    Pick<HandshakeRequestOptions, "protocols" | "origin" | "headers"> {
  /** Time from the call to the end of the opening handshake, redirections included, in ms; default 10,000. */
  readonly handshakeTimeoutMs?: number | undefined;
  /** Gives the opening handshake up when it is aborted; of no effect afterwards. */
  readonly signal?: AbortSignal | undefined;
  /** Whether to offer compression, RFC 7692, and how; default false. See docs/compression.md. */
  readonly perMessageDeflate?: boolean | DeflateOptions | undefined;
  /** The clock of timeouts; default one for the process. */
  readonly clock?: Clock | undefined;
}

export const clientHandshakeNames: readonly string[] = [
  "protocols",
  "origin",
  "headers",
  "maxHeadLength",
  "maxHeaderCount",
  "handshakeTimeoutMs",
  "signal",
  "perMessageDeflate",
  "clock",
];

/** An AbortSignal, or nothing. @throws UsageError for anything else */
export function signalOption(signal: AbortSignal | undefined): AbortSignal | undefined {
  const { aborted, addEventListener } = (signal ?? {}) as Partial<AbortSignal>;
  const isSignal = typeof aborted === "boolean" && typeof addEventListener === "function";
  if (signal !== undefined && !isSignal) throw wrongOption("signal", "an AbortSignal", signal);
  return signal;
}

/** Checked options of one opening handshake. */
export class ClientHandshakeSettings {
  readonly request: Pick<HandshakeRequestOptions, "protocols" | "origin" | "headers" | "extensions">;
  /** What is offered; undefined for nothing. */
  readonly deflate: PerMessageDeflate | undefined;
  readonly bounds: HeadBounds;
  readonly handshakeTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock;

  /**
   * @param options  names that nobody reads are the caller's affair; the fields of the request are checked with its URL
   * @throws         UsageError for an option that is out of range or of the wrong kind
   */
  constructor(options: ClientHandshakeOptions, platform: Platform) {
    const { protocols, origin, headers } = options;
    this.deflate = deflateOption(options.perMessageDeflate, platform);
    this.request = { protocols, origin, headers, extensions: this.deflate && [this.deflate.offer] };
    this.bounds = new HeadBounds(options);
    this.handshakeTimeoutMs = numberOption("handshakeTimeoutMs", options.handshakeTimeoutMs, {
      otherwise: 10_000,
      least: 1,
    });
    this.signal = signalOption(options.signal);
    this.clock = clockOption(options.clock);
  }
}

/** The error of an opening handshake that took too long. */
export const handshakeTimeout = (limitMs: number): Error =>
  handshakeError("WS_HANDSHAKE_TIMEOUT", `handshakeTimeoutMs ${limitMs}`, 0);

/** The error of a link that ended before there was an answer. */
export const noAnswer = (): Error => handshakeError("WS_HANDSHAKE_INCOMPLETE", "", 0);

/** Interim answers that a server may send: what a hostile one repeats is not read for ever. */
export const MAX_INTERIM_COUNT = 16;

/** An answer, and the octets that followed its head. */
export interface ReceivedAnswer {
  readonly response: ResponseHead;
  readonly rest: Uint8Array;
}

/** Reads heads until one is the answer. RFC 9110 §15.2. */
export class AnswerReader {
  private readonly bounds: HeadBounds;
  private reader: HeadReader;
  private interimCount = 0;

  constructor(bounds: HeadBounds) {
    this.bounds = bounds;
    this.reader = this.newReader();
  }

  /**
   * Takes octets.
   *
   * @returns  null while the answer is not whole
   * @throws   HandshakeError for a head that is none, or passes a limit
   */
  push(chunk: Uint8Array): ReceivedAnswer | null {
    for (let rest = chunk; this.reader.push(rest); this.reader = this.newReader()) {
      const response = parseResponseHead(this.reader.head);
      rest = this.reader.rest;
      if (!isInterimResponse(response) || ++this.interimCount > MAX_INTERIM_COUNT) return { response, rest };
    }
    return null;
  }

  /** The octets have ended. @throws HandshakeError */
  end(): void {
    this.reader.end();
  }

  private newReader(): HeadReader {
    const { maxHeadLength, maxHeaderCount } = this.bounds;
    return new HeadReader({ role: "client", maxHeadLength, maxHeaderCount });
  }
}

/**
 * Holds an answer against its request.
 *
 * @param requiresProtocol  whether a server must choose one of the subprotocols, as the WHATWG has it, or may choose none, as
 *                          RFC 6455 has
 * @throws HandshakeError   for an answer that agrees to nothing, or to what was not asked for
 */
export function agreementOf(
  response: ResponseHead,
  request: HandshakeRequest,
  requiresProtocol: boolean,
): AgreedHandshake {
  const agreed = checkHandshakeResponse(response, request);
  if (requiresProtocol && agreed.protocol === "" && request.protocols.length !== 0) {
    throw handshakeError("WS_HANDSHAKE_RESPONSE_PROTOCOL", "it names none", response.httpStatus);
  }
  return agreed;
}
