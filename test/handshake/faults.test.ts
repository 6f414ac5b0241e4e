// The table of codes is the documentation's, and every row is one that something can cause.

import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HandshakeError } from "../../bindings/errors/classes.ts";
import {
  acceptExtendedConnect,
  checkHandshakeResponse,
  createHandshakeRequest,
  type HandshakeCode,
  HeadReader,
  handshakeError,
  handshakeFaults,
  parseResponseHead,
} from "../../bindings/handshake/index.ts";
import {
  answer,
  answerHead,
  answerPieces,
  caught,
  exampleAccept,
  exampleKey,
  headOf,
  latin1,
  requestLines,
} from "./support.ts";

const table = suite("handshake codes");

table("docs/handshake.md has the same rows in the same order", () => {
  const page = readFileSync("docs/handshake.md", "utf8");
  const documented = page
    .split("\n")
    .filter((line) => line.startsWith("| `WS_HANDSHAKE_"))
    .map((line) => line.slice(2, -2).split(" | "));
  const expected = Object.entries(handshakeFaults).map(([code, fault]) => [
    `\`${code}\``,
    fault.httpStatus === 0 ? "received" : String(fault.httpStatus),
    fault.section,
    fault.text,
  ]);
  assert.equal(documented, expected);
});

table("every code is a stable name, every section names its RFC, every status is a refusal or the client's", () => {
  for (const [code, { httpStatus, section }] of Object.entries(handshakeFaults)) {
    assert.match(code, /^WS_HANDSHAKE_[A-Z_]+$/);
    assert.match(section, /^RFC \d{4} §\d+(\.\d+)*$/);
    assert.ok(httpStatus === 0 || (httpStatus >= 400 && httpStatus < 600), code);
  }
});

/** An input for each code but TIMEOUT, which only a shell with a clock can cause. */
const request = createHandshakeRequest({ url: "ws://a/", key: exampleKey });
const respond =
  (...lines: readonly string[]) =>
  () =>
    checkHandshakeResponse(parseResponseHead(headOf(lines)), request);
const fields = ["Upgrade: websocket", "Connection: Upgrade", `Sec-WebSocket-Accept: ${exampleAccept}`];
const switching = "HTTP/1.1 101 Switching Protocols";
/** The shell's own: no function of the handshake makes them. */
type ForTheShell =
  | "WS_HANDSHAKE_TIMEOUT"
  | "WS_HANDSHAKE_REDIRECT"
  | "WS_HANDSHAKE_NOT_FOUND"
  | "WS_HANDSHAKE_CLOSED"
  | "WS_HANDSHAKE_INTERNAL";
const causes: Readonly<Record<Exclude<HandshakeCode, ForTheShell>, () => unknown>> = {
  WS_HANDSHAKE_HEAD_TOO_LONG: () => answer({}, { maxHeadLength: 20 }),
  WS_HANDSHAKE_TOO_MANY_HEADERS: () => answer({}, { maxHeaderCount: 2 }),
  WS_HANDSHAKE_HEAD_MALFORMED: () => answerPieces([latin1("\n")]),
  WS_HANDSHAKE_INCOMPLETE: () => new HeadReader().end(),
  WS_HANDSHAKE_HTTP_VERSION: () => answerHead(["GET / HTTP/1.0"]),
  WS_HANDSHAKE_METHOD: () => answerHead(["POST / HTTP/1.1"]),
  WS_HANDSHAKE_BODY: () => answer({ "Content-Length": "1" }),
  WS_HANDSHAKE_TARGET: () => answerHead(requestLines({}, "GET * HTTP/1.1")),
  WS_HANDSHAKE_HOST: () => answer({ Host: undefined }),
  WS_HANDSHAKE_NOT_UPGRADE: () => answerHead(["GET / HTTP/1.1", "Host: a"]),
  WS_HANDSHAKE_CONNECT: () => acceptExtendedConnect({ headers: { ":method": "GET" } }),
  WS_HANDSHAKE_CONNECT_PROTOCOL: () => acceptExtendedConnect({ headers: { ":method": "CONNECT", ":protocol": "x" } }),
  WS_HANDSHAKE_UPGRADE: () => answer({ Upgrade: "h2c" }),
  WS_HANDSHAKE_CONNECTION: () => answer({ Connection: "close" }),
  WS_HANDSHAKE_VERSION: () => answer({ "Sec-WebSocket-Version": "8" }),
  WS_HANDSHAKE_VERSION_MALFORMED: () => answer({ "Sec-WebSocket-Version": "x" }),
  WS_HANDSHAKE_KEY: () => answer({ "Sec-WebSocket-Key": "x" }),
  WS_HANDSHAKE_PROTOCOL: () => answer({ "Sec-WebSocket-Protocol": "," }),
  WS_HANDSHAKE_EXTENSIONS: () => answer({ "Sec-WebSocket-Extensions": "," }),
  WS_HANDSHAKE_ORIGIN_MALFORMED: () => answer({ Origin: "x" }),
  WS_HANDSHAKE_ORIGIN: () => answer({ Origin: "null" }),
  WS_HANDSHAKE_STATUS: respond("HTTP/1.1 200 OK"),
  WS_HANDSHAKE_RESPONSE_UPGRADE: respond(switching),
  WS_HANDSHAKE_RESPONSE_CONNECTION: respond(switching, ...fields.slice(0, 1)),
  WS_HANDSHAKE_ACCEPT: respond(switching, ...fields.slice(0, 2)),
  WS_HANDSHAKE_RESPONSE_PROTOCOL: respond(switching, ...fields, "Sec-WebSocket-Protocol: x"),
  WS_HANDSHAKE_RESPONSE_EXTENSIONS: respond(switching, ...fields, "Sec-WebSocket-Extensions: x"),
};

for (const [code, cause] of Object.entries(causes) as [HandshakeCode, () => unknown][]) {
  table(`${code} is what its cause gives, with the table's status and sentence`, () => {
    let error: unknown;
    try {
      error = (cause() as { error: unknown }).error;
    } catch (thrown) {
      error = thrown;
    }
    assert.instance(error, HandshakeError);
    const found = error as HandshakeError;
    const { httpStatus, section, text, headers } = handshakeFaults[code];
    assert.is(found.code, code);
    assert.is(found.httpStatus, httpStatus === 0 ? (code === "WS_HANDSHAKE_STATUS" ? 200 : 101) : httpStatus);
    assert.ok(found.message.startsWith(`${text} (${section})`), found.message);
    assert.equal(found.headers, headers);
  });
}

table("WS_HANDSHAKE_REDIRECT is for shells that follow redirections to make", () => {
  assert.is(handshakeError("WS_HANDSHAKE_REDIRECT", "302", 302).httpStatus, 302);
});

table("WS_HANDSHAKE_TIMEOUT is for shells with a clock to make", () => {
  assert.is(handshakeError("WS_HANDSHAKE_TIMEOUT").httpStatus, 408);
  assert.is(handshakeError("WS_HANDSHAKE_TIMEOUT", "10000 ms", 0).httpStatus, 0);
  assert.is(
    handshakeError("WS_HANDSHAKE_TIMEOUT", "10000 ms").message,
    "the opening handshake took too long (RFC 9110 §15.5.9): 10000 ms",
  );
});

table("no message holds a control octet, whatever the peer sent", () => {
  for (const value of ["\x1b[2J", "a\tb\x80\x9f", "\u00ff".repeat(500)]) {
    for (const name of [
      "Host",
      "Upgrade",
      "Connection",
      "Origin",
      "Sec-WebSocket-Key",
      "Sec-WebSocket-Version",
      "Sec-WebSocket-Protocol",
      "Sec-WebSocket-Extensions",
    ]) {
      const error = caught(() => {
        const verdict = answer({ [name]: value });
        if (!verdict.accepted) throw verdict.error;
      }) as HandshakeError;
      for (const character of error.message) {
        assert.ok(character === "§" || (character >= " " && character <= "~"), `${name}: ${error.message}`);
      }
      assert.ok(error.message.length < 700, error.message);
    }
  }
});

table.run();
