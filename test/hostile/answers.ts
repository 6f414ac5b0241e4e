// Answers that no client may take for the opening of a connection. Each is the octets that a hostile server sends when it has
// read a request; who sends them is handshake-answers.test.ts, and survival.test.ts once more.

import { acceptance, headOf, type RawRequest } from "../node/client/support.ts";

export interface HostileAnswer {
  readonly name: string;
  readonly octets: (request: RawRequest) => Uint8Array;
  /** The reason that the client gives: 0 for a status that was not read. */
  readonly expected: { readonly code: string; readonly httpStatus: number };
}

/** What the client that meets them asks for. */
export const asked = { protocols: ["chat", "talk"], maxHeadLength: 4000, maxHeaderCount: 20 } as const;

type Changes = Parameters<typeof acceptance>[1];

const latin1 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));

function answer(name: string, code: string, httpStatus: number, make: (request: RawRequest) => string): HostileAnswer {
  const expected = { code: `WS_HANDSHAKE_${code}`, httpStatus };
  return { name, octets: (request) => latin1(make(request)), expected };
}

/** A 101 that differs from the right one in a field. */
const changed = (name: string, code: string, changes: Changes, httpStatus = 101): HostileAnswer =>
  answer(name, code, httpStatus, (request) => acceptance(request, changes));

/** A 101 with something else in the place of its text. */
const edited = (name: string, code: string, httpStatus: number, edit: (right: string) => string): HostileAnswer =>
  answer(name, code, httpStatus, (request) => edit(acceptance(request)));

const text = (name: string, code: string, httpStatus: number, octets: string): HostileAnswer =>
  answer(name, code, httpStatus, () => octets);

const exampleAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="; // of the key in RFC 6455 §1.3, which nobody sent

const fields: readonly HostileAnswer[] = [
  changed("an Accept of another key (§4.1 item 4)", "ACCEPT", { "Sec-WebSocket-Accept": exampleAccept }),
  changed("no Accept", "ACCEPT", { "Sec-WebSocket-Accept": undefined }),
  changed("an empty Accept", "ACCEPT", { "Sec-WebSocket-Accept": "" }),
  answer("the key for an Accept", "ACCEPT", 101, (request) => {
    const key = request.fields.find((field) => field.startsWith("Sec-WebSocket-Key"))!.split(": ")[1]!;
    return acceptance(request, { "Sec-WebSocket-Accept": key });
  }),
  edited("the Accept in lower case", "ACCEPT", 101, (right) =>
    right.replace(/Accept: .*/, (field) => `Accept: ${field.slice(8).toLowerCase()}`),
  ),
  edited("the Accept twice", "ACCEPT", 101, (right) => right.replace(/Sec-WebSocket-Accept.*\r\n/, "$&$&")),
  changed("a subprotocol that was not asked for (§4.1 item 6)", "RESPONSE_PROTOCOL", {
    "Sec-WebSocket-Protocol": "other",
  }),
  changed("a subprotocol in another case", "RESPONSE_PROTOCOL", { "Sec-WebSocket-Protocol": "Chat" }),
  changed("two subprotocols", "RESPONSE_PROTOCOL", { "Sec-WebSocket-Protocol": "chat, talk" }),
  changed("an empty subprotocol", "RESPONSE_PROTOCOL", { "Sec-WebSocket-Protocol": "" }),
  ...["constructor", "__proto__", "toString"].flatMap((name) => [
    changed(`a subprotocol named ${name}`, "RESPONSE_PROTOCOL", { "Sec-WebSocket-Protocol": name }),
    changed(`an extension named ${name}`, "RESPONSE_EXTENSIONS", { "Sec-WebSocket-Extensions": name }),
  ]),
  ...["permessage-deflate", "permessage-deflate; server_max_window_bits=0", "", "a;", 'a; b="', "a; b=\u00e9"].map(
    (value) =>
      changed(`the extensions ${JSON.stringify(value)} (§4.1 item 5)`, "RESPONSE_EXTENSIONS", {
        "Sec-WebSocket-Extensions": value,
      }),
  ),
  changed("no Upgrade (§4.1 item 2)", "RESPONSE_UPGRADE", { Upgrade: undefined }),
  changed("another Upgrade", "RESPONSE_UPGRADE", { Upgrade: "h2c" }),
  changed("two Upgrades", "RESPONSE_UPGRADE", { Upgrade: "websocket, h2c" }),
  changed("no Connection (§4.1 item 3)", "RESPONSE_CONNECTION", { Connection: undefined }),
  changed("another Connection", "RESPONSE_CONNECTION", { Connection: "close" }),
];

const statuses: readonly HostileAnswer[] = [
  text("200 (§4.1 item 1)", "STATUS", 200, `${headOf("HTTP/1.1 200 OK", "Content-Length: 5")}hello`),
  text("200 whose body goes on", "STATUS", 200, headOf("HTTP/1.1 200 OK") + "x".repeat(100_000)),
  edited("200 with everything of a 101", "STATUS", 200, (right) => right.replace("101", "200")),
  text("301 (§4.1 item 1)", "STATUS", 301, headOf("HTTP/1.1 301 Moved", "Location: ws://127.0.0.1:1/")),
  edited("301 with everything of a 101", "STATUS", 301, (right) =>
    right.replace("101 Switching Protocols\r\n", "301 \r\nLocation: /\r\n"),
  ),
  text("401", "STATUS", 401, headOf("HTTP/1.1 401 Unauthorized", "WWW-Authenticate: Basic")),
  text("interim answers without end (RFC 9110 §15.2)", "STATUS", 103, headOf("HTTP/1.1 103 Early Hints").repeat(100)),
  edited("101 in HTTP/1.0", "HTTP_VERSION", 101, (right) => right.replace("HTTP/1.1", "HTTP/1.0")),
  edited("101 in HTTP/2.0", "HTTP_VERSION", 0, (right) => right.replace("HTTP/1.1", "HTTP/2.0")),
  edited("status 000", "HEAD_MALFORMED", 0, (right) => right.replace("101", "000")),
  edited("status 1010", "HEAD_MALFORMED", 0, (right) => right.replace("101", "1010")),
  edited("status 10x", "HEAD_MALFORMED", 0, (right) => right.replace("101", "10x")),
];

const heads: readonly HostileAnswer[] = [
  changed("a field of 5,000 octets (CVE-2023-43669)", "HEAD_TOO_LONG", { "X-Long": "x".repeat(5000) }, 0),
  text("a status line of 100,000 octets", "HEAD_TOO_LONG", 0, `HTTP/1.1 101 ${"x".repeat(100_000)}`),
  text("a head of 100,000 octets that does not end", "HEAD_TOO_LONG", 0, `HTTP/1.1 101 \r\nX: ${"x".repeat(100_000)}`),
  text("fields without end", "TOO_MANY_HEADERS", 0, `HTTP/1.1 101 \r\n${"X: x\r\n".repeat(500)}`),
  edited("lines that end in a bare LF (RFC 9112 §2.2)", "HEAD_MALFORMED", 0, (right) => right.replaceAll("\r\n", "\n")),
  edited("one bare LF", "HEAD_MALFORMED", 0, (right) => right.replace("\r\n", "\n")),
  edited("a folded line", "HEAD_MALFORMED", 101, (right) => right.replace("Upgrade:", "X: a\r\n b\r\nUpgrade:")),
  changed("a NUL in a field (RFC 9110 §5.5)", "HEAD_MALFORMED", { "X-Nul": "a\0b" }, 0),
  changed("whitespace before a colon", "HEAD_MALFORMED", { "X-Space ": "a" }),
  text("what is not HTTP", "HEAD_MALFORMED", 0, "SSH-2.0-OpenSSH_9.6\r\n\r\n"),
  text("the answer of TLS", "HEAD_MALFORMED", 0, "\x15\x03\x01\x00\x02\x02\x46"),
  text("a frame at once", "HEAD_MALFORMED", 0, "\x81\x05Hello"),
];

/** Every one of them. */
export const answers: readonly HostileAnswer[] = [...fields, ...statuses, ...heads];
