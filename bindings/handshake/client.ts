// The client's opening handshake request. RFC 6455 §4.1. What comes back is check.ts's affair, the transport the shell's.

import { checkOptionNames } from "../options.ts";
import { acceptKey, createKey, isKey } from "./accept.ts";
import { parseAuthority } from "./authority.ts";
import { type Extension, parseExtensions, serializeExtensions } from "./extensions.ts";
import { optionError, quote } from "./faults.ts";
import { applicationFields } from "./fields.ts";
import type { HeaderPairs, HeaderSource } from "./headers.ts";
import { encodeBase64 } from "./octets.ts";
import { parseOrigin } from "./origin.ts";
import { checkProtocols } from "./protocols.ts";
import { encodeHead } from "./response.ts";

export interface HandshakeRequestOptions {
  /** ws, wss, http or https; no fragment. A user and password in it become Authorization: Basic (RFC 7617). */
  readonly url: string | URL;
  /** Subprotocols to ask for, the preferred first; a string is one of them. Default none. */
  readonly protocols?: string | readonly string[] | undefined;
  /** Origin to send: a scheme, a host and perhaps a port, or "null". Default none; browsers alone must send one. */
  readonly origin?: string | undefined;
  /** Fields to add. Host and Authorization given here replace our own; those of the handshake itself are refused. */
  readonly headers?: HeaderSource | undefined;
  /** Extensions to offer. Default none. */
  readonly extensions?: readonly Extension[] | undefined;
  /** Sec-WebSocket-Key, 16 octets in base64. Default fresh random octets, as RFC 6455 §4.1 demands: for tests only. */
  readonly key?: string | undefined;
}

/** A request, and what its answer is to be held against. */
export interface HandshakeRequest {
  /** Ready to be sent. */
  readonly head: Uint8Array;
  /** Every field of it, in order: for those who have another HTTP client send it. */
  readonly headers: HeaderPairs;
  readonly key: string;
  /** The Sec-WebSocket-Accept that a server must answer. */
  readonly accept: string;
  readonly protocols: readonly string[];
  readonly extensions: readonly Extension[];
  /** Connect by TLS. */
  readonly secure: boolean;
  /** Where to connect: a name or an address, an IPv6 address without its brackets. */
  readonly hostname: string;
  readonly port: number;
  /** Path and query. */
  readonly target: string;
}

const optionNames: ReadonlySet<string> = /*#__PURE__*/ new Set([
  "url",
  "protocols",
  "origin",
  "headers",
  "extensions",
  "key",
]);

/**
 * Makes an opening handshake request. RFC 6455 §4.1.
 *
 * @throws UsageError naming the option that is misspelt, or the option and the value that is wrong
 */
export function createHandshakeRequest(options: HandshakeRequestOptions): HandshakeRequest {
  checkOptionNames("createHandshakeRequest", options, optionNames);
  const url = parseUrl(options.url);
  const secure = url.protocol === "wss:" || url.protocol === "https:";
  const protocols = checkProtocols(
    "protocols",
    typeof options.protocols === "string" ? [options.protocols] : (options.protocols ?? []),
  );
  const extensions = copyExtensions(options.extensions ?? []);
  const key = options.key ?? createKey();
  if (!isKey(key)) throw optionError(`key must be 16 octets in base64; found ${quote(key)}`);
  const target = url.pathname + url.search;
  const headers = requestFields(options, url, key, protocols, extensions);
  return {
    head: encodeHead(`GET ${target} HTTP/1.1`, headers),
    headers,
    key,
    accept: acceptKey(key),
    protocols,
    extensions,
    secure,
    hostname: url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname,
    port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
    target,
  };
}

/** §3: ws and wss URIs; http and https are taken for them, as browsers do. */
function parseUrl(text: string | URL): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw optionError(`url must be an absolute URL; found ${quote(text)}`);
  }
  if (!["ws:", "wss:", "http:", "https:"].includes(url.protocol)) {
    throw optionError(`url must begin with ws:, wss:, http: or https:; found ${quote(url.protocol)}`);
  }
  // §3: fragment identifiers are meaningless here and MUST NOT be used; `hash` is "" for an empty one
  if (url.href.includes("#")) throw optionError(`url must have no fragment; found ${quote(url.href)}`);
  return url;
}

/** By way of the text, so that what is offered is exactly what is remembered. */
function copyExtensions(extensions: readonly Extension[]): readonly Extension[] {
  if (!Array.isArray(extensions)) throw optionError(`extensions must be an array; found ${quote(extensions)}`);
  return extensions.length === 0 ? [] : parseExtensions(serializeExtensions(extensions));
}

function requestFields(
  { origin, headers = [] }: HandshakeRequestOptions,
  url: URL,
  key: string,
  protocols: readonly string[],
  extensions: readonly Extension[],
): HeaderPairs {
  const added = applicationFields(headers);
  const hosts = valuesOf(added, "host");
  const origins = valuesOf(added, "origin");
  if (origin !== undefined) origins.push(origin);
  if (hosts.length > 1 || origins.length > 1) throw optionError("headers: Host and Origin may be given once");
  for (const host of hosts) {
    if (parseAuthority(host) === undefined) throw optionError(`headers: Host must be a host; found ${quote(host)}`);
  }
  for (const one of origins) {
    if (typeof one !== "string" || (one !== "null" && parseOrigin(one) === undefined))
      throw optionError(`origin must be an origin; found ${quote(one)}`);
  }

  // RFC 9110 §7.2: Host goes first. URL leaves the scheme's default port out of `host`.
  const fields: (readonly [string, string])[] = [
    ["Host", hosts[0] ?? url.host],
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ["Sec-WebSocket-Key", key],
    ["Sec-WebSocket-Version", "13"],
  ];
  if (origins.length !== 0) fields.push(["Origin", origins[0]!]);
  if (protocols.length !== 0) fields.push(["Sec-WebSocket-Protocol", protocols.join(", ")]);
  if (extensions.length !== 0) fields.push(["Sec-WebSocket-Extensions", serializeExtensions(extensions)]);
  if ((url.username !== "" || url.password !== "") && valuesOf(added, "authorization").length === 0) {
    fields.push(["Authorization", basicCredentials(url)]);
  }
  return fields.concat(added.filter(([name]) => !["host", "origin"].includes(name.toLowerCase())));
}

function valuesOf(pairs: HeaderPairs, lowerCaseName: string): string[] {
  return pairs.filter(([name]) => name.toLowerCase() === lowerCaseName).map(([, value]) => value);
}

/** RFC 7617 §2: user and password in UTF-8; the user has no colon, since the first one ends it. */
function basicCredentials(url: URL): string {
  let user: string;
  let password: string;
  try {
    user = decodeURIComponent(url.username);
    password = decodeURIComponent(url.password);
  } catch {
    throw optionError("url: the user or password is not percent-encoded UTF-8");
  }
  if (user.includes(":")) throw optionError("url: a user name has no colon (RFC 7617 §2)");
  return `Basic ${encodeBase64(new TextEncoder().encode(`${user}:${password}`))}`;
}
