// Answers that are no WebSocket: to plain HTTP what the application says, or a hint; to a handshake its refusal, or ours.
// Values only: replies.ts puts them on the wire. RFC 9110.

import { UsageError } from "../errors/classes.ts";
import { checkFields } from "../handshake/fields.ts";
import { headerPairs } from "../handshake/headers.ts";
import type { HeaderPairs, HeaderSource, RefusedHandshake } from "../handshake/index.ts";
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

/** A whole answer, checked. */
export interface Answer {
  readonly httpStatus: number;
  readonly headers: HeaderPairs;
  readonly content: Uint8Array;
}

/**
 * Makes an answer of the application's.
 *
 * @param method    the request's: HEAD is answered without content
 * @param response  undefined for 426 and the hint
 * @param least     the least status that it may have
 * @throws          UsageError for a status, a field or a body that cannot be sent
 */
export function httpAnswer(method: string, response: HttpResponse = upgradeRequired, least = 200): Answer {
  checkOptionNames("an answer", response, answerNames);
  const { httpStatus = 200, headers = [], body = "" } = response;
  if (!Number.isInteger(httpStatus) || httpStatus < least || httpStatus > 599) {
    const range = `from ${least} to 599`;
    throw new UsageError("WS_ARGUMENT", `httpStatus of an answer must be ${range}, not ${String(httpStatus)}`);
  }
  if (typeof body !== "string" && !(body instanceof Uint8Array)) {
    throw new UsageError("WS_ARGUMENT", "body of an answer must be a string or a Uint8Array");
  }
  const content = hasNoContent(httpStatus) ? nothing : typeof body === "string" ? new TextEncoder().encode(body) : body;
  const fields: HeaderPairs = headerPairs(headers).filter(([name]) => !ownFields.has(name.toLowerCase()));
  checkFields(fields);
  const connection = httpStatus === 426 ? "close, Upgrade" : "close"; // RFC 9110 §7.8
  const length: HeaderPairs = hasNoContent(httpStatus) ? [] : [["Content-Length", String(content.length)]];
  return {
    httpStatus,
    headers: [["Connection", connection], ...length, ...fields],
    content: method === "HEAD" ? nothing : content,
  };
}

/** The answer that is a refused handshake. */
export function refusalAnswer({ httpStatus, headers, body }: RefusedHandshake): Answer {
  return { httpStatus, headers, content: new TextEncoder().encode(body) };
}

const nothing = new Uint8Array(0);

/** The answer where the application is at fault: it says nothing. */
export const faultAnswer: Answer = {
  httpStatus: 500,
  headers: [
    ["Connection", "close"],
    ["Content-Length", "0"],
  ],
  content: nothing,
};

/** RFC 9110 §8.6, §15.4.5: nor is there a Content-Length. */
const hasNoContent = (httpStatus: number): boolean => httpStatus === 204 || httpStatus === 304;
