// The server's reading of an opening handshake over HTTP/2: an extended CONNECT, RFC 8441 §4, §5. There is no key, no Upgrade
// and no Connection; pseudo-header fields stand for the start line and for Host. The rest is RFC 6455's: reading.ts.
// Knows no stream: the shell sends what is answered here.

import { HandshakeError } from "../errors/classes.ts";
import { checkObject } from "./arguments.ts";
import { type Authority, parseAuthority, parseTarget } from "./authority.ts";
import { handshakeError, quote } from "./faults.ts";
import { type HeaderPairs, type HeaderSource, headerFields, headerPairs } from "./headers.ts";
import type { RequestHead } from "./parse.ts";
import { type HandshakeOptions, HandshakePolicy } from "./policy.ts";
import { checkNoBody, checkOrigin, checkVersion, readOffers } from "./reading.ts";
import { type AcceptedHandshake, accept, type RefusedHandshake, refuse } from "./server.ts";

/** A request's fields from an HTTP/2 implementation. */
export interface ExtendedConnectSource {
  /** All of them, `:method` and the other pseudo-header fields included. */
  readonly headers: HeaderSource;
}

/** A request that was read, but for what policies judge. */
export interface ExtendedConnect {
  /** For handlers: `target` is `:path`; Host is `:authority` where none was sent, and cookies are one field again. */
  readonly request: RequestHead;
  readonly pseudo: ReadonlyMap<string, string>;
}

/**
 * Answers an opening handshake over HTTP/2. RFC 8441 §5.
 *
 * @param request  borrowed until the call returns
 * @param options  as for acceptHandshake
 * @returns        httpStatus 200 if it is accepted; fields that HTTP/2 forbids, Connection for one, are not among them
 * @throws UsageError as acceptHandshake does
 */
export function acceptExtendedConnect(
  request: ExtendedConnectSource,
  options: HandshakePolicy | HandshakeOptions = {},
): AcceptedHandshake | RefusedHandshake {
  checkObject("acceptExtendedConnect", "a request", request);
  return judgeExtendedConnect(() => parseExtendedConnect(request.headers), HandshakePolicy.from(options));
}

/** As acceptExtendedConnect, of a request that was read, or is read by `parse`. */
export function judgeExtendedConnect(
  parse: () => ExtendedConnect,
  policy: HandshakePolicy,
): AcceptedHandshake | RefusedHandshake {
  try {
    return judge(parse(), policy);
  } catch (error) {
    if (!(error instanceof HandshakeError)) throw error;
    // RFC 9110 §15.5.22: 426 names a protocol in Upgrade, which HTTP/2 does not have
    const { code, message, httpStatus, headers } = error;
    const told = httpStatus === 426 ? new HandshakeError(code, message, 400, headers) : error;
    const refused = refuse(told, `${message}\n`);
    return { ...refused, headers: http2Fields(refused.headers) };
  }
}

/**
 * Reads the fields of a request.
 *
 * @throws HandshakeError 400 where a pseudo-header field is unknown or repeated, or a field malformed
 */
export function parseExtendedConnect(source: HeaderSource): ExtendedConnect {
  const pseudo = new Map<string, string>();
  const fields: (readonly [string, string])[] = [];
  const cookies: string[] = [];
  for (const pair of headerPairs(source)) {
    const [name, value] = pair;
    if (name.startsWith(":")) {
      // RFC 9113 §8.3: each at most once, and no others
      if (!known.has(name) || pseudo.has(name)) throw handshakeError("WS_HANDSHAKE_CONNECT", `${quote(name)}`);
      pseudo.set(name, value);
    } else if (name.toLowerCase() === "cookie") cookies.push(value);
    else fields.push(pair);
  }
  // RFC 9113 §8.2.3: a cookie may come in pieces, which a comma would not join
  if (cookies.length !== 0) fields.push(["cookie", cookies.join("; ")]);
  const authority = pseudo.get(":authority");
  if (authority !== undefined && !fields.some(([name]) => name.toLowerCase() === "host")) {
    fields.push(["host", authority]);
  }
  const method = pseudo.get(":method") ?? "";
  const target = pseudo.get(":path") ?? "";
  return { request: { method, target, httpVersion: "2.0", headers: headerFields(fields) }, pseudo };
}

const known: ReadonlySet<string> = /*#__PURE__*/ new Set([":method", ":protocol", ":scheme", ":authority", ":path"]);

/** RFC 8441 §4 and §5 in one column, then the origin. */
function judge({ request, pseudo }: ExtendedConnect, policy: HandshakePolicy): AcceptedHandshake {
  const { headers } = request;
  if (request.method !== "CONNECT") throw wrongPseudo(pseudo, ":method");
  // §5: the protocol is "websocket"; RFC 9220 §3: another is 501
  if (pseudo.get(":protocol") !== "websocket")
    throw handshakeError("WS_HANDSHAKE_CONNECT_PROTOCOL", found(pseudo, ":protocol"));
  // §5: the scheme is http for ws, https for wss
  const scheme = pseudo.get(":scheme");
  if (scheme !== "http" && scheme !== "https") throw wrongPseudo(pseudo, ":scheme");
  const target = parseTarget(request.target);
  if (target === undefined || target.authority !== undefined) throw wrongPseudo(pseudo, ":path");
  const host = readAuthority({ request, pseudo });
  checkNoBody(headers);
  checkVersion(headers);
  const offers = readOffers(headers);
  const origin = checkOrigin(request, host, policy);
  const accepted = accept(request, { target: target.path, host, origin, ...offers }, policy, 200, []);
  return { ...accepted, headers: http2Fields(accepted.headers) };
}

/** RFC 9113 §8.3.1: `:authority`, and a Host beside it must say the same. */
function readAuthority({ request, pseudo }: ExtendedConnect): Authority {
  const field = request.headers.get("host") ?? "";
  const host = parseAuthority(field);
  const authority = parseAuthority(pseudo.get(":authority") ?? field);
  if (authority === undefined) throw wrongPseudo(pseudo, ":authority");
  if (host?.host !== authority.host || host.port !== authority.port)
    throw handshakeError("WS_HANDSHAKE_CONNECT", `${found(pseudo, ":authority")}, host is ${quote(field)}`);
  return authority;
}

const found = (pseudo: ReadonlyMap<string, string>, name: string): string =>
  pseudo.has(name) ? `${name} is ${quote(pseudo.get(name))}` : `${name} is missing`;

const wrongPseudo = (pseudo: ReadonlyMap<string, string>, name: string): HandshakeError =>
  handshakeError("WS_HANDSHAKE_CONNECT", found(pseudo, name));

const connectionFields: ReadonlySet<string> = /*#__PURE__*/ new Set([
  "connection",
  "upgrade",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
]);

/** The fields that HTTP/2 may carry, names in lower case: none that concern a connection. RFC 9113 §8.2. */
export function http2Fields(headers: HeaderPairs): HeaderPairs {
  return headers
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !connectionFields.has(name));
}
