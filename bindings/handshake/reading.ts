// What both readings of an opening handshake have in common, that of HTTP/1.1 (request.ts) and that of HTTP/2
// (extended-connect.ts): version, subprotocols, extensions, no body, and the origin. Knows no start line.

import { type Authority, parseAuthority, serializeAuthority } from "./authority.ts";
import { type Extension, parseExtensions } from "./extensions.ts";
import { type HandshakeCode, handshakeError, optionError, quote } from "./faults.ts";
import { splitList } from "./grammar.ts";
import type { HeaderFields } from "./headers.ts";
import { isSameOrigin, originKey, parseOrigin } from "./origin.ts";
import type { RequestHead } from "./parse.ts";
import type { HandshakePolicy } from "./policy.ts";
import { synchronous } from "./promises.ts";
import { parseProtocols } from "./protocols.ts";

/** What a client offers, in its order. */
export interface Offers {
  readonly protocols: readonly string[];
  readonly extensions: readonly Extension[];
}

/** What a valid request asks for. */
export interface Handshake extends Offers {
  /** Path and query; begins with "/", also where the request named a whole URI. */
  readonly target: string;
  /** The authority the request went to. */
  readonly host: Authority;
  /** As sent; undefined where the request has none. */
  readonly origin: string | undefined;
}

/** RFC 9112 §6: either field announces a body, which would be taken for frames. */
export function checkNoBody(headers: HeaderFields): void {
  if (headers.has("transfer-encoding")) throw wrong(headers, "WS_HANDSHAKE_BODY", "transfer-encoding");
  const contentLength = headers.get("content-length");
  if (contentLength !== null && contentLength !== "0") throw wrong(headers, "WS_HANDSHAKE_BODY", "content-length");
}

/** §4.2.1 items 8 and 9. */
export function readOffers(headers: HeaderFields): Offers {
  return { protocols: readProtocols(headers), extensions: readExtensions(headers) };
}

/** §4.2.1 item 6, §4.4: 13; another version, or none as in the drafts before 4, is answered with the one we speak. */
export function checkVersion(headers: HeaderFields): void {
  const version = headers.get("sec-websocket-version");
  if (version === "13") return;
  if (version !== null && !isVersion(version))
    throw wrong(headers, "WS_HANDSHAKE_VERSION_MALFORMED", "sec-websocket-version");
  throw handshakeError("WS_HANDSHAKE_VERSION", version === null ? "found none" : `found ${version}`);
}

/** A number from 0 to 255 without leading zeros. RFC 6455 §4.3. */
function isVersion(text: string): boolean {
  const number = Number(text);
  return Number.isInteger(number) && number >= 0 && number <= 255 && String(number) === text;
}

function readProtocols(headers: HeaderFields): string[] {
  const value = headers.get("sec-websocket-protocol");
  const protocols = value === null ? [] : parseProtocols(value);
  if (protocols === undefined) throw wrong(headers, "WS_HANDSHAKE_PROTOCOL", "sec-websocket-protocol");
  return protocols;
}

function readExtensions(headers: HeaderFields): Extension[] {
  const value = headers.get("sec-websocket-extensions");
  return value === null ? [] : parseExtensions(value);
}

/** §4.2.2 item 4, §10.2: refuses pages the policy does not let in. */
export function checkOrigin(request: RequestHead, host: Authority, policy: HandshakePolicy): string | undefined {
  const { headers } = request;
  const text = headers.get("origin");
  if (text === null) return undefined; // no browser: only browsers are told apart by origin
  const origin = parseOrigin(text);
  if (origin === undefined && text !== "null") throw wrong(headers, "WS_HANDSHAKE_ORIGIN_MALFORMED", "origin");

  const { allowedOrigins } = policy;
  if (allowedOrigins === "*") return text;
  if (typeof allowedOrigins === "function") {
    const answer: unknown = synchronous("allowedOrigins", allowedOrigins(text, request));
    // nothing but a boolean: "no" is truthy and would let everybody in
    if (typeof answer !== "boolean")
      throw optionError(`allowedOrigins must return true or false; found ${quote(answer)}`);
    if (answer) return text;
  } else if (policy.originSet !== undefined) {
    if (policy.originSet.has(origin === undefined ? "null" : originKey(origin))) return text;
  } else {
    const facing = facingHost(headers, host, policy);
    if (origin !== undefined && isSameOrigin(origin, facing, policy.secure)) return text;
    throw handshakeError("WS_HANDSHAKE_ORIGIN", `Origin ${quote(text)}, Host ${quote(serializeAuthority(facing))}`);
  }
  throw handshakeError("WS_HANDSHAKE_ORIGIN", `Origin ${quote(text)}`);
}

/** The host the browser saw: that of X-Forwarded-Host, the proxy nearest to it first, where proxies are trusted. */
function facingHost(headers: HeaderFields, host: Authority, policy: HandshakePolicy): Authority {
  const forwarded = policy.trustProxy ? headers.get("x-forwarded-host") : null;
  if (forwarded === null) return host;
  const facing = parseAuthority(splitList(forwarded)[0]!);
  if (facing === undefined) throw wrong(headers, "WS_HANDSHAKE_HOST", "x-forwarded-host");
  return facing;
}

/** The error for a field that is missing, repeated or malformed. */
export function wrong(headers: HeaderFields, code: HandshakeCode, name: string): Error {
  const count = headers.count(name);
  if (count > 1) return handshakeError(code, `${name} is there ${count} times: ${quote(headers.get(name))}`);
  return handshakeError(code, count === 0 ? `${name} is missing` : `${name} is ${quote(headers.get(name))}`);
}
