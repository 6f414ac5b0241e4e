// The server's reading of an opening handshake over HTTP/1.1: every MUST of RFC 6455 §4.2.1 in one column, then the origin.
// Takes a head from anywhere and gives facts; what to answer is server.ts's affair. HTTP/2's is in extended-connect.ts.

import { isKey } from "./accept.ts";
import { checkObject, checkText } from "./arguments.ts";
import { parseAuthority, parseTarget } from "./authority.ts";
import { handshakeError, quote } from "./faults.ts";
import { type HeaderSource, headerFields } from "./headers.ts";
import type { RequestHead } from "./parse.ts";
import type { HandshakePolicy } from "./policy.ts";
import { checkNoBody, checkOrigin, checkVersion, type Handshake, readOffers, wrong } from "./reading.ts";
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

/** What a valid request asks for, and the key that the answer proves to have read. */
export interface KeyedHandshake extends Handshake {
  readonly key: string;
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
export function readHandshake(request: RequestHead, policy: HandshakePolicy): KeyedHandshake {
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
  const offers = readOffers(headers);
  // item 7: Origin
  const origin = checkOrigin(request, host, policy);
  return { target: target.path, host, key, origin, ...offers };
}
