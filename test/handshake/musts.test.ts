// The ten MUSTs of an opening handshake, a test each, and the examples everybody can check by hand.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  acceptKey,
  checkHandshakeResponse,
  createHandshakeRequest,
  type HandshakeRequest,
  parseResponseHead,
  serializeResponse,
} from "../../bindings/handshake/index.ts";
import {
  answer,
  answerHead,
  answerPieces,
  assertAccepted,
  assertHandshakeError,
  assertRefused,
  exampleAccept,
  exampleKey,
  fieldOf,
  headOf,
  requestLines,
} from "./support.ts";

const request = suite("the MUSTs of a request");

request("1. the method is GET (§4.2.1 item 1)", () => {
  assertAccepted(answerHead(requestLines({}, "GET /chat HTTP/1.1")));
  for (const method of ["POST", "HEAD", "PUT", "OPTIONS", "CONNECT", "get"]) {
    const refused = assertRefused(answerHead(requestLines({}, `${method} /chat HTTP/1.1`)), 405, "WS_HANDSHAKE_METHOD");
    assert.is(fieldOf(refused, "Allow"), "GET");
  }
});

request("2. the request URI is relative, or an absolute http, https, ws or wss URI (§4.2.1 item 1)", () => {
  const targets: [string, string][] = [
    ["/", "/"],
    ["/chat?room=1&x[y]=|", "/chat?room=1&x[y]=|"],
    ["//evil.example/x", "//evil.example/x"],
    ["http://server.example.com/chat", "/chat"],
    ["HTTPS://server.example.com", "/"],
    ["ws://server.example.com?a=b", "/?a=b"],
    ["wss://[::1]:8443/a?b=//c", "/a?b=//c"],
  ];
  for (const [target, path] of targets) {
    assert.is(assertAccepted(answerHead(requestLines({}, `GET ${target} HTTP/1.1`)), target).target, path);
  }
  for (const target of [
    "chat",
    "*",
    "server.example.com:80",
    "ftp://server.example.com/",
    "/chat#fragment",
    "ws://server.example.com/#",
    "ws:///chat",
    "ws://user@server.example.com/",
    "ws://server.example.com:65536/",
    "/caf\u00e9",
  ]) {
    assertRefused(answerHead(requestLines({}, `GET ${target} HTTP/1.1`)), 400, "WS_HANDSHAKE_TARGET", target);
  }
});

request("3. there is one Host, and it is a host (§4.2.1 item 2)", () => {
  for (const host of [
    "example.com",
    "EXAMPLE.com:8080",
    "127.0.0.1:1",
    "[2001:db8::1]:443",
    "my_host",
    "a%20b",
    "h:",
  ]) {
    assertAccepted(answer({ Host: host }), host);
  }
  assertRefused(answer({ Host: undefined }), 400, "WS_HANDSHAKE_HOST");
  assertRefused(answer({ Host: ["a.example", "a.example"] }), 400, "WS_HANDSHAKE_HOST");
  for (const host of [
    "",
    "a b",
    "a/b",
    "user@a",
    "a,b",
    "a:80:80",
    "a:x",
    "a:65536",
    "[::1",
    "[]",
    "::1",
    "[x::]",
    "a%2",
    "a%zz",
    ":80",
  ]) {
    assertRefused(answer({ Host: host }), 400, "WS_HANDSHAKE_HOST", host);
  }
});

request("4. Connection includes the token Upgrade, in any case (§4.2.1 item 4)", () => {
  for (const connection of [
    "Upgrade",
    "upgrade",
    "UPGRADE",
    "keep-alive, Upgrade",
    "Upgrade,keep-alive",
    ", ,\tupgrade ,",
  ]) {
    assertAccepted(answer({ Connection: connection }), connection);
  }
  assertAccepted(answer({ Connection: ["keep-alive", "Upgrade"] }), "on the second line");
  for (const connection of ["", "keep-alive", "close", "upgraded", "not-upgrade", "Upgrade;q=1", '"Upgrade"']) {
    assertRefused(answer({ Connection: connection }), 400, "WS_HANDSHAKE_CONNECTION", connection);
  }
  assertRefused(answer({ Connection: undefined }), 400, "WS_HANDSHAKE_CONNECTION");
});

request("5. the key is 16 octets in base64, once (§4.2.1 item 5)", () => {
  for (const key of [exampleKey, "dGhlIHNhbXBsZSBub25jZQ==", "AQIDBAUGBwgJCgsMDQ4PEC==", "+/+/+/+/+/+/+/+/+/+/+A=="]) {
    assertAccepted(answer({ "Sec-WebSocket-Key": key }), key);
  }
  for (const key of [
    "",
    "AAAAAAAAAAAAAAAAAAAA", // 15 octets
    "AAAAAAAAAAAAAAAAAAAAAAA=", // 17 octets
    "AAAAAAAAAAAAAAAAAAAAAA", // no padding
    "AAAAAAAAAAAAAAAAAAAAAAAA", // 18 octets
    "AAAAAAAAAAAAAAAAAAAAAA=A",
    "AAAAAAAAAAAAAAAAAAAAA===",
    "-_AAAAAAAAAAAAAAAAAAAA==", // base64url
    "AAAAAAAAAA AAAAAAAAAAA==",
    '"x3JJHMbDL1EzLkh9GBhXDw=="',
  ]) {
    assertRefused(answer({ "Sec-WebSocket-Key": key }), 400, "WS_HANDSHAKE_KEY", key);
  }
  assertRefused(answer({ "Sec-WebSocket-Key": undefined }), 400, "WS_HANDSHAKE_KEY");
  assertRefused(answer({ "Sec-WebSocket-Key": [exampleKey, exampleKey] }), 400, "WS_HANDSHAKE_KEY");
});

request("6. the version is 13; any other learns that from 426 (§4.2.1 item 6, §4.4)", () => {
  assertAccepted(answer({ "Sec-WebSocket-Version": "13" }));
  for (const version of ["0", "4", "7", "8", "12", "14", "255", undefined]) {
    const refused = assertRefused(answer({ "Sec-WebSocket-Version": version }), 426, "WS_HANDSHAKE_VERSION", version);
    assert.is(fieldOf(refused, "Sec-WebSocket-Version"), "13");
    assert.is(fieldOf(refused, "Upgrade"), "websocket"); // RFC 9110 §15.5.22
    assert.is(fieldOf(refused, "Connection"), "close, Upgrade"); // RFC 9110 §7.8
  }
  for (const version of ["", "013", "+13", "13.0", "1.5", "1e1", "0xd", "-1", "256", "13, 8", "thirteen"]) {
    const refused = assertRefused(
      answer({ "Sec-WebSocket-Version": version }),
      400,
      "WS_HANDSHAKE_VERSION_MALFORMED",
      version,
    );
    assert.is(fieldOf(refused, "Sec-WebSocket-Version"), "13");
  }
  assertRefused(answer({ "Sec-WebSocket-Version": ["13", "13"] }), 400, "WS_HANDSHAKE_VERSION_MALFORMED");
});

request.run();

const response = suite("the MUSTs of a response");

const asked: HandshakeRequest = createHandshakeRequest({ url: "ws://server.example.com/chat", key: exampleKey });

/** What a client makes of a valid response with some fields changed. */
function check(changes: Record<string, string | undefined>, statusLine = "HTTP/1.1 101 Switching Protocols"): unknown {
  const fields = { Upgrade: "websocket", Connection: "Upgrade", "Sec-WebSocket-Accept": exampleAccept, ...changes };
  const lines = [statusLine];
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) lines.push(`${name}: ${value}`);
  return checkHandshakeResponse(parseResponseHead(headOf(lines)), asked);
}

response("7. the status is 101 (§4.1 item 1)", () => {
  check({});
  check({}, "HTTP/1.1 101 ");
  for (const status of [100, 200, 204, 301, 302, 401, 403, 404, 426, 503]) {
    assertHandshakeError(() => check({}, `HTTP/1.1 ${status} x`), status, "WS_HANDSHAKE_STATUS");
  }
});

response("8. Upgrade is websocket in any case, and nothing else (§4.1 item 2)", () => {
  for (const upgrade of ["websocket", "WebSocket", "WEBSOCKET"]) check({ Upgrade: upgrade });
  for (const upgrade of ["", "h2c", "websockets", "websocket/13", "h2c, websocket", undefined]) {
    assertHandshakeError(() => check({ Upgrade: upgrade }), 101, "WS_HANDSHAKE_RESPONSE_UPGRADE");
  }
});

response("9. Connection includes Upgrade in any case (§4.1 item 3)", () => {
  for (const connection of ["Upgrade", "upgrade", "keep-alive, UPGRADE"]) check({ Connection: connection });
  for (const connection of ["", "close", "upgrades", undefined]) {
    assertHandshakeError(() => check({ Connection: connection }), 101, "WS_HANDSHAKE_RESPONSE_CONNECTION");
  }
});

response("10. Accept is base64 of SHA-1 of the key and the GUID (§4.1 item 4)", () => {
  check({ "Sec-WebSocket-Accept": ` ${exampleAccept}\t` }); // §4.1: ignoring any leading and trailing whitespace
  for (const accept of [
    undefined,
    "",
    exampleKey,
    exampleAccept.toLowerCase(),
    exampleAccept.slice(0, -1),
    `${exampleAccept}, ${exampleAccept}`,
    acceptKey("dGhlIHNhbXBsZSBub25jZQ=="),
  ]) {
    assertHandshakeError(() => check({ "Sec-WebSocket-Accept": accept }), 101, "WS_HANDSHAKE_ACCEPT");
  }
});

response.run();

const examples = suite("handshake examples");

examples(
  "key x3JJHMbDL1EzLkh9GBhXDw== with protocols chat, superchat gives HSmrc0sMlYUkAGmm5OPpG2HaGWk= and chat",
  () => {
    const verdict = answerHead(
      [
        "GET /chat HTTP/1.1",
        "Host: server.example.com",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==",
        "Sec-WebSocket-Protocol: chat, superchat",
        "Sec-WebSocket-Version: 13",
        "Origin: http://server.example.com",
      ],
      { protocols: ["chat"] },
    );
    assertAccepted(verdict);
    assert.equal(
      serializeResponse(verdict),
      headOf([
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk=",
        "Sec-WebSocket-Protocol: chat",
      ]),
    );
  },
);

examples("RFC 6455's own: dGhlIHNhbXBsZSBub25jZQ== gives s3pPLMBiTxaQ9kYGzzhZRbK+xOo= (§1.3)", () => {
  assert.is(acceptKey("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
});

examples("the fuzzer's request of the conformance suite is accepted", () => {
  assertAccepted(
    answerHead([
      "GET /runCase?case=1&agent=wsimd HTTP/1.1",
      "User-Agent: AutobahnTestSuite/25.10.1",
      "Host: 127.0.0.1:9001",
      "Upgrade: WebSocket",
      "Connection: Upgrade",
      "Pragma: no-cache",
      "Cache-Control: no-cache",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; client_max_window_bits",
      "Sec-WebSocket-Version: 13",
    ]),
  );
});

examples("our own client and our own server agree", () => {
  for (const url of ["ws://a.example/", "wss://a.example:8443/x?y", "ws://[::1]:9001/"]) {
    const sent = createHandshakeRequest({
      url,
      protocols: ["b", "a"],
      origin: new URL(url).origin.replace("ws", "http"),
    });
    const verdict = assertAccepted(answerPieces([sent.head], { protocols: ["a", "b"] }), url);
    const agreed = checkHandshakeResponse(parseResponseHead(serializeResponse(verdict)), sent);
    assert.is(agreed.protocol, "a");
    assert.equal(agreed.extensions, []);
  }
});

examples.run();
