// What came of a case: everything that was told, answered and found, in words that two implementations can be compared by.

import type { LimitError, PeerError } from "../../bindings/errors/classes.ts";

/** What a peer's fault was called. */
export interface Verdict {
  readonly code: string;
  readonly closeCode: number;
  /** The offending frame; -1 where the implementation does not say. */
  readonly byteOffset: number;
  /** All that the error carries. */
  readonly details: string;
}

export interface Trace {
  /** What the peer said: "text 4869", "ping", "pong 00", last "close 1000 reason". */
  readonly wire: readonly string[];
  readonly verdict: Verdict | null;
}

/** Spaceless hex: made natively. */
export function packed(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString("hex");
}

/** "text 4869" for octets, or for the string that was made of them. */
export function messageEvent(data: string | Uint8Array, isBinary: boolean): string {
  if (isBinary) return `binary ${typeof data === "string" ? `?string ${data}` : packed(data)}`;
  return `text ${typeof data === "string" ? Buffer.from(data).toString("hex") : packed(data)}`;
}

export function controlEvent(name: "ping" | "pong", payload: Uint8Array): string {
  return `${name} ${packed(payload)}`;
}

export function closeEvent(code: number, reason: string): string {
  return `close ${code} ${reason}`;
}

export function verdictOf(error: PeerError): Verdict {
  const { code, closeCode, byteOffset = -1, octetOffset, frame, section } = error;
  const { limit, actual } = error as LimitError;
  const details = [`octet ${octetOffset}`, JSON.stringify(frame), `limit ${limit}, actual ${actual}`, section];
  return { code, closeCode, byteOffset, details: details.join("; ") };
}

export function verdictText(verdict: Verdict | null): string {
  if (verdict === null) return "no fault";
  return `${verdict.code} ${verdict.closeCode}, frame at ${verdict.byteOffset}; ${verdict.details}`;
}

/** The first line in which two lists differ, in words; "" where they are equal. */
export function difference(one: readonly string[], other: readonly string[], names: readonly [string, string]): string {
  const most = Math.max(one.length, other.length);
  for (let at = 0; at < most; at++) {
    if (one[at] === other[at]) continue;
    const show = (line: string | undefined): string => (line === undefined ? "nothing" : line.slice(0, 300));
    return `line ${at}:\n    ${names[0]}: ${show(one[at])}\n    ${names[1]}: ${show(other[at])}`;
  }
  return "";
}
