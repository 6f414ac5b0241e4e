// Reads a complete head: start line, then field lines. Strict RFC 9112: one SP between words, no obs-fold, no whitespace
// before a colon, no empty line in front. Linear in the head's length; HeadReader bounds that.
// Knows no field by name and no method: request.ts and check.ts judge what the head says.

import type { HandshakeError } from "../errors/classes.ts";
import { checkOctets } from "./arguments.ts";
import { type HandshakeCode, handshakeError } from "./faults.ts";
import { endOfFieldValue, endOfToken, skipWhitespace, trimWhitespace } from "./grammar.ts";
import { addField, HeaderFields } from "./headers.ts";
import { decodeLatin1 } from "./octets.ts";

export interface RequestHead {
  readonly method: string;
  /** As received: origin-form, absolute-form or nonsense; `:path` over HTTP/2. */
  readonly target: string;
  /** A later 1.x reads as "1.1", the highest this module knows (RFC 9110 §2.5); "2.0" is an extended CONNECT (RFC 8441). */
  readonly httpVersion: "2.0" | "1.1" | "1.0";
  readonly headers: HeaderFields;
}

export interface ResponseHead {
  readonly httpVersion: "1.1" | "1.0";
  /** 100 to 599. */
  readonly httpStatus: number;
  readonly reasonPhrase: string;
  readonly headers: HeaderFields;
}

const CR = 0x0d;
const LF = 0x0a;
const SP = 0x20;
const HTAB = 0x09;
const COLON = 0x3a;

/** Makes the error of the head being read: a client's carries the status once it is known. */
type Fail = (code: HandshakeCode, detail: string) => HandshakeError;

/**
 * Parses a request's head. RFC 9112 §3.
 *
 * @param head  from the method to the empty line, as HeadReader gives it; borrowed until the call returns
 * @throws HandshakeError 400 where it is malformed, 505 where its HTTP version is not 1.x
 */
export function parseRequestHead(head: Uint8Array): RequestHead {
  checkOctets("parseRequestHead", head);
  const fail: Fail = (code, detail) => handshakeError(code, detail);
  const text = decodeLatin1(head);

  const methodEnd = endOfToken(text, 0);
  if (methodEnd === 0 || text.charCodeAt(methodEnd) !== SP) throw fail("WS_HANDSHAKE_HEAD_MALFORMED", "the method");
  const targetEnd = endOfVisible(text, methodEnd + 1);
  if (targetEnd === methodEnd + 1 || text.charCodeAt(targetEnd) !== SP) {
    throw fail("WS_HANDSHAKE_HEAD_MALFORMED", "the request line");
  }
  const httpVersion = parseVersion(text, targetEnd + 1, fail);
  const lineEnd = targetEnd + 9;
  if (!isLineEnd(text, lineEnd)) throw fail("WS_HANDSHAKE_HEAD_MALFORMED", "the request line");

  return {
    method: text.slice(0, methodEnd),
    target: text.slice(methodEnd + 1, targetEnd),
    httpVersion,
    headers: parseFieldLines(text, lineEnd + 2, fail),
  };
}

/**
 * Parses a response's head. RFC 9112 §4.
 *
 * @param head  from the HTTP version to the empty line, as HeadReader gives it; borrowed until the call returns
 * @throws HandshakeError where it is malformed; httpStatus is the status received, 0 where it was not reached
 */
export function parseResponseHead(head: Uint8Array): ResponseHead {
  checkOctets("parseResponseHead", head);
  let httpStatus = 0;
  const fail: Fail = (code, detail) => handshakeError(code, detail, httpStatus);
  const text = decodeLatin1(head);

  const httpVersion = parseVersion(text, 0, fail);
  // "HTTP/1.1 101 Switching Protocols": the space after the status is there even where the phrase is not (RFC 9112 §4)
  httpStatus = parseStatus(text, 9);
  if (httpStatus === 0 || text.charCodeAt(8) !== SP || text.charCodeAt(12) !== SP) {
    httpStatus = 0;
    throw fail("WS_HANDSHAKE_HEAD_MALFORMED", "the status line");
  }
  const lineEnd = endOfFieldValue(text, 13);
  if (!isLineEnd(text, lineEnd)) throw fail("WS_HANDSHAKE_HEAD_MALFORMED", "the reason phrase");

  return {
    httpVersion,
    httpStatus,
    reasonPhrase: text.slice(13, lineEnd),
    headers: parseFieldLines(text, lineEnd + 2, fail),
  };
}

/** Reads `HTTP/` DIGIT `.` DIGIT, eight characters. RFC 9112 §2.3. */
function parseVersion(text: string, at: number, fail: Fail): "1.1" | "1.0" {
  const major = text.charCodeAt(at + 5);
  const minor = text.charCodeAt(at + 7);
  if (!text.startsWith("HTTP/", at) || text[at + 6] !== "." || !isDigit(major) || !isDigit(minor)) {
    throw fail("WS_HANDSHAKE_HEAD_MALFORMED", "the HTTP version");
  }
  if (major !== 0x31) throw fail("WS_HANDSHAKE_HTTP_VERSION", `found ${text.slice(at + 5, at + 8)}`);
  return minor === 0x30 ? "1.0" : "1.1";
}

/** Three digits as a number from 100 to 599; 0 for anything else. RFC 9110 §15. */
function parseStatus(text: string, at: number): number {
  let status = 0;
  for (let digit = at; digit < at + 3; digit++) {
    const code = text.charCodeAt(digit);
    if (!isDigit(code)) return 0;
    status = status * 10 + code - 0x30;
  }
  return status >= 100 && status <= 599 ? status : 0;
}

/** Reads field lines up to the empty line, which must end the head. RFC 9112 §5. */
function parseFieldLines(text: string, firstLine: number, fail: Fail): HeaderFields {
  const valuesByName = new Map<string, string[]>();
  let at = firstLine;
  for (let line = 1; ; line++) {
    const first = text.charCodeAt(at);
    if (first === CR) {
      if (isLineEnd(text, at) && at + 2 === text.length) return new HeaderFields(valuesByName);
      throw fail("WS_HANDSHAKE_HEAD_MALFORMED", "octets after the empty line");
    }
    // RFC 9112 §5.2: a line that begins with whitespace folds the one before; a server answers 400
    if (first === SP || first === HTAB) throw fail("WS_HANDSHAKE_HEAD_MALFORMED", `field ${line} is folded (obs-fold)`);
    const nameEnd = endOfToken(text, at);
    // RFC 9112 §5.1: whitespace between name and colon is refused with 400, and so is no name at all
    if (nameEnd === at || text.charCodeAt(nameEnd) !== COLON) {
      throw fail("WS_HANDSHAKE_HEAD_MALFORMED", `the name of field ${line}`);
    }
    const valueStart = skipWhitespace(text, nameEnd + 1);
    const lineEnd = endOfFieldValue(text, valueStart);
    if (!isLineEnd(text, lineEnd)) throw fail("WS_HANDSHAKE_HEAD_MALFORMED", `the value of field ${line}`);
    addField(valuesByName, text.slice(at, nameEnd), trimWhitespace(text.slice(valueStart, lineEnd)));
    at = lineEnd + 2;
  }
}

/** The end of the run of characters, at `at` and after, that are neither space nor control. */
function endOfVisible(text: string, at: number): number {
  let end = at;
  while (end < text.length && text.charCodeAt(end) > SP && text.charCodeAt(end) !== 0x7f) end++;
  return end;
}

function isLineEnd(text: string, at: number): boolean {
  return text.charCodeAt(at) === CR && text.charCodeAt(at + 1) === LF;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
