// However the transport cuts a head, the verdict is the same: whole, octet by octet, in two at every place, and with the
// first frames right behind it.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  checkHandshakeResponse,
  createHandshakeRequest,
  HeadReader,
  parseResponseHead,
} from "../../bindings/handshake/index.ts";
import { answerPieces, exampleAccept, exampleKey, headOf, latin1, requestLines } from "./support.ts";

/** Every way of cutting that the suite knows. */
function* cuts(octets: Uint8Array): Generator<[string, Uint8Array[]]> {
  yield ["whole", [octets]];
  yield ["octet by octet", Array.from(octets, (octet) => Uint8Array.of(octet))];
  yield [
    "with empty pieces",
    [octets.subarray(0, 0), octets.subarray(0, 9), octets.subarray(9, 9), octets.subarray(9)],
  ];
  for (let cut = 1; cut < octets.length; cut++)
    yield [`cut at ${cut}`, [octets.subarray(0, cut), octets.subarray(cut)]];
}

const trailing: readonly Uint8Array[] = [
  new Uint8Array(0),
  Uint8Array.from([0x81, 0x80, 0, 0, 0, 0]), // text, FIN, empty, masked §5.7
  latin1("\r\n\r\nGET / HTTP/1.1\r\n\r\n"),
  latin1("\0\n\r\x7f"),
];

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  return Uint8Array.from([...first, ...second]);
}

const requests = suite("requests in pieces");

const heads: readonly [string, readonly string[]][] = [
  ["valid", requestLines({ "Sec-WebSocket-Protocol": "a, b", Origin: "http://server.example.com" })],
  ["over two lines", requestLines({ Connection: ["keep-alive", "Upgrade"] })],
  ["of another origin", requestLines({ Origin: "https://evil.example" })],
  ["without Host", requestLines({ Host: undefined })],
  ["with a malformed key", requestLines({ "Sec-WebSocket-Key": "x" })],
  ["of version 8", requestLines({ "Sec-WebSocket-Version": "8" })],
  ["of another method", requestLines({}, "POST /chat HTTP/1.1")],
  ["of HTTP/1.0", requestLines({}, "GET /chat HTTP/1.0")],
  ["of HTTP/2", ["PRI * HTTP/2.0"]],
  ["with a fold", requestLines({ "X-A": "b\r\n c" })],
  ["with a malformed request line", requestLines({}, "GET /chat")],
  ["with a bare LF", requestLines({ "X-A": "b\nc: d" })],
  ["plain HTTP", ["GET / HTTP/1.1", "Host: a"]],
];

for (const [what, lines] of heads) {
  requests(`${what}: one verdict for every cut and whatever follows`, () => {
    const head = headOf(lines);
    const { httpStatus, headers } = answerPieces([head]);
    for (const behind of trailing) {
      for (const [how, pieces] of cuts(join(head, behind))) {
        const found = answerPieces(pieces);
        assert.is(found.httpStatus, httpStatus, how);
        assert.equal(found.headers, headers, how);
      }
    }
  });
}

requests.run();

const responses = suite("responses in pieces");

const asked = createHandshakeRequest({ url: "ws://a/", key: exampleKey });
const accepting = ["Upgrade: websocket", "Connection: Upgrade", `Sec-WebSocket-Accept: ${exampleAccept}`];
const answers: readonly [string, readonly string[]][] = [
  ["valid", ["HTTP/1.1 101 Switching Protocols", ...accepting]],
  ["200", ["HTTP/1.1 200 OK", "Content-Type: text/html"]],
  ["301", ["HTTP/1.1 301 ", "Location: /"]],
  ["a wrong Accept", ["HTTP/1.1 101 x", ...accepting.slice(0, 2), "Sec-WebSocket-Accept: x"]],
  ["not HTTP", ["SSH-2.0-OpenSSH_9.6"]],
  ["a NUL", ["HTTP/1.1 101 x", "a: \0"]],
];

/** What a client makes of a server's octets: "agreed" or the code, and how many octets are left for the connection. */
function outcome(pieces: readonly Uint8Array[]): string {
  const reader = new HeadReader({ role: "client" });
  try {
    for (const [at, piece] of pieces.entries()) {
      if (!reader.push(piece)) continue;
      checkHandshakeResponse(parseResponseHead(reader.head), asked);
      const left = pieces.slice(at + 1).reduce((sum, { length }) => sum + length, reader.rest.length);
      return `agreed, ${left} octets left`;
    }
    reader.end();
  } catch (error) {
    const { code, httpStatus } = error as { code: string; httpStatus: number };
    return `${code} ${httpStatus}`;
  }
  return "incomplete";
}

for (const [what, lines] of answers) {
  responses(`${what}: one outcome for every cut, nothing behind the head lost`, () => {
    for (const behind of trailing) {
      const sent = join(headOf(lines), behind);
      const whole = outcome([sent]);
      if (what === "valid") assert.is(whole, `agreed, ${behind.length} octets left`);
      for (const [how, pieces] of cuts(sent)) assert.is(outcome(pieces), whole, how);
    }
  });
}

responses.run();
