// The client's reading of the server's answer: every MUST of RFC 6455 §4.1 that follows the request, in one column.
// Knows no transport: on an error the shell closes the connection.

import type { HandshakeError } from "../errors/classes.ts";
import { checkObject } from "./arguments.ts";
import type { HandshakeRequest } from "./client.ts";
import { type Extension, notOffered, scanExtensions } from "./extensions.ts";
import { argumentError, type HandshakeCode, handshakeError, quote } from "./faults.ts";
import { type HeaderFields, type HeaderSource, headerFields } from "./headers.ts";
import { includesUpgrade } from "./upgrade.ts";

/** A response's head from parseResponseHead or from another HTTP parser. */
export interface ResponseSource {
  readonly httpStatus: number;
  readonly reasonPhrase?: string | undefined;
  /** As in "1.1"; undefined where the runtime does not tell, which vouches for HTTP/1.1. */
  readonly httpVersion?: string | undefined;
  readonly headers: HeaderSource;
}

/** What was agreed. */
export interface AgreedHandshake {
  /** The subprotocol; "" where the server named none, which RFC 6455 allows even if some were asked for. */
  readonly protocol: string;
  /** The extensions in the order they apply in. RFC 6455 §9.1. */
  readonly extensions: readonly Extension[];
  readonly headers: HeaderFields;
}

/**
 * Tells whether more heads follow: 100, 102 and 103 announce the answer, and a client passes over them. RFC 9110 §15.2.
 * Read the next with a fresh HeadReader, beginning with the `rest` of this one.
 */
export function isInterimResponse(response: ResponseSource): boolean {
  checkResponse("isInterimResponse", response);
  const { httpStatus } = response;
  return httpStatus >= 100 && httpStatus < 200 && httpStatus !== 101;
}

/**
 * Checks the answer to an opening handshake. RFC 6455 §4.1.
 *
 * @param response  borrowed until the call returns
 * @param request   the request it answers
 * @throws HandshakeError whose httpStatus is the status received
 * @throws UsageError where `response` is no response, or `request` is not what createHandshakeRequest made
 */
export function checkHandshakeResponse(
  response: ResponseSource,
  request: Pick<HandshakeRequest, "accept" | "protocols" | "extensions">,
): AgreedHandshake {
  checkResponse("checkHandshakeResponse", response);
  checkRequest(request);
  const { httpStatus } = response;
  const headers = headerFields(response.headers, httpStatus);
  const fail = (code: HandshakeCode, detail: string): HandshakeError => handshakeError(code, detail, httpStatus);
  const found = (name: string): string => `${name} is ${quote(headers.get(name))}`;

  // item 1: 101; redirections and authentication are the application's affair
  if (httpStatus !== 101) throw fail("WS_HANDSHAKE_STATUS", describeStatus(response, headers));
  // RFC 9110 §15.2: HTTP/1.0 knows no 1xx
  if (response.httpVersion === "1.0") throw fail("WS_HANDSHAKE_HTTP_VERSION", "found 1.0");
  // item 2: Upgrade is websocket, in any case, and nothing else: a server switches to one protocol
  if (headers.get("upgrade")?.toLowerCase() !== "websocket")
    throw fail("WS_HANDSHAKE_RESPONSE_UPGRADE", found("upgrade"));
  // item 3: Connection includes Upgrade, in any case
  if (!includesUpgrade(headers)) throw fail("WS_HANDSHAKE_RESPONSE_CONNECTION", found("connection"));
  // item 4: Accept is base64 of SHA-1 of key and GUID; two equal ones, joined, are not it either
  if (headers.get("sec-websocket-accept") !== request.accept)
    throw fail("WS_HANDSHAKE_ACCEPT", found("sec-websocket-accept"));
  // item 5, §11.3.2: extensions that were offered, in one field
  const extensionsText = headers.get("sec-websocket-extensions");
  const extensions = extensionsText === null ? [] : scanExtensions(extensionsText);
  if (
    extensions === undefined ||
    headers.count("sec-websocket-extensions") > 1 ||
    notOffered(extensions, request.extensions) !== undefined
  ) {
    throw fail("WS_HANDSHAKE_RESPONSE_EXTENSIONS", found("sec-websocket-extensions"));
  }
  // item 6: one subprotocol that was asked for, or none
  const protocol = headers.get("sec-websocket-protocol");
  if (protocol !== null && !request.protocols.includes(protocol)) {
    throw fail("WS_HANDSHAKE_RESPONSE_PROTOCOL", found("sec-websocket-protocol"));
  }
  return { protocol: protocol ?? "", extensions, headers };
}

function checkResponse(call: string, response: ResponseSource): void {
  checkObject(call, "a response", response);
  if (Number.isInteger(response.httpStatus)) return;
  throw argumentError(`${call} takes a response with its httpStatus; found ${quote(response.httpStatus)}`);
}

function checkRequest(request: Parameters<typeof checkHandshakeResponse>[1]): void {
  const needed = "the request that createHandshakeRequest made";
  checkObject("checkHandshakeResponse", needed, request);
  const { accept, protocols, extensions } = request;
  if (typeof accept !== "string" || !Array.isArray(protocols) || !Array.isArray(extensions)) {
    throw argumentError(`checkHandshakeResponse takes ${needed}; found ${quote(request)}`);
  }
}

function describeStatus({ httpStatus, reasonPhrase = "" }: ResponseSource, headers: HeaderFields): string {
  const location = headers.get("location");
  const phrase = reasonPhrase === "" ? "" : ` ${quote(reasonPhrase)}`;
  return `${httpStatus}${phrase}${location === null ? "" : `, Location ${quote(location)}, which is not followed`}`;
}
