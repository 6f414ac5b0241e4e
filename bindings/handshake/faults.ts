// The one table of what makes an opening handshake fail: stable code -> HTTP status -> section -> sentence.
// docs/handshake.md holds the same table, and a test keeps the two equal. Status 0 marks a fault of the server's answer:
// the client's error carries the status it received instead. Knows neither requests nor responses.

import { HandshakeError, UsageError } from "../errors/classes.ts";

/** The codes of every HandshakeError this module makes. */
export type HandshakeCode =
  | "WS_HANDSHAKE_HEAD_TOO_LONG"
  | "WS_HANDSHAKE_TOO_MANY_HEADERS"
  | "WS_HANDSHAKE_HEAD_MALFORMED"
  | "WS_HANDSHAKE_INCOMPLETE"
  | "WS_HANDSHAKE_TIMEOUT"
  | "WS_HANDSHAKE_HTTP_VERSION"
  | "WS_HANDSHAKE_METHOD"
  | "WS_HANDSHAKE_BODY"
  | "WS_HANDSHAKE_TARGET"
  | "WS_HANDSHAKE_HOST"
  | "WS_HANDSHAKE_NOT_UPGRADE"
  | "WS_HANDSHAKE_UPGRADE"
  | "WS_HANDSHAKE_CONNECTION"
  | "WS_HANDSHAKE_VERSION"
  | "WS_HANDSHAKE_VERSION_MALFORMED"
  | "WS_HANDSHAKE_KEY"
  | "WS_HANDSHAKE_PROTOCOL"
  | "WS_HANDSHAKE_EXTENSIONS"
  | "WS_HANDSHAKE_ORIGIN_MALFORMED"
  | "WS_HANDSHAKE_ORIGIN"
  | "WS_HANDSHAKE_CONNECT"
  | "WS_HANDSHAKE_CONNECT_PROTOCOL"
  | "WS_HANDSHAKE_NOT_FOUND"
  | "WS_HANDSHAKE_CLOSED"
  | "WS_HANDSHAKE_INTERNAL"
  | "WS_HANDSHAKE_STATUS"
  | "WS_HANDSHAKE_REDIRECT"
  | "WS_HANDSHAKE_RESPONSE_UPGRADE"
  | "WS_HANDSHAKE_RESPONSE_CONNECTION"
  | "WS_HANDSHAKE_ACCEPT"
  | "WS_HANDSHAKE_RESPONSE_PROTOCOL"
  | "WS_HANDSHAKE_RESPONSE_EXTENSIONS";

/** One row of the table. */
export interface HandshakeFault {
  /** What the server answers with; 0: what the client received. */
  readonly httpStatus: number;
  readonly section: string;
  /** A sentence for the developer of the other side. */
  readonly text: string;
  /** Fields the refusal must carry. */
  readonly headers: Readonly<Record<string, string>>;
}

// Without the mark bundlers keep the table in programs that use none of it: they do not look into calls.
/*#__NO_SIDE_EFFECTS__*/
function row(
  httpStatus: number,
  section: string,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): HandshakeFault {
  return { httpStatus, section: `RFC ${section}`, text, headers };
}

/** Every handshake fault by its code. */
export const handshakeFaults: Readonly<Record<HandshakeCode, HandshakeFault>> = {
  WS_HANDSHAKE_HEAD_TOO_LONG: row(431, "6585 §5", "the head is longer than maxHeadLength"),
  WS_HANDSHAKE_TOO_MANY_HEADERS: row(431, "6585 §5", "the head has more fields than maxHeaderCount"),
  WS_HANDSHAKE_HEAD_MALFORMED: row(400, "9112 §2.2", "the head is not HTTP/1.1"),
  WS_HANDSHAKE_INCOMPLETE: row(400, "9112 §8", "the connection ended before the head did"),
  WS_HANDSHAKE_TIMEOUT: row(408, "9110 §15.5.9", "the opening handshake took too long"),
  WS_HANDSHAKE_HTTP_VERSION: row(505, "6455 §4.2.1", "the HTTP version must be 1.1"),
  WS_HANDSHAKE_METHOD: row(405, "6455 §4.2.1", "the method must be GET", { Allow: "GET" }),
  WS_HANDSHAKE_BODY: row(400, "6455 §4.2.1", "an opening handshake has no body"),
  WS_HANDSHAKE_TARGET: row(
    400,
    "6455 §4.2.1",
    "the request target must be a path or an http, https, ws or wss URI, without a fragment",
  ),
  WS_HANDSHAKE_HOST: row(400, "6455 §4.2.1", "there must be exactly one Host field, a host with or without a port"),
  WS_HANDSHAKE_NOT_UPGRADE: row(
    426,
    "9110 §15.5.22",
    "only WebSocket connections are served here: connect with a WebSocket client, or let the proxy in between pass on Upgrade",
    { Upgrade: "websocket" },
  ),
  WS_HANDSHAKE_UPGRADE: row(400, "6455 §4.2.1", "the Upgrade field must include websocket"),
  WS_HANDSHAKE_CONNECTION: row(400, "6455 §4.2.1", "the Connection field must include Upgrade"),
  WS_HANDSHAKE_VERSION: row(426, "6455 §4.4", "the only Sec-WebSocket-Version spoken here is 13", {
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
  }),
  WS_HANDSHAKE_VERSION_MALFORMED: row(
    400,
    "6455 §4.2.1",
    "there must be exactly one Sec-WebSocket-Version field, a number from 0 to 255",
    { "Sec-WebSocket-Version": "13" },
  ),
  WS_HANDSHAKE_KEY: row(400, "6455 §4.2.1", "there must be exactly one Sec-WebSocket-Key field, 16 octets in base64"),
  WS_HANDSHAKE_PROTOCOL: row(400, "6455 §4.1", "Sec-WebSocket-Protocol must be a list of tokens, no two the same"),
  WS_HANDSHAKE_EXTENSIONS: row(400, "6455 §9.1", "Sec-WebSocket-Extensions is malformed"),
  WS_HANDSHAKE_ORIGIN_MALFORMED: row(
    400,
    "6454 §7.1",
    "there must be at most one Origin field, null or a scheme, a host and perhaps a port",
  ),
  WS_HANDSHAKE_ORIGIN: row(
    403,
    "6455 §10.2",
    "pages of this origin may not connect; the server's option allowedOrigins decides which may",
  ),
  WS_HANDSHAKE_CONNECT: row(
    400,
    "8441 §4",
    "over HTTP/2 there must be :method CONNECT, :scheme http or https, :path and :authority, each once",
  ),
  WS_HANDSHAKE_CONNECT_PROTOCOL: row(501, "9220 §3", "the only :protocol served here is websocket"),
  WS_HANDSHAKE_NOT_FOUND: row(404, "9110 §15.5.5", "no WebSocket server is at this path"),
  WS_HANDSHAKE_CLOSED: row(503, "9110 §15.6.4", "the WebSocket server is closing"),
  WS_HANDSHAKE_INTERNAL: row(500, "9110 §15.6.1", "internal error"),
  WS_HANDSHAKE_STATUS: row(0, "6455 §4.1", "the server did not answer 101"),
  WS_HANDSHAKE_REDIRECT: row(0, "9110 §15.4", "the server redirects to where a client does not follow"),
  WS_HANDSHAKE_RESPONSE_UPGRADE: row(0, "6455 §4.1", "the answer's Upgrade field is not websocket"),
  WS_HANDSHAKE_RESPONSE_CONNECTION: row(0, "6455 §4.1", "the answer's Connection field does not include Upgrade"),
  WS_HANDSHAKE_ACCEPT: row(0, "6455 §4.1", "the answer's Sec-WebSocket-Accept does not match the key that was sent"),
  WS_HANDSHAKE_RESPONSE_PROTOCOL: row(0, "6455 §4.1", "the answer's subprotocol is none that was asked for"),
  WS_HANDSHAKE_RESPONSE_EXTENSIONS: row(
    0,
    "6455 §4.1",
    "the answer names an extension that was not offered, or parameters that do not fit",
  ),
};

/**
 * Makes the error for a handshake fault.
 *
 * @param detail      what was found, for the message; control characters and length already tamed by `quote`
 * @param httpStatus  a client passes the status it received, 0 where there was none; a server leaves the table's
 * @throws UsageError for a code that is not in the table
 */
export function handshakeError(code: HandshakeCode, detail = "", httpStatus?: number): HandshakeError {
  if (typeof code !== "string" || !Object.hasOwn(handshakeFaults, code)) {
    throw argumentError(`handshakeError takes a code of handshakeFaults; found ${quote(code)}`);
  }
  const fault = handshakeFaults[code];
  const message = `${fault.text} (${fault.section})${detail === "" ? "" : `: ${detail}`}`;
  return new HandshakeError(code, message, httpStatus ?? fault.httpStatus, fault.headers);
}

/** Makes the error for a wrong option, or for what an option's function returned: names it and shows the value. */
export function optionError(message: string): UsageError {
  return new UsageError("WS_OPTION", message);
}

/** Makes the error for a wrong argument, or for a call out of order. */
export function argumentError(message: string): UsageError {
  return new UsageError("WS_ARGUMENT", message);
}

/** Characters of a foreign value that a message repeats. */
const QUOTED_LENGTH = 64;

/** Shows any value in a message: cut short, quoted, in visible ASCII, so that it forges no line of a log. */
export function quote(value: unknown): string {
  if (typeof value !== "string") return describe(value);
  const kept = value.length > QUOTED_LENGTH ? `${value.slice(0, QUOTED_LENGTH)}...` : value;
  let text = '"';
  for (let at = 0; at < kept.length; at++) {
    const code = kept.charCodeAt(at);
    text += code >= 0x20 && code < 0x7f ? kept[at]! : `\\u${code.toString(16).padStart(4, "0")}`;
  }
  return `${text}"`;
}

/** A value that is no string; objects may have no usable toString. */
function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (value instanceof Error) return `the error ${quote(String(value.name))}`;
  if (typeof value === "object" || typeof value === "function")
    return `${typeof value === "object" ? "an" : "a"} ${typeof value}`;
  return String(value);
}
