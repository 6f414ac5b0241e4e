// Sec-WebSocket-Protocol: what a client offers and what a server picks. RFC 6455 §1.9, §4.2.2.
// Names are compared octet by octet: "Chat" is not "chat". Knows no request.

import { optionError, quote } from "./faults.ts";
import { isToken, splitList } from "./grammar.ts";

/** Reads a Sec-WebSocket-Protocol value; undefined unless it is a list of tokens, no two the same. RFC 6455 §4.1. */
export function parseProtocols(value: string): string[] | undefined {
  const names = splitList(value);
  return names.every(isToken) && new Set(names).size === names.length ? names : undefined;
}

/**
 * Checks a list of subprotocols our caller gave.
 *
 * @param option  how the error calls it
 * @throws UsageError unless it is an array of tokens, no two the same
 */
export function checkProtocols(option: string, names: unknown): readonly string[] {
  if (!Array.isArray(names)) throw optionError(`${option} must be an array of tokens; found ${quote(names)}`);
  for (const name of names) {
    if (typeof name !== "string" || !isToken(name)) throw optionError(`${option}: ${quote(name)} is no token`);
  }
  const unique = new Set<string>(names);
  if (unique.size !== names.length)
    throw optionError(`${option}: a subprotocol is listed twice in ${quote(names.join(", "))}`);
  return [...unique];
}

/** The first subprotocol of the server's list that the client offered; "" where there is none: the server's order wins. */
export function firstCommon(preferred: readonly string[], offered: readonly string[]): string {
  if (preferred.length === 0) return "";
  const offers = new Set(offered);
  return preferred.find((name) => offers.has(name)) ?? "";
}
