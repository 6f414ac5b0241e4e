// A client's request, octet for octet, and its judgement of what comes back.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type AgreedHandshake,
  checkHandshakeResponse,
  createHandshakeRequest,
  type HandshakeRequest,
  type HandshakeRequestOptions,
  HeadReader,
  isInterimResponse,
  parseExtensions,
  parseRequestHead,
  parseResponseHead,
} from "../../bindings/handshake/index.ts";
import { utf8 } from "../support/octets.ts";
import { assertHandshakeError, assertUsageError, exampleAccept, exampleKey, headOf, text } from "./support.ts";

const create = (options: Partial<HandshakeRequestOptions> = {}): HandshakeRequest =>
  createHandshakeRequest({ url: "ws://server.example.com/chat", key: exampleKey, ...options });

/** The value of a field of the request, null where it has none. */
const sent = (request: HandshakeRequest, name: string): string | null =>
  parseRequestHead(request.head).headers.get(name);

const request = suite("createHandshakeRequest");

request("writes the request of §4.1, Host first, nothing unasked", () => {
  assert.is(
    text(create().head),
    [
      "GET /chat HTTP/1.1",
      "Host: server.example.com",
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Key: ${exampleKey}`,
      "Sec-WebSocket-Version: 13",
      "",
      "",
    ].join("\r\n"),
  );
  assert.is(create().accept, exampleAccept);
  assert.is(create().key, exampleKey);
});

request("writes what it is asked to: origin, subprotocols, extensions, fields", () => {
  const made = create({
    protocols: ["chat", "superchat"],
    origin: "https://page.example",
    extensions: parseExtensions("x; y=1, z"),
    headers: { "User-Agent": "wsimd", Cookie: "a=b", "X-A": ["1", "2"] },
  });
  assert.equal([...parseRequestHead(made.head).headers].slice(5), [
    ["origin", "https://page.example"],
    ["sec-websocket-protocol", "chat, superchat"],
    ["sec-websocket-extensions", "x; y=1, z"],
    ["user-agent", "wsimd"],
    ["cookie", "a=b"],
    ["x-a", "1"],
    ["x-a", "2"],
  ]);
  assert.equal(made.protocols, ["chat", "superchat"]);
  assert.is(sent(create({ protocols: "chat" }), "Sec-WebSocket-Protocol"), "chat");
});

request("takes target, Host, port and TLS from the URL; the default port stays out of Host (§3)", () => {
  const urls: [url: string, target: string, host: string, hostname: string, port: number, secure: boolean][] = [
    ["ws://a", "/", "a", "a", 80, false],
    ["ws://a:80/", "/", "a", "a", 80, false],
    ["wss://a:443/x", "/x", "a", "a", 443, true],
    ["ws://a:443", "/", "a:443", "a", 443, false],
    ["wss://a:80?b=c", "/?b=c", "a:80", "a", 80, true],
    ["http://a/b?c#".slice(0, -1), "/b?c", "a", "a", 80, false],
    ["https://a:8443/", "/", "a:8443", "a", 8443, true],
    ["ws://[::1]:9001/", "/", "[::1]:9001", "::1", 9001, false],
    ["wss://[2001:DB8::1]", "/", "[2001:db8::1]", "2001:db8::1", 443, true],
    ["ws://EXAMPLE.com/a b/\u00e9?\u00e9", "/a%20b/%C3%A9?%C3%A9", "example.com", "example.com", 80, false],
    ["ws://b\u00fccher.example/", "/", "xn--bcher-kva.example", "xn--bcher-kva.example", 80, false],
  ];
  for (const [url, target, host, hostname, port, secure] of urls) {
    for (const given of [url, new URL(url)]) {
      const made = create({ url: given });
      assert.is(parseRequestHead(made.head).target, target, url);
      assert.is(sent(made, "Host"), host, url);
      const { hostname: foundName, port: foundPort, secure: foundSecure, target: foundTarget } = made;
      assert.equal([foundTarget, foundName, foundPort, foundSecure], [target, hostname, port, secure], url);
    }
  }
});

request("refuses URLs that are none of ours, and fragments, an empty one too (§3; UsageError)", () => {
  for (const url of [
    "ws://a/#",
    "ws://a/#b",
    "wss://a#b",
    "ftp://a/",
    "file:///a",
    "data:,a",
    "a",
    "/a",
    "ws:",
    "ws://",
    "",
    5,
    null,
  ]) {
    assertUsageError(() => create({ url: url as never }), "url");
  }
  assertUsageError(() => create({ url: new URL("ws://a/#b") }), "fragment");
});

request("a user and password in the URL become Authorization: Basic in UTF-8 (RFC 7617)", () => {
  const basic = (credentials: string): string => `Basic ${btoa(String.fromCharCode(...utf8(credentials)))}`;
  assert.is(sent(create({ url: "ws://user:pass@a/" }), "Authorization"), basic("user:pass"));
  assert.is(sent(create({ url: "ws://user@a/" }), "Authorization"), basic("user:"));
  assert.is(sent(create({ url: "ws://us%C3%A9r:p%3Aa%40@a/" }), "Authorization"), basic("us\u00e9r:p:a@"));
  assert.is(sent(create({ url: "ws://user:pass@a/" }), "Host"), "a");
  const headers = { Authorization: "Bearer x" };
  assert.is(sent(create({ url: "ws://user:pass@a/", headers }), "Authorization"), "Bearer x");
  for (const url of ["ws://a%3Ab:c@a/", "ws://%ff@a/"]) assertUsageError(() => create({ url }), "url");
});

request("Host and Origin may be given as fields, once and well-formed", () => {
  const made = create({ headers: { host: "virtual.example:81", origin: "null" } });
  const { headers } = parseRequestHead(made.head);
  assert.equal(headers.getAll("host"), ["virtual.example:81"]);
  assert.equal(headers.getAll("origin"), ["null"]);
  assert.is(made.hostname, "server.example.com");
  for (const wrong of [
    { Host: "a/b" },
    { Host: "" },
    { Host: ["a", "a"] },
    { Origin: "a" },
    { Origin: ["null", "null"] },
  ]) {
    assertUsageError(() => create({ headers: wrong }), Object.keys(wrong)[0]!.toLowerCase().slice(1));
  }
  assertUsageError(() => create({ headers: { Origin: "null" }, origin: "null" }), "Origin");
  for (const origin of ["", "a", "http://a/", "http://a\r\nb: c"]) assertUsageError(() => create({ origin }), "origin");
});

request("CR, LF, NUL and other octets no field carries are a UsageError", () => {
  for (const value of ["a\r\nb: c", "a\nb", "a\rb", "\0", "\x7f", "\u0100", "\ud83d\ude00", 5, null]) {
    assertUsageError(() => create({ headers: { "X-A": value as never } }), "headers");
  }
  for (const name of ["", "a b", "a:", "a\r\nb", "\u00e9", "a\0", "(a)"]) {
    assertUsageError(() => create({ headers: [[name, "x"]] }), "headers");
  }
});

request("fields of the handshake itself are refused in any case (UsageError)", () => {
  for (const name of [
    "upgrade",
    "Connection",
    "Sec-WebSocket-Key",
    "SEC-WEBSOCKET-VERSION",
    "Sec-WebSocket-Protocol",
    "Sec-WebSocket-Extensions",
    "Sec-WebSocket-Accept",
    "Content-Length",
    "Transfer-Encoding",
  ]) {
    assertUsageError(() => create({ headers: { [name]: "x" } }), name, "handshake itself");
  }
});

request("subprotocols are tokens, no two the same (§4.1 item 10; UsageError)", () => {
  for (const protocols of [[""], ["a b"], ["a,b"], ["a", "a"], ["\u00e9"], ["a\r\nb: c"], [5], 5, "", "a, b"]) {
    assertUsageError(() => create({ protocols: protocols as never }), "protocols");
  }
  assert.is(sent(create({ protocols: [] }), "Sec-WebSocket-Protocol"), null);
  assert.is(sent(create({ protocols: ["Chat", "chat"] }), "Sec-WebSocket-Protocol"), "Chat, chat");
});

request("a key is 16 octets in base64; a fresh one each time by default (§4.1 item 7)", () => {
  for (const key of ["", "x", "AAAAAAAAAAAAAAAAAAAA", `${exampleKey}\r\n`])
    assertUsageError(() => create({ key }), "key");
  const fresh = [1, 2].map(() => createHandshakeRequest({ url: "ws://a/" }).key);
  assert.is.not(fresh[0], fresh[1]);
});

request("extensions are tokens and a list (UsageError)", () => {
  for (const extensions of [[{ name: "a b", parameters: [] }], "permessage-deflate", 5]) {
    assertUsageError(() => create({ extensions: extensions as never }), "extensions");
  }
});

request.run();

const response = suite("checkHandshakeResponse");

/** What a client that asked for `options` makes of a 101 with fields added. */
function check(added: readonly string[], options: Partial<HandshakeRequestOptions> = {}): AgreedHandshake {
  const lines = ["Upgrade: websocket", "Connection: Upgrade", `Sec-WebSocket-Accept: ${exampleAccept}`, ...added];
  return checkHandshakeResponse(parseResponseHead(headOf(["HTTP/1.1 101 x", ...lines])), create(options));
}

response("a subprotocol that was asked for is agreed; none is allowed (§4.1 item 6)", () => {
  const protocols = ["chat", "superchat"];
  assert.is(check(["Sec-WebSocket-Protocol: superchat"], { protocols }).protocol, "superchat");
  assert.is(check([], { protocols }).protocol, "");
});

response("a subprotocol not asked for, two of them or an empty one fails (§4.1 item 6)", () => {
  const code = "WS_HANDSHAKE_RESPONSE_PROTOCOL";
  for (const value of ["x", "Chat", "chat, superchat", "", "constructor", "__proto__"]) {
    const lines = [`Sec-WebSocket-Protocol: ${value}`];
    assertHandshakeError(() => check(lines, { protocols: ["chat", "superchat"] }), 101, code);
  }
  assertHandshakeError(() => check(["Sec-WebSocket-Protocol: chat"]), 101, code);
  const twice = ["Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Protocol: chat"];
  assertHandshakeError(() => check(twice, { protocols: ["chat"] }), 101, code);
});

response("extensions that were offered are agreed in the server's order (§4.1 item 5)", () => {
  const extensions = parseExtensions("x; a, x, y");
  const agreed = check(["Sec-WebSocket-Extensions: y, x; b=1"], { extensions });
  assert.equal(agreed.extensions, parseExtensions("y, x; b=1"));
  assert.equal(check([], { extensions }).extensions, []);
});

response("an extension not offered, twice, malformed or in two fields fails (§4.1 item 5, §11.3.2)", () => {
  const code = "WS_HANDSHAKE_RESPONSE_EXTENSIONS";
  const extensions = parseExtensions("x, y");
  for (const value of ["z", "x, z", "x, x", "", "x;", 'x; a="', "X", "constructor"]) {
    assertHandshakeError(() => check([`Sec-WebSocket-Extensions: ${value}`], { extensions }), 101, code);
  }
  assertHandshakeError(() => check(["Sec-WebSocket-Extensions: permessage-deflate"]), 101, code);
  const split = ["Sec-WebSocket-Extensions: x", "Sec-WebSocket-Extensions: y"];
  assertHandshakeError(() => check(split, { extensions }), 101, code);
});

response("two Accept fields fail, two equal ones as well (§11.3.3)", () => {
  assertHandshakeError(() => check([`Sec-WebSocket-Accept: ${exampleAccept}`]), 101, "WS_HANDSHAKE_ACCEPT");
});

response("any other status tells what it was, and where it pointed", () => {
  const lines = ["HTTP/1.1 301 Moved Permanently", "Location: wss://b.example/"];
  const parsed = parseResponseHead(headOf(lines));
  const error = assertHandshakeError(() => checkHandshakeResponse(parsed, create()), 301, "WS_HANDSHAKE_STATUS");
  for (const word of ["301", "Moved Permanently", "wss://b.example/", "not followed"])
    assert.match(error.message, word);
});

response("HTTP/1.0 knows no 101 (RFC 9110 §15.2)", () => {
  const head = parseResponseHead(headOf(["HTTP/1.0 101 x", "Upgrade: websocket", "Connection: Upgrade"]));
  assertHandshakeError(() => checkHandshakeResponse(head, create()), 101, "WS_HANDSHAKE_HTTP_VERSION");
});

response("interim answers are told apart, and the next head is in the rest (RFC 9110 §15.2)", () => {
  const statuses: [number, boolean][] = [
    [100, true],
    [101, false],
    [102, true],
    [103, true],
    [200, false],
    [404, false],
  ];
  for (const [httpStatus, expected] of statuses) assert.is(isInterimResponse({ httpStatus, headers: {} }), expected);

  const early = new HeadReader({ role: "client" });
  early.push(Uint8Array.from([...headOf(["HTTP/1.1 103 Early Hints", "Link: x"]), ...headOf(["HTTP/1.1 404 x"])]));
  assert.ok(isInterimResponse(parseResponseHead(early.head)));
  const final = new HeadReader({ role: "client" });
  assert.is(final.push(early.rest), true);
  assert.is(parseResponseHead(final.head).httpStatus, 404);
});

response.run();
