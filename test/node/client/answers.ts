// Answers that no client may take for the opening of a connection, for both ways of asking: a stream of our own, and Node's
// HTTP client with an agent.

import { acceptance, headOf, type RawAccepted } from "./support.ts";

/** An answer, and what a client says of it. */
export interface WrongAnswer {
  readonly name: string;
  readonly answer: (peer: RawAccepted) => unknown;
  /** "HandshakeError WS_… status", or the platform's code alone. */
  readonly direct: string;
  /** Where an agent's differs. */
  readonly byAgent?: string;
}

const changed =
  (changes: Readonly<Record<string, string | undefined>>, statusLine?: string) =>
  async (peer: RawAccepted): Promise<void> =>
    peer.send(acceptance(await peer.request(), changes, statusLine));

const text =
  (answer: string) =>
  async (peer: RawAccepted): Promise<void> => {
    await peer.request();
    peer.send(answer);
  };

export const wrongAnswers: readonly WrongAnswer[] = [
  {
    name: "an Accept of another key (§4.1 item 4)",
    answer: changed({ "Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" }),
    direct: "HandshakeError WS_HANDSHAKE_ACCEPT 101",
  },
  {
    name: "no Accept (§4.1 item 4)",
    answer: changed({ "Sec-WebSocket-Accept": undefined }),
    direct: "HandshakeError WS_HANDSHAKE_ACCEPT 101",
  },
  {
    name: "a subprotocol that was not asked for (§4.1 item 6)",
    answer: changed({ "Sec-WebSocket-Protocol": "other" }),
    direct: "HandshakeError WS_HANDSHAKE_RESPONSE_PROTOCOL 101",
  },
  {
    name: "an extension that was not offered (§4.1 item 5)",
    answer: changed({ "Sec-WebSocket-Extensions": "permessage-deflate" }),
    direct: "HandshakeError WS_HANDSHAKE_RESPONSE_EXTENSIONS 101",
  },
  {
    name: "200 (§4.1 item 1)",
    answer: text(`${headOf("HTTP/1.1 200 OK", "Content-Length: 5")}hello`),
    direct: "HandshakeError WS_HANDSHAKE_STATUS 200",
  },
  {
    name: "200 whose body goes on (§4.1 item 1)",
    answer: text(`${headOf("HTTP/1.1 200 OK", "Content-Length: 1000000")}${"x".repeat(100_000)}`),
    direct: "HandshakeError WS_HANDSHAKE_STATUS 200",
  },
  {
    name: "301, which is not followed (§4.1 item 1)",
    answer: text(headOf("HTTP/1.1 301 Moved Permanently", "Location: /elsewhere", "Content-Length: 0")),
    direct: "HandshakeError WS_HANDSHAKE_STATUS 301",
  },
  {
    name: "401 (§4.1 item 1)",
    answer: text(headOf("HTTP/1.1 401 Unauthorized", "WWW-Authenticate: Basic", "Content-Length: 0")),
    direct: "HandshakeError WS_HANDSHAKE_STATUS 401",
  },
  {
    name: "101 in HTTP/1.0 (RFC 9110 §15.2)",
    answer: changed({}, "HTTP/1.0 101 Switching Protocols"),
    direct: "HandshakeError WS_HANDSHAKE_HTTP_VERSION 101",
  },
  {
    name: "101 without Upgrade (§4.1 item 2)",
    answer: changed({ Upgrade: undefined }),
    direct: "HandshakeError WS_HANDSHAKE_RESPONSE_UPGRADE 101",
  },
  {
    name: "101 with another Upgrade (§4.1 item 2)",
    answer: changed({ Upgrade: "h2c" }),
    direct: "HandshakeError WS_HANDSHAKE_RESPONSE_UPGRADE 101",
  },
  {
    name: "101 without Connection (§4.1 item 3)",
    answer: changed({ Connection: undefined }),
    direct: "HandshakeError WS_HANDSHAKE_RESPONSE_CONNECTION 101",
  },
  {
    name: "a head longer than maxHeadLength",
    answer: changed({ "X-Long": "x".repeat(3000) }),
    direct: "HandshakeError WS_HANDSHAKE_HEAD_TOO_LONG 0",
  },
  {
    name: "more fields than maxHeaderCount",
    answer: changed(Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`X-${index}`, "x"]))),
    direct: "HandshakeError WS_HANDSHAKE_TOO_MANY_HEADERS 0",
    byAgent: "HandshakeError WS_HANDSHAKE_TOO_MANY_HEADERS 101",
  },
  {
    name: "what is not HTTP",
    answer: text("SSH-2.0-OpenSSH_9.6\r\n\r\n"),
    direct: "HandshakeError WS_HANDSHAKE_HEAD_MALFORMED 0",
  },
  {
    name: "a line that ends in a bare LF (RFC 9112 §2.2)",
    answer: async (peer) => peer.send(acceptance(await peer.request()).replace("\r\n", "\n")),
    direct: "HandshakeError WS_HANDSHAKE_HEAD_MALFORMED 0",
  },
  {
    name: "a NUL in a field (RFC 9110 §5.5)",
    answer: changed({ "X-Nul": "a\0b" }),
    direct: "HandshakeError WS_HANDSHAKE_HEAD_MALFORMED 0",
  },
  {
    name: "a FIN before any octet",
    answer: async (peer) => {
      await peer.request();
      peer.socket.end();
    },
    direct: "HandshakeError WS_HANDSHAKE_INCOMPLETE 0",
  },
  {
    name: "a FIN before the head's end",
    answer: async (peer) => {
      const answer = acceptance(await peer.request());
      peer.socket.end(answer.slice(0, -2));
    },
    direct: "HandshakeError WS_HANDSHAKE_INCOMPLETE 0",
  },
  {
    name: "a reset",
    answer: async (peer) => {
      await peer.request();
      peer.socket.resetAndDestroy();
    },
    direct: "ECONNRESET",
  },
  {
    name: "interim answers without end (RFC 9110 §15.2)",
    answer: text(headOf("HTTP/1.1 103 Early Hints").repeat(1000)),
    direct: "HandshakeError WS_HANDSHAKE_STATUS 103",
  },
];
