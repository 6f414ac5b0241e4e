// The error classes a user meets. Which peer's fault becomes which class, code and close code is said in violations.ts;
// this file knows no table and no protocol state. Every error has a stable `code`; docs/errors.md lists them.

import { share } from "../share.ts";

/** The header of a frame as it stood on the wire. RFC 6455 §5.2. */
export interface FrameHeader {
  readonly fin: boolean;
  readonly rsv1: boolean;
  readonly rsv2: boolean;
  readonly rsv3: boolean;
  readonly opcode: number;
  readonly masked: boolean;
  /** Octets; undefined where the header ended, or the violation was seen, before the length did. */
  readonly payloadLength: number | undefined;
}

/** Where in what a peer sent an error lies. */
export interface ErrorPlace {
  /** Octets the peer sent after the opening handshake before the offending frame's first octet. */
  readonly byteOffset?: number | undefined;
  /** Invalid UTF-8 only: octets before the octet that made the text invalid (its length, where it ended too early). */
  readonly octetOffset?: number | undefined;
  /** The offending frame's header, where there is one. */
  readonly frame?: FrameHeader | undefined;
  /** The section that was broken, as in "RFC 6455 §5.2". */
  readonly section?: string | undefined;
}

class WsimdErrorClass extends Error {
  /** Stable; see docs/errors.md. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

class PeerErrorClass extends WsimdErrorClass {
  /** The close code a peer is sent for this fault. RFC 6455 §7.4.1. */
  readonly closeCode: number;
  readonly byteOffset: number | undefined;
  readonly octetOffset: number | undefined;
  readonly frame: FrameHeader | undefined;
  readonly section: string | undefined;

  constructor(code: string, message: string, closeCode: number, place: ErrorPlace = {}) {
    super(code, message);
    this.closeCode = closeCode;
    this.byteOffset = place.byteOffset;
    this.octetOffset = place.octetOffset;
    this.frame = place.frame;
    this.section = place.section;
  }
}

class ProtocolErrorClass extends PeerErrorClass {}

class InvalidPayloadErrorClass extends PeerErrorClass {}

class LimitErrorClass extends PeerErrorClass {
  /** The limit that was passed, in its own unit: octets unless `code` says otherwise. */
  readonly limit: number;
  /** What was found, in the same unit. */
  readonly actual: number;

  constructor(code: string, message: string, closeCode: number, limit: number, actual: number, place: ErrorPlace = {}) {
    super(code, message, closeCode, place);
    this.limit = limit;
    this.actual = actual;
  }
}

/** A server's answer to an opening handshake, as much as an error shows of it. */
export interface RefusedAnswer {
  readonly httpStatus: number;
  readonly reasonPhrase: string;
  /** `get(name)` joins the values of a field; iterating gives every line. */
  readonly headers: Iterable<readonly [name: string, value: string]> & { get(name: string): string | null };
}

class HandshakeErrorClass extends WsimdErrorClass {
  /** Server: the status to answer with. Client: the status received, 0 where the answer was not HTTP. */
  readonly httpStatus: number;
  /** Server: header fields the refusal must carry, such as Sec-WebSocket-Version with 426. */
  readonly headers: Readonly<Record<string, string>>;
  /** Client: the answer that was refused, where there was one. `connect` sets it. */
  declare response?: RefusedAnswer;

  constructor(code: string, message: string, httpStatus: number, headers: Readonly<Record<string, string>> = {}) {
    super(code, message);
    this.httpStatus = httpStatus;
    this.headers = headers;
  }
}

class UsageErrorClass extends WsimdErrorClass {}

/** Shares a class under the name that programs see, in `name` and at the head of stacks, whatever a minifier calls it. */
function shareError<T extends { readonly prototype: Error }>(name: string, errorClass: T): T {
  Object.defineProperty(errorClass, "name", { value: name });
  Object.defineProperty(errorClass.prototype, "name", { value: name, configurable: true, writable: true });
  return share(name, errorClass);
}

/** The base of every error wsimd makes. */
export const WsimdError: typeof WsimdErrorClass = /*#__PURE__*/ shareError("WsimdError", WsimdErrorClass);
export type WsimdError = WsimdErrorClass;

/** The base of what a peer can cause: carries the close code and the place. */
export const PeerError: typeof PeerErrorClass = /*#__PURE__*/ shareError("PeerError", PeerErrorClass);
export type PeerError = PeerErrorClass;

/** The peer broke the protocol; close code 1002. RFC 6455 §7.4.1. */
export const ProtocolError: typeof ProtocolErrorClass = /*#__PURE__*/ shareError("ProtocolError", ProtocolErrorClass);
export type ProtocolError = ProtocolErrorClass;

/** The peer sent text, or a close reason, that is not UTF-8; close code 1007. RFC 6455 §8.1. */
export const InvalidPayloadError: typeof InvalidPayloadErrorClass = /*#__PURE__*/ shareError(
  "InvalidPayloadError",
  InvalidPayloadErrorClass,
);
export type InvalidPayloadError = InvalidPayloadErrorClass;

/** A limit was passed; `limit` and `actual` say which and by how much. Close code 1009. RFC 6455 §10.4. */
export const LimitError: typeof LimitErrorClass = /*#__PURE__*/ shareError("LimitError", LimitErrorClass);
export type LimitError = LimitErrorClass;

/** An opening handshake failed; `httpStatus` says how. RFC 6455 §4. */
export const HandshakeError: typeof HandshakeErrorClass = /*#__PURE__*/ shareError(
  "HandshakeError",
  HandshakeErrorClass,
);
export type HandshakeError = HandshakeErrorClass;

/** Our caller's mistake: a wrong option, argument or order. Thrown at once; never reaches the wire. */
export const UsageError: typeof UsageErrorClass = /*#__PURE__*/ shareError("UsageError", UsageErrorClass);
export type UsageError = UsageErrorClass;
