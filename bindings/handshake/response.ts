// Heads and bodies to octets. Knows how HTTP/1.1 lays them out, not what they mean.

import { checkObject, checkText } from "./arguments.ts";
import { argumentError, quote } from "./faults.ts";
import { checkFields } from "./fields.ts";
import { type HeaderPairs, headerPairs } from "./headers.ts";
import { encodeLatin1 } from "./octets.ts";

/** An answer as acceptHandshake and refuseHandshake make it. */
export interface HandshakeResponse {
  readonly httpStatus: number;
  readonly headers: HeaderPairs;
  readonly body?: string | undefined;
}

/** RFC 9110 §15, RFC 6585; a phrase is optional, and other statuses go without. */
const reasonPhrases: ReadonlyMap<number, string> = /*#__PURE__*/ new Map([
  [101, "Switching Protocols"],
  [200, "OK"],
  [204, "No Content"],
  [301, "Moved Permanently"],
  [302, "Found"],
  [303, "See Other"],
  [304, "Not Modified"],
  [307, "Temporary Redirect"],
  [308, "Permanent Redirect"],
  [400, "Bad Request"],
  [401, "Unauthorized"],
  [403, "Forbidden"],
  [404, "Not Found"],
  [405, "Method Not Allowed"],
  [408, "Request Timeout"],
  [426, "Upgrade Required"],
  [429, "Too Many Requests"],
  [431, "Request Header Fields Too Large"],
  [500, "Internal Server Error"],
  [501, "Not Implemented"],
  [503, "Service Unavailable"],
  [505, "HTTP Version Not Supported"],
]);

/**
 * Serializes an answer. RFC 9112 §4.
 *
 * @returns a fresh array: status line, fields, empty line, body in UTF-8
 * @throws UsageError for a status that is not three digits, or a name or value that may not stand in a head
 */
export function serializeResponse(response: HandshakeResponse): Uint8Array {
  checkObject("serializeResponse", "an answer", response);
  const { httpStatus, body = "" } = response;
  if (!Number.isInteger(httpStatus) || httpStatus < 100 || httpStatus > 599) {
    throw argumentError(`httpStatus must be from 100 to 599; found ${quote(httpStatus)}`);
  }
  checkText("the answer's body", body);
  const headers = headerPairs(response.headers);
  checkFields(headers);
  const head = encodeHead(`HTTP/1.1 ${httpStatus} ${reasonPhrases.get(httpStatus) ?? ""}`, headers);
  if (body === "") return head;

  const content = new TextEncoder().encode(body);
  const octets = new Uint8Array(head.length + content.length);
  octets.set(head);
  octets.set(content, head.length);
  return octets;
}

/**
 * Writes a start line, fields and the empty line.
 *
 * @param startLine  visible ASCII and spaces: the caller has checked
 * @param headers    checked by the caller
 */
export function encodeHead(startLine: string, headers: HeaderPairs): Uint8Array {
  let text = `${startLine}\r\n`;
  for (const [name, value] of headers) text += `${name}: ${value}\r\n`;
  return encodeLatin1(`${text}\r\n`);
}
