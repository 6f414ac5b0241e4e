// Handshakes that come by HTTP/2: what `stream` listeners are given, made a knock. RFC 8441.

import type { ServerHttp2Stream } from "node:http2";
import type { TLSSocket } from "node:tls";
import { judgeExtendedConnect, parseExtendedConnect } from "../handshake/extended-connect.ts";
import { handshakeError } from "../handshake/index.ts";
import { http2Replies } from "./http2-replies.ts";
import type { Knock } from "./knock.ts";
import { noteRemoteAddress } from "./remote-address.ts";

const nothing = new Uint8Array(0);

/**
 * Makes a knock of a stream and its fields, `rawHeaders` as Node gives them.
 *
 * @throws HandshakeError for fields that are no request's
 */
export function http2Knock(stream: ServerHttp2Stream, rawHeaders: readonly string[]): Knock {
  const connect = parseExtendedConnect(rawHeaders);
  noteRemoteAddress(stream);
  return {
    request: connect.request,
    stream,
    head: nothing,
    replies: http2Replies(stream),
    incoming: stream,
    isSecure: (stream.session?.socket as Partial<TLSSocket> | undefined)?.encrypted === true,
    judge: (policy) =>
      judgeExtendedConnect(() => {
        const headerCount = rawHeaders.length / 2;
        if (headerCount <= policy.maxHeaderCount) return connect;
        const detail = `maxHeaderCount ${policy.maxHeaderCount}, found ${headerCount}`;
        throw handshakeError("WS_HANDSHAKE_TOO_MANY_HEADERS", detail);
      }, policy),
  };
}
