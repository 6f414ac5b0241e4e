// Which web pages may connect: a browser tells a page's origin, and sends the user's cookies with it (RFC 6455 §10.2).
// Reads and compares origins; what to do with a stranger is request.ts's affair.

import { type Authority, defaultPort, parseAuthority } from "./authority.ts";
import { optionError, quote } from "./faults.ts";
import type { RequestHead } from "./parse.ts";

/**
 * Which origins may connect: `"*"` any; a list of exact origins, as `"https://example.com"` or `"null"`; or a function
 * that is asked for each. Undefined: only those whose host and port are the request's own.
 */
export type AllowedOrigins = "*" | readonly string[] | ((origin: string, request: RequestHead) => boolean);

/** A serialised origin. RFC 6454 §6.2. */
export interface Origin {
  /** Lower case. */
  readonly scheme: string;
  /** Lower case; empty for `file://`. */
  readonly host: string;
  /** With the scheme's default filled in; undefined where the scheme has none. */
  readonly port: number | undefined;
}

/** Reads an origin; undefined for "null" and for anything malformed, a trailing "/" and a list included. RFC 6454 §7.1. */
export function parseOrigin(text: string): Origin | undefined {
  const schemeEnd = text.indexOf("://");
  const scheme = text.slice(0, Math.max(schemeEnd, 0)).toLowerCase();
  if (!isScheme(scheme)) return undefined;
  if (schemeEnd + 3 === text.length && defaultPort(scheme) === undefined) return { scheme, host: "", port: undefined };
  const authority = parseAuthority(text.slice(schemeEnd + 3));
  return authority && { scheme, host: authority.host, port: authority.port ?? defaultPort(scheme) };
}

/**
 * Tells whether a page's origin is the host its request went to.
 *
 * A Host without a port takes the default of the origin's scheme: behind a proxy that ends TLS the server sees `Host:
 * example.com` on a plain connection, and `https://example.com` is its own origin all the same.
 *
 * @param secure  the transport is known to be TLS: a Host without a port then means 443, and http pages are strangers
 */
export function isSameOrigin(origin: Origin, host: Authority, secure: boolean): boolean {
  const implied = defaultPort(origin.scheme);
  if (implied === undefined) return false; // chrome-extension://example.com is not example.com
  return origin.host === host.host && origin.port === (host.port ?? (secure ? 443 : implied));
}

/** Writes an origin so that equal ones are equal strings. */
export function originKey({ scheme, host, port }: Origin): string {
  return `${scheme}://${host}:${port ?? ""}`;
}

/**
 * Checks `allowedOrigins` and turns a list into keys of `originKey`; "null" stays as it is.
 *
 * @throws UsageError naming the option and the value
 */
export function originSet(allowed: AllowedOrigins | undefined): ReadonlySet<string> | undefined {
  if (allowed === undefined || allowed === "*" || typeof allowed === "function") return undefined;
  if (!Array.isArray(allowed)) {
    throw optionError(`allowedOrigins must be "*", an array of origins or a function; found ${quote(allowed)}`);
  }
  const keys = new Set<string>();
  for (const text of allowed as readonly unknown[]) {
    const origin = typeof text === "string" ? parseOrigin(text) : undefined;
    // "*" is a legal host character; an origin is compared whole, so a pattern would silently match nothing
    if (text !== "null" && (origin === undefined || origin.host.includes("*"))) {
      throw optionError(
        `allowedOrigins must list exact origins such as "https://example.com", without path or pattern; found ${quote(text)}`,
      );
    }
    keys.add(origin === undefined ? "null" : originKey(origin));
  }
  return keys;
}

/** ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ), lower case. RFC 3986 §3.1. */
function isScheme(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const isLetter = code >= 0x61 && code <= 0x7a;
    const isOther = (code >= 0x30 && code <= 0x39) || code === 0x2b || code === 0x2d || code === 0x2e;
    if (!isLetter && (at === 0 || !isOther)) return false;
  }
  return text.length !== 0;
}
