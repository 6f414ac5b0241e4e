// Heads for the handshake's tests. A head is written as an array of lines and becomes octets, one a character.

import * as assert from "uvu/assert";
import { HandshakeError, UsageError } from "../../bindings/errors/classes.ts";
import {
  type AcceptedHandshake,
  acceptHandshake,
  type HandshakeOptions,
  HandshakePolicy,
  HeadReader,
  parseRequestHead,
  type RefusedHandshake,
  refuseHandshake,
} from "../../bindings/handshake/index.ts";

/** The key, subprotocols and accept value of the example the whole suite leans on. */
export const exampleKey = "x3JJHMbDL1EzLkh9GBhXDw==";
export const exampleAccept = "HSmrc0sMlYUkAGmm5OPpG2HaGWk=";

/** The fields of a valid request, one a name. */
export const validFields: Readonly<Record<string, string>> = {
  Host: "server.example.com",
  Upgrade: "websocket",
  Connection: "Upgrade",
  "Sec-WebSocket-Key": exampleKey,
  "Sec-WebSocket-Version": "13",
};

/** A valid request's lines with some fields replaced, repeated (an array) or removed (undefined). */
export function requestLines(
  changes: Readonly<Record<string, string | readonly string[] | undefined>> = {},
  requestLine = "GET /chat HTTP/1.1",
): string[] {
  const lines = [requestLine];
  for (const [name, value] of Object.entries({ ...validFields, ...changes })) {
    if (value === undefined) continue;
    for (const one of typeof value === "string" ? [value] : value) lines.push(`${name}: ${one}`);
  }
  return lines;
}

/** Lines as a head's octets, the empty line included. */
export function headOf(lines: readonly string[]): Uint8Array {
  return latin1(`${lines.join("\r\n")}\r\n\r\n`);
}

export function latin1(text: string): Uint8Array {
  const octets = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) octets[at] = text.charCodeAt(at);
  return octets;
}

export function text(octets: Uint8Array): string {
  return new TextDecoder().decode(octets);
}

type Verdict = AcceptedHandshake | RefusedHandshake;

/** What a server does with octets, cut into the given pieces. */
export function answerPieces(pieces: readonly Uint8Array[], options?: HandshakeOptions | HandshakePolicy): Verdict {
  try {
    const reader = new HeadReader(HandshakePolicy.from(options ?? {}));
    for (const piece of pieces) if (reader.push(piece)) return acceptHandshake(parseRequestHead(reader.head), options);
    reader.end();
  } catch (error) {
    if (error instanceof HandshakeError) return refuseHandshake(error);
    throw error;
  }
  throw new Error("a head that is not complete must not pass end()");
}

export function answerHead(lines: readonly string[], options?: HandshakeOptions | HandshakePolicy): Verdict {
  return answerPieces([headOf(lines)], options);
}

/** What a server answers to a valid request with some fields changed. */
export function answer(
  changes: Readonly<Record<string, string | readonly string[] | undefined>> = {},
  options?: HandshakeOptions | HandshakePolicy,
): Verdict {
  return answerHead(requestLines(changes), options);
}

export function assertAccepted(verdict: Verdict, message?: string): AcceptedHandshake {
  assert.ok(verdict.accepted, message ?? (verdict.accepted ? "" : verdict.error.message));
  return verdict as AcceptedHandshake;
}

export function assertRefused(verdict: Verdict, httpStatus: number, code: string, message?: string): RefusedHandshake {
  assert.is(verdict.accepted, false, message ?? `accepted, not ${code}`);
  const refused = verdict as RefusedHandshake;
  assert.is(refused.error.code, code, message);
  assert.is(refused.httpStatus, httpStatus, message);
  return refused;
}

/** The value of a response's field, lines joined. */
export function fieldOf(verdict: Verdict, name: string): string | undefined {
  const values = verdict.headers.filter(([found]) => found.toLowerCase() === name.toLowerCase()).map(([, v]) => v);
  return values.length === 0 ? undefined : values.join(", ");
}

/** Runs what must throw a UsageError whose message has every one of the given words. */
export function assertUsageError(run: () => unknown, ...words: readonly string[]): void {
  const error = caught(run);
  assert.instance(error, UsageError, String(error));
  for (const word of words)
    assert.ok((error as Error).message.includes(word), `no ${word} in: ${(error as Error).message}`);
}

/** Runs what must throw a HandshakeError. */
export function assertHandshakeError(run: () => unknown, httpStatus: number, code: string): HandshakeError {
  const error = caught(run);
  assert.instance(error, HandshakeError, String(error));
  assert.is((error as HandshakeError).code, code);
  assert.is((error as HandshakeError).httpStatus, httpStatus);
  return error as HandshakeError;
}

export function caught(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return assert.unreachable("nothing was thrown");
}
