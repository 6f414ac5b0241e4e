// What ws's server asks of an upgrade, and what it answers. RFC 6455 §4.2. Statuses and fields are those of ws.

import { type IncomingMessage, type OutgoingHttpHeaders, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { UsageError } from "../errors/classes.ts";
import { isKey } from "../handshake/accept.ts";
import { isFieldValue } from "../handshake/grammar.ts";
import { acceptKey } from "../handshake/index.ts";
import { extension, type Parameters, subprotocol } from "./extension.ts";
import { type DeflateOptions, PerMessageDeflate } from "./permessage-deflate.ts";
import type { Extensions } from "./sender.ts";

/** An upgrade that may be accepted. */
export interface Upgrade {
  readonly key: string;
  readonly origin: string | undefined;
  readonly protocols: Set<string>;
  readonly extensions: Extensions;
}

/** Why it is not. */
export interface Refusal {
  readonly status: number;
  /** What is wrong with the request; undefined where it is not the request's fault. */
  readonly fault?: string;
  readonly body?: string | undefined;
  readonly headers?: OutgoingHttpHeaders | undefined;
}

const fault = (status: number, text: string, headers?: OutgoingHttpHeaders): Refusal => ({
  status,
  fault: text,
  headers,
});

/** Reads a request. @param judge  asked when what concerns the key and the version is right */
export function judgeUpgrade(
  { method, headers }: IncomingMessage,
  deflate: DeflateOptions | false,
  maxPayload: number,
  judge: () => Refusal | null,
): Upgrade | Refusal {
  const { "sec-websocket-key": key, upgrade } = headers;
  const version = Number(headers["sec-websocket-version"]);
  if (method !== "GET") return fault(405, "an upgrade is asked for with GET");
  if (upgrade?.toLowerCase() !== "websocket") return fault(400, "Upgrade must be websocket");
  if (key === undefined || !isKey(key)) return fault(400, "Sec-WebSocket-Key must be 16 octets in base64");
  if (version !== 13 && version !== 8)
    return fault(400, "Sec-WebSocket-Version must be 13 or 8", { "Sec-WebSocket-Version": "13, 8" });
  const refusal = judge();
  if (refusal !== null) return refusal;
  let protocols = new Set<string>();
  try {
    const offered = headers["sec-websocket-protocol"];
    if (offered !== undefined) protocols = subprotocol.parse(offered);
  } catch {
    return fault(400, "Sec-WebSocket-Protocol must be a list of different tokens");
  }
  const origin = headers[version === 8 ? "sec-websocket-origin" : "origin"] as string | undefined;
  try {
    return { key, origin, protocols, extensions: negotiate(headers["sec-websocket-extensions"], deflate, maxPayload) };
  } catch {
    return fault(400, "Sec-WebSocket-Extensions is malformed, or cannot be accepted");
  }
}

/** @throws Error for a malformed field, and where permessage-deflate is offered, but not as the options want it */
function negotiate(offered: string | undefined, options: DeflateOptions | false, maxPayload: number): Extensions {
  if (!options || offered === undefined) return {};
  const name = PerMessageDeflate.extensionName;
  const { [name]: offers } = extension.parse(offered);
  if (offers === undefined) return {};
  const deflate = new PerMessageDeflate({ ...options, isServer: true, maxPayload });
  deflate.accept(offers);
  return { [name]: deflate };
}

/** Asks the application, whose verdict may come later. */
export function verify(
  verifyClient: unknown,
  request: IncomingMessage,
  origin: string | undefined,
  decided: (refusal: Refusal | null) => void,
): void {
  if (verifyClient === null || verifyClient === undefined) {
    decided(null);
    return;
  }
  // What was to let nobody in must not let everybody in.
  if (typeof verifyClient !== "function") throw new UsageError("WS_OPTION", "verifyClient must be a function");
  const { socket } = request as { readonly socket?: { readonly authorized?: boolean; readonly encrypted?: boolean } };
  const info = { origin, secure: Boolean(socket?.authorized || socket?.encrypted), req: request };
  if (verifyClient.length === 2) {
    verifyClient(info, (isVerified: unknown, code?: number, message?: string, headers?: OutgoingHttpHeaders) =>
      decided(isVerified ? null : { status: code || 401, body: message, headers }),
    );
  } else {
    decided(verifyClient(info) ? null : { status: 401 });
  }
}

/** The lines of an answer that accepts, without the empty one. §4.2.2. */
export function acceptHead(key: string, protocol: unknown, extensions: Extensions): string[] {
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${acceptKey(key)}`,
  ];
  if (protocol) {
    if (!isFieldValue(String(protocol)))
      throw new TypeError("handleProtocols: what it returns cannot stand in a field");
    lines.push(`Sec-WebSocket-Protocol: ${protocol}`);
  }
  const deflate = extensions[PerMessageDeflate.extensionName];
  if (deflate !== undefined) {
    const agreed = { [PerMessageDeflate.extensionName]: deflate.params as Parameters };
    lines.push(`Sec-WebSocket-Extensions: ${extension.format(agreed)}`);
  }
  return lines;
}

/** A socket that fails before it is a WebSocket is gone. */
export function destroyOnError(this: Duplex): void {
  this.destroy();
}

/** Answers a request that is not upgraded, and ends its connection. */
export function refuse(socket: Duplex, { status, fault, body, headers }: Refusal): void {
  const text = body || fault || STATUS_CODES[status] || "";
  const fields = {
    Connection: "close",
    "Content-Type": "text/html",
    "Content-Length": Buffer.byteLength(text),
    ...headers,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  socket.once("finish", socket.destroy);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("\r\n")}\r\n\r\n${text}`);
}
