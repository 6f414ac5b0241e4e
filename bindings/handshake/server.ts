// The server's answer to an opening handshake: 101 with what was agreed, or a refusal that says why. RFC 6455 §4.2.2.
// Values in, values out: response.ts turns an answer into octets, the shell writes them.

import { HandshakeError } from "../errors/classes.ts";
import { acceptKey } from "./accept.ts";
import { checkObject } from "./arguments.ts";
import { serializeAuthority } from "./authority.ts";
import { type Extension, isExtension, notOffered, serializeExtensions } from "./extensions.ts";
import { argumentError, optionError, quote } from "./faults.ts";
import { applicationFields, checkFields } from "./fields.ts";
import { type HeaderPairs, headerPairs } from "./headers.ts";
import type { RequestHead } from "./parse.ts";
import { type HandshakeOptions, HandshakePolicy } from "./policy.ts";
import { synchronous } from "./promises.ts";
import { firstCommon } from "./protocols.ts";
import type { Handshake } from "./reading.ts";
import { type RequestSource, readHandshake, requestHead } from "./request.ts";

export interface AcceptedHandshake {
  readonly accepted: true;
  /** 101; over HTTP/2 200. */
  readonly httpStatus: 101 | 200;
  /** Every field of the response, in order. */
  readonly headers: HeaderPairs;
  /** The subprotocol agreed; "" for none. */
  readonly protocol: string;
  /** The extensions agreed, in order. */
  readonly extensions: readonly Extension[];
  /** Subprotocols the client offered, in its order. */
  readonly offeredProtocols: readonly string[];
  /** Extensions the client offered, in its order. */
  readonly offeredExtensions: readonly Extension[];
  /** Path and query; begins with "/", also where the request named a whole URI. Untrusted: "//host/" is a path here. */
  readonly target: string;
  /** Host, or the authority of an absolute-form target or of HTTP/2; lower case, with its port where one was written. */
  readonly host: string;
  /** Origin as sent; undefined where the request has none. */
  readonly origin: string | undefined;
}

export interface RefusedHandshake {
  readonly accepted: false;
  readonly httpStatus: number;
  /** Every field of the response, in order; Content-Length counts the octets of `body` in UTF-8. */
  readonly headers: HeaderPairs;
  /** The reason, for the developer of the client; empty in answer to HEAD. */
  readonly body: string;
  readonly error: HandshakeError;
}

/**
 * Answers an opening handshake. RFC 6455 §4.2.
 *
 * @param request  from parseRequestHead, or what another parser made of it; borrowed until the call returns
 * @param options  a HandshakePolicy for many requests; plain options are checked at each call
 * @returns        never throws for what a peer sent
 * @throws UsageError for a wrong request or wrong options, and where one of their functions gives a promise, or what the
 *         client did not offer
 */
export function acceptHandshake(
  request: RequestSource,
  options: HandshakePolicy | HandshakeOptions = {},
): AcceptedHandshake | RefusedHandshake {
  checkObject("acceptHandshake", "a request", request);
  const policy = HandshakePolicy.from(options);
  try {
    const head = requestHead(request);
    const handshake = readHandshake(head, policy);
    return accept(head, handshake, policy, 101, [
      ["Upgrade", "websocket"],
      ["Connection", "Upgrade"],
      ["Sec-WebSocket-Accept", acceptKey(handshake.key)],
    ]);
  } catch (error) {
    // RFC 9110 §9.3.2: an answer to HEAD has no content
    if (error instanceof HandshakeError) return refuse(error, request.method === "HEAD" ? "" : `${error.message}\n`);
    throw error;
  }
}

/**
 * Makes the refusal for an error of HeadReader, of parseRequestHead or of the application.
 *
 * @throws UsageError where it is no HandshakeError, its status is not from 400 to 599, or its headers may not stand in a
 *         head
 */
export function refuseHandshake(error: HandshakeError): RefusedHandshake {
  if (!(error instanceof HandshakeError)) {
    throw argumentError(`refuseHandshake takes a HandshakeError; found ${quote(error)}`);
  }
  return refuse(error, `${error.message}\n`);
}

/**
 * Agrees to a handshake that was read.
 *
 * @param own  the fields of the answer that go before the subprotocol's
 * @throws HandshakeError where a function of the policy does
 */
export function accept(
  request: RequestHead,
  handshake: Handshake,
  policy: HandshakePolicy,
  httpStatus: 101 | 200,
  own: HeaderPairs,
): AcceptedHandshake {
  const protocol = chooseProtocol(request, handshake.protocols, policy);
  const extensions = chooseExtensions(request, handshake.extensions, policy);
  const headers = [...own];
  if (protocol !== "") headers.push(["Sec-WebSocket-Protocol", protocol]);
  if (extensions.length !== 0) headers.push(["Sec-WebSocket-Extensions", serializeExtensions(extensions)]);
  const added =
    typeof policy.headers === "function"
      ? applicationFields(synchronous("headers", policy.headers(request)))
      : policy.headers;
  return {
    accepted: true,
    httpStatus,
    headers: headers.concat(added),
    protocol,
    extensions,
    offeredProtocols: handshake.protocols,
    offeredExtensions: handshake.extensions,
    target: handshake.target,
    host: serializeAuthority(handshake.host),
    origin: handshake.origin,
  };
}

/** §4.2.2 item 5.5: one the client offered, or none. */
function chooseProtocol(request: RequestHead, offered: readonly string[], policy: HandshakePolicy): string {
  if (policy.selectProtocol === undefined) return firstCommon(policy.protocols, offered);
  if (offered.length === 0) return "";
  const choice: unknown = synchronous("selectProtocol", policy.selectProtocol(offered, request));
  if (choice === false || choice === "") return "";
  if (typeof choice === "string" && offered.includes(choice)) return choice;
  throw optionError(`selectProtocol must return an offered subprotocol or false; found ${quote(choice)}`);
}

/** What nearly every connection agrees on. */
const none: readonly Extension[] = Object.freeze([]);

/** §4.2.2 item 5.6: a subset of the offers. */
function chooseExtensions(
  request: RequestHead,
  offers: readonly Extension[],
  policy: HandshakePolicy,
): readonly Extension[] {
  if (policy.negotiateExtensions === undefined || offers.length === 0) return none;
  const accepted = synchronous("negotiateExtensions", policy.negotiateExtensions(offers, request));
  if (!Array.isArray(accepted) || !accepted.every(isExtension)) {
    throw optionError(`negotiateExtensions must return an array of extensions; found ${quote(accepted)}`);
  }
  const stranger = notOffered(accepted, offers);
  if (stranger === undefined) return accepted;
  throw optionError(`negotiateExtensions may accept an offered extension once; found ${quote(stranger)}`);
}

const encoder: TextEncoder = /*#__PURE__*/ new TextEncoder();

/** Makes the refusal for an error, with this body. @throws UsageError as refuseHandshake does */
export function refuse(error: HandshakeError, body: string): RefusedHandshake {
  const { httpStatus } = error;
  if (!Number.isInteger(httpStatus) || httpStatus < 400 || httpStatus > 599) {
    throw argumentError(`a refusal's httpStatus must be from 400 to 599; found ${quote(httpStatus)}`);
  }
  const added = headerPairs(error.headers);
  checkFields(added);
  // RFC 9110 §7.8: whoever sends Upgrade names it in Connection as well
  const connection = added.some(([name]) => name.toLowerCase() === "upgrade") ? "close, Upgrade" : "close";
  const headers: HeaderPairs = [
    ["Connection", connection],
    ["Content-Type", "text/plain; charset=utf-8"],
    ["Content-Length", String(encoder.encode(body).length)],
    ...added,
  ];
  return { accepted: false, httpStatus, headers, body, error };
}
