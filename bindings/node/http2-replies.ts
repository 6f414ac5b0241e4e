// How answers get onto the wire over HTTP/2: a HEADERS frame and, behind a refusal, DATA and the end of the stream. RFC 9113
// §8.1: whoever has answered whole may reset the stream with NO_ERROR; nothing need be drained, for streams do not share
// a fate. RFC 8441 §5.

import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import { http2Fields } from "../handshake/extended-connect.ts";
import type { HeaderPairs } from "../handshake/index.ts";
import type { Replies } from "../server/replies.ts";

export function http2Replies(stream: ServerHttp2Stream): Replies {
  return {
    accept(_link, { httpStatus, headers }) {
      stream.respond(outgoing(httpStatus, headers));
    },
    answer(_link, { httpStatus, headers, content }, sent) {
      stream.respond(outgoing(httpStatus, headers));
      stream.end(content, sent);
      stream.close(constants.NGHTTP2_NO_ERROR);
      return content.length;
    },
  };
}

/** Fields as Node wants them: those that repeat as arrays. */
function outgoing(httpStatus: number, headers: HeaderPairs): OutgoingHttpHeaders {
  const fields: Record<string, string[]> = Object.create(null);
  for (const [name, value] of http2Fields(headers)) fields[name] = [...(fields[name] ?? []), value];
  return { ":status": httpStatus, ...fields };
}
