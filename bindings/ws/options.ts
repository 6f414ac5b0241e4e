// The options of ws, with their defaults: those of both roles, and the client's, of which what is not here is for `http.request`.

import type { Agent, ClientRequest, OutgoingHttpHeaders } from "node:http";
import type { RequestOptions } from "node:https";
import { isToken } from "../handshake/grammar.ts";
import { maxMessageLengthOf } from "./limits.ts";
import { type DeflateOptions, PerMessageDeflate } from "./permessage-deflate.ts";

/** What a socket is set up with. */
export interface SocketOptions {
  readonly allowSynchronousEvents?: boolean | undefined;
  readonly generateMask?: ((key: Buffer) => void) | undefined;
  readonly maxFragments?: number | undefined;
  /** Octets of a message; 0 for no limit. Default 100 MiB, of `setSocket` none. */
  readonly maxPayload?: number | undefined;
  readonly skipUTF8Validation?: boolean | undefined;
}

/** What a WebSocket of either role is made with. */
export interface CommonOptions {
  readonly autoPong?: boolean | undefined;
  /** Automatic pongs that may be unsent; 0 for any number. */
  readonly maxPendingAutoPongs?: number | undefined;
  /** Milliseconds that the peer has to answer a Close; default 30,000. */
  readonly closeTimeout?: number | undefined;
}

/** Options of a client; what is not here is given to `http.request`. */
export interface ClientOptions extends Omit<RequestOptions, "agent" | "headers">, SocketOptions, CommonOptions {
  readonly agent?: Agent | false | undefined;
  /** Sends the request, or has it sent: called in place of `request.end()`. */
  readonly finishRequest?: ((request: ClientRequest, websocket: never) => void) | undefined;
  readonly followRedirects?: boolean | undefined;
  /** Milliseconds without an answer; default none. */
  readonly handshakeTimeout?: number | undefined;
  readonly headers?: OutgoingHttpHeaders | undefined;
  readonly maxBufferedChunks?: number | undefined;
  readonly maxRedirects?: number | undefined;
  readonly origin?: string | undefined;
  readonly perMessageDeflate?: boolean | DeflateOptions | undefined;
  readonly protocolVersion?: number | undefined;
  readonly protocols?: string | readonly string[] | undefined;
}

/** Defaults of both roles. */
export interface CommonDefaults {
  readonly allowSynchronousEvents: boolean;
  readonly autoPong: boolean;
  readonly closeTimeout: number;
  readonly maxBufferedChunks: number;
  readonly maxFragments: number;
  readonly maxPayload: number;
  readonly maxPendingAutoPongs: number;
  readonly skipUTF8Validation: boolean;
}

export const commonDefaults: CommonDefaults = {
  allowSynchronousEvents: true,
  autoPong: true,
  closeTimeout: 30_000,
  // No limit of either: what is kept is octets, however they came.
  maxBufferedChunks: 0,
  maxFragments: 0,
  maxPayload: 104857600, // 100 MiB
  maxPendingAutoPongs: 60,
  skipUTF8Validation: false,
};

interface ClientDefaults extends CommonDefaults {
  readonly followRedirects: boolean;
  readonly maxRedirects: number;
  readonly perMessageDeflate: boolean | DeflateOptions;
  readonly protocolVersion: number;
}

const clientDefaults: ClientDefaults = {
  ...commonDefaults,
  followRedirects: false,
  maxRedirects: 10,
  perMessageDeflate: true,
  protocolVersion: 13,
};

/** Options that have been read. */
export type ReadOptions = Omit<ClientOptions, keyof ClientDefaults | "protocols"> &
  ClientDefaults & { readonly protocols: readonly string[]; readonly deflate: DeflateOptions | null };

/**
 * Options over their defaults. Those that are undefined stay so, as in ws, but for the limits: without a value they would be none.
 *
 * @throws  UsageError for a limit that is none
 */
export function withDefaults<D extends CommonDefaults, T extends object>(
  defaults: D,
  options: T,
): Omit<T, keyof D> & D {
  const given: Partial<CommonDefaults> = options;
  const { maxPayload = defaults.maxPayload, closeTimeout = defaults.closeTimeout } = given;
  const { maxPendingAutoPongs = defaults.maxPendingAutoPongs } = given;
  const read = { ...defaults, ...options, maxPayload, closeTimeout, maxPendingAutoPongs } as Omit<T, keyof D> & D;
  maxMessageLengthOf(read.maxPayload);
  return read;
}

/** The options of compression; null where there is none. @throws UsageError for those that zlib has not */
export function deflateOptionsOf(option: boolean | DeflateOptions | null | undefined): DeflateOptions | null {
  if (!option) return null;
  const options = option === true ? {} : option;
  new PerMessageDeflate(options).check();
  return options;
}

/**
 * Reads the arguments of a client behind its address: subprotocols, options, or both.
 *
 * @throws  SyntaxError for a subprotocol that is no token or there twice, RangeError for a version that there is not
 */
export function clientOptions(
  protocols: string | readonly string[] | ClientOptions | null | undefined,
  options: ClientOptions | undefined,
): ReadOptions {
  const isOptions = typeof protocols === "object" && protocols !== null && !Array.isArray(protocols);
  const all = ((isOptions ? protocols : options) ?? {}) as ClientOptions;
  const offered = isOptions || protocols === undefined ? (all.protocols ?? []) : protocols;
  const names = (Array.isArray(offered) ? offered : [offered]) as readonly string[];
  for (const [index, name] of names.entries()) {
    if (typeof name !== "string" || !isToken(name) || names.indexOf(name) !== index)
      throw new SyntaxError(`a subprotocol is a token, and there once: ${String(name)} (RFC 6455 §4.1)`);
  }
  const read = withDefaults(clientDefaults, all);
  const { protocolVersion } = read;
  if (protocolVersion !== 8 && protocolVersion !== 13)
    throw new RangeError(`protocolVersion must be 13 or 8, not ${protocolVersion} (RFC 6455 §4.1)`);
  return { ...read, protocols: names, deflate: deflateOptionsOf(read.perMessageDeflate) };
}
