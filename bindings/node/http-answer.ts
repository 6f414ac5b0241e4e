// Answers to plain HTTP requests that reach a WebSocket server: what the application says, or a hint. RFC 9110, RFC 9112.

import { UsageError } from "../errors/classes.ts";
import { headerPairs } from "../handshake/headers.ts";
import { type HeaderPairs, type HeaderSource, type RequestHead, serializeResponse } from "../handshake/index.ts";
import { checkOptionNames } from "../options.ts";

/** What a `request` handler returns. */
export interface HttpResponse {
  /** From 200 to 599; default 200. */
  readonly httpStatus?: number | undefined;
  /** Fields besides Connection and Content-Length, which are set here. */
  readonly headers?: HeaderSource | undefined;
  /** Text is sent as UTF-8; read before the call returns. */
  readonly body?: string | Uint8Array | undefined;
}

const hint =
  "This is a WebSocket server. Connect with a WebSocket client (ws:// or wss://), or give createServer a `request` " +
  "handler to answer plain HTTP.\n";

/** RFC 9110 §15.5.22: 426 names the protocol to upgrade to. */
const upgradeRequired: HttpResponse = {
  httpStatus: 426,
  headers: [
    ["Upgrade", "websocket"],
    ["Sec-WebSocket-Version", "13"],
    ["Content-Type", "text/plain; charset=utf-8"],
  ],
  body: hint,
};

const answerNames: ReadonlySet<string> = new Set(["httpStatus", "headers", "body"]);
const ownFields: ReadonlySet<string> = new Set(["connection", "content-length", "transfer-encoding"]);

/**
 * The octets that answer a plain request.
 *
 * @param response  the application's; undefined for 426 and the hint
 * @throws          UsageError for a status, a field or a body that cannot be sent
 */
export function httpAnswer(request: RequestHead, response: HttpResponse = upgradeRequired): Uint8Array {
  checkOptionNames("an answer", response, answerNames);
  const { httpStatus = 200, headers = [], body = "" } = response;
  if (!Number.isInteger(httpStatus) || httpStatus < 200 || httpStatus > 599) {
    throw new UsageError("WS_ARGUMENT", `httpStatus of an answer must be from 200 to 599, not ${String(httpStatus)}`);
  }
  if (typeof body !== "string" && !(body instanceof Uint8Array)) {
    throw new UsageError("WS_ARGUMENT", "body of an answer must be a string or a Uint8Array");
  }
  const content = hasNoContent(httpStatus) ? nothing : typeof body === "string" ? new TextEncoder().encode(body) : body;
  const fields: HeaderPairs = headerPairs(headers).filter(([name]) => !ownFields.has(name.toLowerCase()));
  const connection = httpStatus === 426 ? "close, Upgrade" : "close"; // RFC 9110 §7.8
  const length: HeaderPairs = hasNoContent(httpStatus) ? [] : [["Content-Length", String(content.length)]];
  const head = serializeResponse({ httpStatus, headers: [["Connection", connection], ...length, ...fields] });
  if (request.method === "HEAD") return head;
  const octets = new Uint8Array(head.length + content.length);
  octets.set(head);
  octets.set(content, head.length);
  return octets;
}

const nothing = new Uint8Array(0);

/** RFC 9110 §8.6, §15.4.5: nor is there a Content-Length. */
const hasNoContent = (httpStatus: number): boolean => httpStatus === 204 || httpStatus === 304;
