// The server's reading of an opening handshake: every MUST of RFC 6455 §4.2.1 in one column, then the origin.
// Takes a head from anywhere and gives facts; what to answer is server.ts's affair.

import { isKey } from "./accept.ts";
import { checkObject, checkText } from "./arguments.ts";
import { type Authority, parseAuthority, parseTarget, serializeAuthority } from "./authority.ts";
import { type Extension, parseExtensions } from "./extensions.ts";
import { type HandshakeCode, handshakeError, optionError, quote } from "./faults.ts";
import { splitList } from "./grammar.ts";
import { type HeaderFields, type HeaderSource, headerFields } from "./headers.ts";
import { isSameOrigin, originKey, parseOrigin } from "./origin.ts";
import type { RequestHead } from "./parse.ts";
import type { HandshakePolicy } from "./policy.ts";
import { synchronous } from "./promises.ts";
import { parseProtocols } from "./protocols.ts";
import { includesUpgrade, includesWebsocket } from "./upgrade.ts";

/** A request's head from parseRequestHead or from another HTTP parser. */
export interface RequestSource {
  readonly method: string | undefined;
  /** Path and query, or an absolute URI; Node's `request.url`. */
  readonly target: string | undefined;
  /** As in "1.1"; undefined where the runtime does not tell, which vouches for HTTP/1.1. */
  readonly httpVersion?: string | undefined;
  readonly headers: HeaderSource;
}

/** What a valid request asks for. */
export interface Handshake {
  /** Path and query; begins with "/", also where the request named a whole URI. */
  readonly target: string;
  /** The authority the request went to: Host, or that of an absolute-form target. */
  readonly host: Authority;
  readonly key: string;
  /** As sent; undefined where the request has none. */
  readonly origin: string | undefined;
  /** Subprotocols offered, in the client's order. */
  readonly protocols: readonly string[];
  /** Extensions offered, in the client's order. */
  readonly extensions: readonly Extension[];
}

/**
 * Tells whether a request means to open a WebSocket at all: it has an Upgrade field or a Sec-WebSocket-Key. Plain HTTP is
 * refused with 426 by acceptHandshake; a server with something else to say to browsers asks here first.
 */
export function isUpgradeRequest(request: { readonly headers: HeaderSource }): boolean {
  checkObject("isUpgradeRequest", "a request", request);
  const headers = headerFields(request.headers);
  return headers.has("upgrade") || headers.has("sec-websocket-key");
}

/**
 * Checks that a head from another parser is a RequestHead.
 *
 * @throws HandshakeError for an HTTP version that is not 1.1, or fields no head can carry
 * @throws UsageError for a part that is of the wrong type
 */
export function requestHead(source: RequestSource): RequestHead {
  const { httpVersion = "1.1" } = source;
  const method = source.method ?? "";
  const target = source.target ?? "";
  checkText("the request's method", method);
  checkText("the request's target", target);
  checkText("the request's httpVersion", httpVersion);
  // RFC 9110 §2.5: a later 1.x is read as the 1.1 it contains
  if (!httpVersion.startsWith("1.") || httpVersion === "1.0")
    throw handshakeError("WS_HANDSHAKE_HTTP_VERSION", `found ${quote(httpVersion)}`);
  return { method, target, httpVersion: "1.1", headers: headerFields(source.headers) };
}

/**
 * Checks a request and reads what it asks for. RFC 6455 §4.2.1.
 *
 * @throws HandshakeError with the status to answer
 */
export function readHandshake(request: RequestHead, policy: HandshakePolicy): Handshake {
  const { method, headers } = request;
  // §4.2.1 item 1: an HTTP/1.1 or higher GET request
  if (method !== "GET") throw handshakeError("WS_HANDSHAKE_METHOD", `found ${quote(method)}`);
  checkNoBody(headers);
  // item 1: including a Request-URI
  const target = parseTarget(request.target);
  if (target === undefined) throw handshakeError("WS_HANDSHAKE_TARGET", quote(request.target));
  // item 2: a Host field; RFC 9112 §3.2: exactly one, also where the target's authority replaces it. Two, joined, are none
  const hostField = parseAuthority(headers.get("host") ?? "");
  if (hostField === undefined) throw wrong(headers, "WS_HANDSHAKE_HOST", "host");
  const host = target.authority ?? hostField;
  if (!isUpgradeRequest(request)) throw handshakeError("WS_HANDSHAKE_NOT_UPGRADE");
  // item 3: an Upgrade field with the value "websocket", in any case
  if (!includesWebsocket(headers)) throw wrong(headers, "WS_HANDSHAKE_UPGRADE", "upgrade");
  // item 4: a Connection field that includes the token "Upgrade", in any case
  if (!includesUpgrade(headers)) throw wrong(headers, "WS_HANDSHAKE_CONNECTION", "connection");
  // item 6, ahead of 5: the drafts had other keys, and must learn the version rather than be told of a key
  checkVersion(headers);
  // item 5: a Sec-WebSocket-Key, 16 octets in base64
  const key = headers.get("sec-websocket-key") ?? "";
  if (!isKey(key)) throw wrong(headers, "WS_HANDSHAKE_KEY", "sec-websocket-key");
  // item 8: subprotocols; item 9: extensions
  const protocols = readProtocols(headers);
  const extensions = readExtensions(headers);
  // item 7: Origin
  const origin = checkOrigin(request, host, policy);
  return { target: target.path, host, key, origin, protocols, extensions };
}

/** RFC 9112 §6: either field announces a body, which would be taken for frames. */
function checkNoBody(headers: HeaderFields): void {
  if (headers.has("transfer-encoding")) throw wrong(headers, "WS_HANDSHAKE_BODY", "transfer-encoding");
  const contentLength = headers.get("content-length");
  if (contentLength !== null && contentLength !== "0") throw wrong(headers, "WS_HANDSHAKE_BODY", "content-length");
}

/** §4.2.1 item 6, §4.4: 13; another version, or none as in the drafts before 4, is answered with the one we speak. */
function checkVersion(headers: HeaderFields): void {
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
function checkOrigin(request: RequestHead, host: Authority, policy: HandshakePolicy): string | undefined {
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
function wrong(headers: HeaderFields, code: HandshakeCode, name: string): Error {
  const count = headers.count(name);
  if (count > 1) return handshakeError(code, `${name} is there ${count} times: ${quote(headers.get(name))}`);
  return handshakeError(code, count === 0 ? `${name} is missing` : `${name} is ${quote(headers.get(name))}`);
}
