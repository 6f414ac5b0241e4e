// Hosts, ports and request targets: what Host, an absolute-form target, X-Forwarded-Host and Origin have in common.
// Knows no policy: origin.ts compares what is read here.

import { isVisibleAscii } from "./grammar.ts";

/** `uri-host [":" port]`. RFC 9110 §7.2. */
export interface Authority {
  /** Lower case; an IPv6 address keeps its brackets. */
  readonly host: string;
  /** 0 to 65535; undefined where none was written. */
  readonly port: number | undefined;
}

export interface Target {
  /** Path and query; begins with "/". */
  readonly path: string;
  /** Absolute-form only. */
  readonly authority: Authority | undefined;
}

/**
 * Reads a host and perhaps a port; undefined where it is malformed. RFC 3986 §3.2.
 *
 * Stricter than the RFC in two points: the host is not empty, and has no comma, so that two Host fields joined by another
 * parser are never taken for one.
 */
export function parseAuthority(text: string): Authority | undefined {
  const hostEnd = text.startsWith("[") ? endOfAddress(text) : endOfName(text);
  if (hostEnd <= 0) return undefined;
  const host = text.slice(0, hostEnd).toLowerCase();
  if (hostEnd === text.length) return { host, port: undefined };
  if (text[hostEnd] !== ":") return undefined;
  const port = parsePort(text, hostEnd + 1);
  return port === -1 ? undefined : { host, port };
}

/** The end of a registered name or IPv4 address; 0 where there is none. RFC 3986 §3.2.2. */
function endOfName(text: string): number {
  let at = 0;
  while (at < text.length) {
    const octet = text[at]!;
    if (octet === "%") {
      if (!isHexDigit(text.charCodeAt(at + 1)) || !isHexDigit(text.charCodeAt(at + 2))) return 0;
      at += 3;
    } else if (isLetterOrDigit(text.charCodeAt(at)) || "-._~!$&'()*+;=".includes(octet)) at++;
    else break;
  }
  return at;
}

/** The end of a bracketed IPv6 address; 0 where there is none. Zones (RFC 6874) mean nothing to a peer. */
function endOfAddress(text: string): number {
  const close = text.indexOf("]");
  let colons = 0;
  for (let at = 1; at < close; at++) {
    if (text[at] === ":") colons++;
    else if (text[at] !== "." && !isHexDigit(text.charCodeAt(at))) return 0;
  }
  return colons >= 2 ? close + 1 : 0;
}

/** Reads decimal digits to the end; undefined for none (RFC 3986 §3.2.3 allows `host:`), -1 where malformed. */
function parsePort(text: string, start: number): number | undefined {
  if (start === text.length) return undefined;
  let port = 0;
  for (let at = start; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    port = port * 10 + digit;
    if (port > 65535) return -1;
  }
  return port;
}

/**
 * Reads a request target in origin-form or absolute-form; undefined for any other. RFC 6455 §4.2.1, RFC 9112 §3.2.
 *
 * Visible ASCII only, and no "#": browsers send `[`, `|` and the like unescaped, so RFC 3986's smaller set is not enforced.
 */
export function parseTarget(text: string): Target | undefined {
  if (!isVisibleAscii(text) || text.includes("#")) return undefined;
  if (text.startsWith("/")) return { path: text, authority: undefined };

  const schemeEnd = text.indexOf("://");
  if (schemeEnd === -1 || defaultPort(text.slice(0, schemeEnd).toLowerCase()) === undefined) return undefined;
  const start = schemeEnd + 3;
  let end = start;
  while (end < text.length && text[end] !== "/" && text[end] !== "?") end++;
  // Userinfo has an "@", which no host has: RFC 9110 §4.2.4 wants it refused.
  const authority = parseAuthority(text.slice(start, end));
  if (authority === undefined) return undefined;
  const rest = text.slice(end);
  return { path: rest.startsWith("/") ? rest : `/${rest}`, authority };
}

/** The port a scheme implies; undefined where the scheme is not one WebSocket connections are made from or to. */
export function defaultPort(scheme: string): number | undefined {
  if (scheme === "http" || scheme === "ws") return 80;
  if (scheme === "https" || scheme === "wss") return 443;
  return undefined;
}

/** Writes an authority as it stands in a Host field. */
export function serializeAuthority({ host, port }: Authority): string {
  return port === undefined ? host : `${host}:${port}`;
}

function isLetterOrDigit(code: number): boolean {
  const letter = code | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || (code >= 0x30 && code <= 0x39);
}

function isHexDigit(code: number): boolean {
  const letter = code | 0x20;
  return (letter >= 0x61 && letter <= 0x66) || (code >= 0x30 && code <= 0x39);
}
