// The application's say in a handshake: what its `upgrade` handler is offered, and what it may return. Values only: visit.ts
// asks and acts.

import { UsageError } from "../errors/classes.ts";
import { type Amendment, amendHandshake } from "../handshake/amend.ts";
import type { AcceptedHandshake, Extension, HeaderSource } from "../handshake/index.ts";
import { checkOptionNames, isPlain } from "../options.ts";
import { type Answer, type HttpResponse, httpAnswer } from "./http-answer.ts";

/** A valid handshake, before it is answered. `Incoming` is what the runtime makes of requests that we do not read. */
export interface UpgradeOffer<Incoming = undefined> {
  /** The subprotocol that would be agreed; "" for none. */
  readonly protocol: string;
  /** Those that the client offers, in its order. */
  readonly offeredProtocols: readonly string[];
  /** The extensions that would be agreed. */
  readonly extensions: readonly Extension[];
  /** Origin as sent; undefined where the request has none. */
  readonly origin: string | undefined;
  /** Host, in lower case, with its port where one was written. */
  readonly host: string;
  /** Path and query; begins with "/". */
  readonly target: string;
  /** The peer's address. */
  readonly remoteAddress: string | undefined;
  /** The runtime's own request; undefined for servers that `listen`. On Node an IncomingMessage, or an HTTP/2 stream. */
  readonly incoming: Incoming | undefined;
  /** Aborted when the client has gone, or the server closes, before there is a decision. */
  readonly signal: AbortSignal;
}

/** Accepts; leaving everything out is the same as returning nothing. */
export interface UpgradeAcceptance<Data = unknown> {
  /** Fields to add to the answer; not those of the handshake itself. */
  readonly headers?: HeaderSource | undefined;
  /** The socket's `data`, set before `open`. */
  readonly data?: Data | undefined;
  /** One of the offered subprotocols, or "" for none, in place of the one that would be agreed. */
  readonly protocol?: string | undefined;
  /** What a refusal, or a Response, has. */
  readonly httpStatus?: undefined;
  readonly status?: undefined;
}

/** Refuses. */
export interface UpgradeRefusal {
  /** From 300 to 599. */
  readonly httpStatus: number;
  /** Fields besides Connection and Content-Length, which are set here. */
  readonly headers?: HeaderSource | undefined;
  /** Text is sent as UTF-8. */
  readonly body?: string | Uint8Array | undefined;
}

/** What an `upgrade` handler returns, or promises. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler without a return statement accepts
export type UpgradeDecision<Data = unknown> = UpgradeAcceptance<Data> | UpgradeRefusal | undefined | void;

/** The offer of one handshake. */
export class HandshakeOffer implements UpgradeOffer<unknown> {
  readonly protocol: string;
  readonly offeredProtocols: readonly string[];
  readonly extensions: readonly Extension[];
  readonly origin: string | undefined;
  readonly host: string;
  readonly target: string;
  readonly remoteAddress: string | undefined;
  readonly incoming: unknown;
  #controller: AbortController | null = null;
  #isAborted = false;

  constructor(accepted: AcceptedHandshake, remoteAddress: string | undefined, incoming: unknown) {
    this.protocol = accepted.protocol;
    this.offeredProtocols = accepted.offeredProtocols;
    this.extensions = accepted.extensions;
    this.origin = accepted.origin;
    this.host = accepted.host;
    this.target = accepted.target;
    this.remoteAddress = remoteAddress;
    this.incoming = incoming;
  }

  /** Made when it is asked for: most handlers do not look at it. */
  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#isAborted) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  /** @internal */
  abort(): void {
    this.#isAborted = true;
    this.#controller?.abort();
  }
}

/** A decision that was read: an answer, or the handshake to accept. */
export type Decision =
  | { readonly answer: Answer }
  | { readonly answer?: undefined; readonly accepted: AcceptedHandshake; readonly data: unknown };

const acceptanceNames: ReadonlySet<string> = new Set(["headers", "data", "protocol"]);

/**
 * Reads what an `upgrade` handler returned.
 *
 * @throws UsageError for what is neither nothing, nor an acceptance, nor a refusal, a misspelt name included, and for what
 *         cannot be sent
 */
export function readDecision(value: unknown, accepted: AcceptedHandshake): Decision {
  if (value === undefined) return { accepted, data: undefined };
  // A Response, or an Error that was not thrown, is meant as a refusal, and has none of the names: it must not let anybody in.
  if (typeof value !== "object" || value === null || !isPlain(value)) {
    throw new UsageError(
      "WS_OPTION",
      "upgrade must return nothing or a plain object: { httpStatus, headers, body } refuses",
    );
  }
  if ("httpStatus" in value) {
    const { httpStatus } = value as HttpResponse;
    if (httpStatus === undefined) throw new UsageError("WS_OPTION", "upgrade returned an httpStatus of undefined");
    return { answer: httpAnswer("GET", value as HttpResponse, 300) };
  }
  checkOptionNames("what upgrade returns", value, acceptanceNames);
  return { accepted: amendHandshake(accepted, value as Amendment), data: (value as UpgradeAcceptance).data };
}
