// Start lines and field lines: what is read, what is refused, each in one way only.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseRequestHead, parseResponseHead } from "../../bindings/handshake/index.ts";
import { assertHandshakeError, headOf, latin1, requestLines } from "./support.ts";

const malformed = "WS_HANDSHAKE_HEAD_MALFORMED";

const request = suite("parseRequestHead");

request("reads method, target, version and fields (RFC 9112 §3)", () => {
  const head = parseRequestHead(headOf(["GET /chat?a=b HTTP/1.1", "Host: x", "A:1", "a:\t 2 \t", "Empty:", "B: c: d"]));
  assert.is(head.method, "GET");
  assert.is(head.target, "/chat?a=b");
  assert.is(head.httpVersion, "1.1");
  assert.equal(
    [...head.headers],
    [
      ["host", "x"],
      ["a", "1"],
      ["a", "2"],
      ["empty", ""],
      ["b", "c: d"],
    ],
  );
});

request("reads methods and versions it will not serve, so that they can be told (RFC 9110 §2.5)", () => {
  assert.is(parseRequestHead(headOf(["M-SEARCH * HTTP/1.1"])).method, "M-SEARCH");
  assert.is(parseRequestHead(headOf(["GET / HTTP/1.0"])).httpVersion, "1.0");
  assert.is(parseRequestHead(headOf(["GET / HTTP/1.9"])).httpVersion, "1.1");
  for (const version of ["0.9", "2.0", "3.0", "9.9"]) {
    assertHandshakeError(() => parseRequestHead(headOf([`GET / HTTP/${version}`])), 505, "WS_HANDSHAKE_HTTP_VERSION");
  }
});

request("refuses every other request line (RFC 9112 §3)", () => {
  for (const line of [
    "",
    " ",
    "GET",
    "GET /",
    "GET / ",
    "GET  / HTTP/1.1",
    "GET  HTTP/1.1",
    "GET /\x7f HTTP/1.1",
    "GET /  HTTP/1.1",
    " GET / HTTP/1.1",
    "GET / HTTP/1.1 ",
    "GET\t/ HTTP/1.1",
    "GET / HTTP/1",
    "GET / HTTP/1.1.1",
    "GET / HTTP/1x1",
    "GET / HTTP/11",
    "GET / http/1.1",
    "GET / HTTPS/1.1",
    "GET /a b HTTP/1.1",
    "G(T / HTTP/1.1",
    "G\u00cbT / HTTP/1.1",
    "GET / HTTP/x.1",
  ]) {
    assertHandshakeError(() => parseRequestHead(headOf([line, "Host: x"])), 400, malformed);
  }
  assertHandshakeError(() => parseRequestHead(latin1("\r\nGET / HTTP/1.1\r\n\r\n")), 400, malformed);
});

request("refuses field lines that parsers disagree on (RFC 9112 §5.1, §5.2)", () => {
  const wrong: [string, string][] = [
    ["a : b", "whitespace before the colon"],
    [" a: b", "whitespace before the first field"],
    ["c: d\r\n folded", "obs-fold with SP"],
    ["c: d\r\n\tfolded", "obs-fold with HTAB"],
    ["c: d\r\n \r\ne: f", "obs-fold of whitespace alone"],
    [": b", "no name"],
    ["a", "no colon"],
    ["a b: c", "a space in the name"],
    ["a\u00e9: c", "an octet above 0x7F in the name"],
    ['a"b: c', "a delimiter in the name"],
    ["a\0: c", "NUL in the name"],
    ["a: b\0c", "NUL in the value"],
    ["a: b\x7f", "DEL in the value"],
    ["a: b\x1b[2J", "ESC in the value"],
    ["a: b\nc: d", "a bare LF"],
    ["a: b\rc: d", "a bare CR"],
    ["a: b\r", "CR CR LF"],
    ["a\r\n: b", "a colon on its own line"],
  ];
  for (const [line, what] of wrong) {
    for (const lines of [[line, "x: y"], [line], ["x: y", line]]) {
      try {
        assertHandshakeError(() => parseRequestHead(headOf(["GET / HTTP/1.1", ...lines])), 400, malformed);
      } catch (error) {
        assert.unreachable(`${what}: ${String(error)}`);
      }
    }
  }
});

request("says which field is wrong, and calls a fold by its name (RFC 9112 §5.2)", () => {
  const message = (...lines: readonly string[]): string =>
    assertHandshakeError(() => parseRequestHead(headOf(["GET / HTTP/1.1", ...lines])), 400, malformed).message;
  assert.match(message("a: b", " c"), "field 2 is folded (obs-fold)");
  assert.match(message("a: b", "\tc"), "field 2 is folded (obs-fold)");
  assert.match(message("a: b", "c"), "the name of field 2");
  assert.match(message("a: b", "c: \0"), "the value of field 2");
});

request("refuses heads that are cut short anywhere, or go on after their end", () => {
  const head = headOf(requestLines());
  for (let length = 0; length < head.length; length++) {
    assertHandshakeError(() => parseRequestHead(head.subarray(0, length)), 400, malformed);
  }
  assertHandshakeError(() => parseRequestHead(latin1(`${"GET / HTTP/1.1\r\na: b\r\n\r\n"}x`)), 400, malformed);
  assertHandshakeError(() => parseRequestHead(latin1("GET / HTTP/1.1\r\n\r\n\r\n")), 400, malformed);
});

request("decodes values as ISO 8859-1: an octet is a character (RFC 9110 §5.5)", () => {
  const octets = Array.from({ length: 128 }, (_, at) => String.fromCharCode(128 + at)).join("");
  assert.is(parseRequestHead(headOf(["GET / HTTP/1.1", `a: ${octets}`])).headers.get("a"), octets);
});

request("trims SP and HTAB, and not U+00A0, which String.trim would take", () => {
  assert.is(parseRequestHead(headOf(["GET / HTTP/1.1", "a: \t\u00a0b\u00a0 \t"])).headers.get("a"), "\u00a0b\u00a0");
});

request.run();

const response = suite("parseResponseHead");

response("reads status, phrase, version and fields (RFC 9112 §4)", () => {
  const head = parseResponseHead(headOf(["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket"]));
  assert.is(head.httpStatus, 101);
  assert.is(head.reasonPhrase, "Switching Protocols");
  assert.is(head.httpVersion, "1.1");
  assert.is(head.headers.get("upgrade"), "websocket");
  assert.is(parseResponseHead(headOf(["HTTP/1.0 404 "])).reasonPhrase, "");
  assert.is(parseResponseHead(headOf(["HTTP/1.0 404 "])).httpVersion, "1.0");
  assert.is(parseResponseHead(headOf(["HTTP/1.1 599 D\u00e9j\u00e0 vu\t!"])).reasonPhrase, "D\u00e9j\u00e0 vu\t!");
});

response("refuses every other status line, with status 0: none was received", () => {
  for (const line of [
    "",
    "HTTP/1.1",
    "HTTP/1.1 ",
    "HTTP/1.1 101",
    "HTTP/1.1  101 x",
    "HTTP/1.1 1010 x",
    "HTTP/1.1 10 x",
    "HTTP/1.1 099 x",
    "HTTP/1.1 600 x",
    "HTTP/1.1 abc x",
    "HTTP/1.1\t101 x",
    "http/1.1 101 x",
    "ICY 200 OK",
    " HTTP/1.1 101 x",
  ]) {
    assertHandshakeError(() => parseResponseHead(headOf([line])), 0, malformed);
  }
  assertHandshakeError(() => parseResponseHead(headOf(["HTTP/2.0 101 x"])), 0, "WS_HANDSHAKE_HTTP_VERSION");
});

response("a fault behind the status line carries the status received", () => {
  assertHandshakeError(() => parseResponseHead(headOf(["HTTP/1.1 502 Bad", "a b: c"])), 502, malformed);
  assertHandshakeError(() => parseResponseHead(headOf(["HTTP/1.1 502 B\x00d"])), 502, malformed);
});

response("refuses heads that are cut short anywhere", () => {
  const head = headOf(["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]);
  for (let length = 0; length < head.length; length++) {
    try {
      parseResponseHead(head.subarray(0, length));
    } catch {
      continue;
    }
    assert.unreachable(`${length} octets passed`);
  }
});

response.run();
