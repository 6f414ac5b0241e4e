// The closing handshake of one connection, from its first Close to `close`: what each side said, who was first, how long
// it may take; and the payloads of control frames. RFC 6455 §5.5, §7.

import { MAX_CONTROL_LENGTH } from "../../assembly/constants.ts";
import { type OctetSource, octetsOf } from "../codec/octets.ts";
import { isUtf8 } from "../codec/utf8.ts";
import { CloseCode, isCloseCode } from "../codes.ts";
import { UsageError, WsimdError } from "../errors/classes.ts";
import { host } from "../host.ts";

/** What a Close frame said. */
export interface CloseStatus {
  /** 1005 where it had no code. */
  readonly code: number;
  readonly reason: string;
}

/** How a connection closed. */
export interface CloseReport {
  /** Who sent the first Close, or, where there was none, who dropped the connection. */
  readonly first: "local" | "peer";
  readonly sent: CloseStatus | null;
  readonly received: CloseStatus | null;
  /** What ended the connection: the peer's fault, a limit, what a handler threw, the transport's error; else undefined. */
  readonly error: unknown;
}

export class ClosingHandshake implements CloseReport {
  readonly first: "local" | "peer";
  /** When the connection is dropped if the peer has not closed it. */
  readonly deadlineMs: number;
  sent: CloseStatus | null = null;
  received: CloseStatus | null = null;
  error: unknown = undefined;
  /** Whether the connection failed: input is discarded until the transport ends. */
  failed = false;
  /** Whether the transport is to be half-closed once the output is out. */
  endsTransport = false;
  /** Whether the transport's input has ended. */
  inputEnded = false;
  /** What has become of the transport. */
  transportAction: "none" | "end" | "destroy" = "none";
  /** Tells `close`, once. */
  told: (() => void) | null = null;

  constructor(first: "local" | "peer", deadlineMs: number) {
    this.first = first;
    this.deadlineMs = deadlineMs;
  }

  /** Tells `close` if it is due. */
  settle(): void {
    const { told } = this;
    this.told = null;
    told?.();
  }
}

/** The error for a connection that ended without a Close frame which our side did not ask for. RFC 6455 §7.1.5. */
export function abnormalClosure(cause: unknown): WsimdError {
  const error = new WsimdError("WS_ABNORMAL_CLOSURE", "the connection ended without a Close frame (RFC 6455 §7.1.5)");
  if (cause !== undefined) error.cause = cause;
  return error;
}

/** Whether an error says what became of a connection, which is nobody's mistake here. */
export function isAbnormalClosure(error: unknown): boolean {
  return error instanceof WsimdError && error.code === "WS_ABNORMAL_CLOSURE";
}

/** The error for a message that was being streamed when the connection closed. */
export function unfinishedMessage(cause: unknown): WsimdError {
  const error = new WsimdError("WS_ABNORMAL_CLOSURE", "the connection closed before the message ended");
  if (cause !== undefined) error.cause = cause;
  return error;
}

const nothing: Uint8Array = new Uint8Array(0);

/**
 * The payload of a ping or pong.
 *
 * @throws  UsageError for more than 125 octets, or data of another kind
 */
export function controlPayload(data: string | OctetSource | undefined): Uint8Array {
  if (data === undefined) return nothing;
  const octets = typeof data === "string" ? encoded(data) : octetsOf(data, "data", "a string, ");
  if (octets.length <= MAX_CONTROL_LENGTH) return octets;
  throw new UsageError("WS_ARGUMENT", `a control frame has at most 125 octets (RFC 6455 §5.5), not ${octets.length}`);
}

/**
 * The payload of a Close frame. RFC 6455 §5.5.1.
 *
 * @throws  UsageError for a code that may not be sent, a reason without a code, of more than 123 octets, of another kind or
 *          not UTF-8
 */
export function closePayload(code: number | undefined, reason: string | OctetSource | undefined): Uint8Array {
  if (reason !== undefined && typeof reason !== "string" && !(reason instanceof Uint8Array)) {
    throw new UsageError("WS_ARGUMENT", "a close reason must be a string or a Uint8Array");
  }
  const isEmpty = reason === undefined || reason.length === 0;
  if (code === undefined) {
    if (isEmpty) return nothing;
    throw new UsageError("WS_ARGUMENT", "a close reason needs a close code (RFC 6455 §5.5.1)");
  }
  if (typeof code !== "number") throw new UsageError("WS_ARGUMENT", `a close code is a number, not a ${typeof code}`);
  if (!isCloseCode(code)) throw new UsageError("WS_ARGUMENT", `close code ${code} may not be sent (RFC 6455 §7.4)`);
  const octets = isEmpty ? nothing : typeof reason === "string" ? encoded(reason) : reason;
  if (octets.length > MAX_CONTROL_LENGTH - 2) {
    throw new UsageError("WS_ARGUMENT", `a close reason has at most 123 octets (RFC 6455 §5.5), not ${octets.length}`);
  }
  if (!isUtf8(octets)) throw new UsageError("WS_ARGUMENT", "a close reason must be UTF-8 (RFC 6455 §5.5.1)");
  const payload = new Uint8Array(octets.length + 2);
  payload[0] = code >>> 8;
  payload[1] = code;
  payload.set(octets, 2);
  return payload;
}

/** Reads a Close frame's payload, which the decoder has judged. */
export function readClosePayload(payload: Uint8Array): CloseStatus {
  if (payload.length < 2) return { code: CloseCode.NoStatusReceived, reason: "" };
  const copy = host.allocate(payload.length - 2);
  copy.set(payload.subarray(2));
  return { code: payload[0]! * 256 + payload[1]!, reason: host.utf8Text(copy, 0, copy.length) };
}

function encoded(text: string): Uint8Array {
  const octets = host.allocate(host.utf8Length(text));
  host.writeText(text, octets, 0);
  return octets;
}
