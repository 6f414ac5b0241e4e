// A handshake that comes by way of somebody else's HTTP server: what the request was, the stream it came by, and how to judge
// and to answer it. This file has those of HTTP/1.1, which Node tells by `upgrade`; http2-knock.ts has those of HTTP/2.

import type { IncomingMessage } from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import type { Duplex } from "node:stream";
import {
  type AcceptedHandshake,
  acceptHandshake,
  type HandshakePolicy,
  handshakeError,
  headerFields,
  type RefusedHandshake,
  type RequestHead,
  refuseHandshake,
} from "../handshake/index.ts";
import { http1Replies, type Replies } from "../server/replies.ts";

/** What Node has made of a request, where it was not read by us. */
export type Incoming = IncomingMessage | ServerHttp2Stream;

export interface Knock {
  readonly request: RequestHead;
  readonly stream: Duplex;
  /** Octets that came behind the request; borrowed. */
  readonly head: Uint8Array;
  readonly replies: Replies;
  readonly incoming: Incoming;
  /** Whether it came over TLS that ends in this process. */
  readonly isSecure: boolean;
  /** Judges it by a policy. */
  judge(policy: HandshakePolicy): AcceptedHandshake | RefusedHandshake;
}

/**
 * Makes a knock of what an `upgrade` listener is given.
 *
 * @throws HandshakeError where Node, told to be lenient, let fields pass that no head can carry
 */
export function http1Knock(incoming: IncomingMessage, stream: Duplex, head: Uint8Array): Knock {
  const { method = "", url = "", httpVersion, rawHeaders } = incoming;
  const request: RequestHead = {
    method,
    target: url,
    httpVersion: httpVersion === "1.0" ? "1.0" : "1.1",
    headers: headerFields(rawHeaders),
  };
  return {
    request,
    stream,
    head,
    replies: http1Replies,
    incoming,
    isSecure: (stream as { readonly encrypted?: boolean }).encrypted === true,
    judge(policy) {
      const headerCount = rawHeaders.length / 2;
      if (headerCount <= policy.maxHeaderCount) return acceptHandshake(request, policy);
      const detail = `maxHeaderCount ${policy.maxHeaderCount}, found ${headerCount}`;
      return refuseHandshake(handshakeError("WS_HANDSHAKE_TOO_MANY_HEADERS", detail));
    },
  };
}
