// The opening handshake over HTTP/2, without any stream. RFC 8441.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type AcceptedHandshake,
  acceptExtendedConnect,
  type HandshakeOptions,
  type HeaderSource,
  type RefusedHandshake,
  type RequestHead,
} from "../../bindings/handshake/index.ts";
import { assertAccepted, assertRefused, assertUsageError, fieldOf } from "./support.ts";

const test = suite("extended CONNECT");

const valid: Readonly<Record<string, string>> = {
  ":method": "CONNECT",
  ":protocol": "websocket",
  ":scheme": "https",
  ":path": "/chat",
  ":authority": "server.example.com",
  "sec-websocket-version": "13",
};

type Changes = Readonly<Record<string, string | readonly string[] | undefined>>;

const connect = (changes: Changes = {}, options?: HandshakeOptions): AcceptedHandshake | RefusedHandshake =>
  acceptExtendedConnect({ headers: { ...valid, ...changes } }, options);

test("the example of RFC 8441 §5.1 is accepted with 200 and what was agreed", () => {
  const offers = {
    "sec-websocket-protocol": "chat, superchat",
    "sec-websocket-extensions": "permessage-deflate",
    origin: "http://www.example.com",
  };
  const policy: HandshakeOptions = { protocols: ["chat"], allowedOrigins: "*", negotiateExtensions: (all) => all };
  const accepted = assertAccepted(connect(offers, policy));
  assert.is(accepted.httpStatus, 200);
  assert.equal(accepted.headers, [
    ["sec-websocket-protocol", "chat"],
    ["sec-websocket-extensions", "permessage-deflate"],
  ]);
  assert.equal([accepted.target, accepted.host], ["/chat", "server.example.com"]);
});

test("pseudo-header fields that are missing, unknown or repeated are 400 (RFC 9113 §8.3)", () => {
  for (const changes of [
    { ":method": "GET" },
    { ":method": undefined },
    { ":scheme": undefined },
    { ":scheme": "ws" },
    { ":path": undefined },
    { ":path": "chat" },
    { ":path": "https://server.example.com/chat" },
    { ":path": "*" },
    { ":authority": undefined },
    { ":authority": "" },
    { ":authority": "a, b" },
    { ":authority": ["a", "a"] },
    { ":status": "200" },
    { ":constructor": "x" },
  ] as readonly Changes[]) {
    assertRefused(connect(changes), 400, "WS_HANDSHAKE_CONNECT", JSON.stringify(changes));
  }
});

test("another :protocol, and none, is 501 (RFC 9220 §3)", () => {
  for (const protocol of ["connect-udp", "WebSocket", "", undefined]) {
    assertRefused(connect({ ":protocol": protocol }), 501, "WS_HANDSHAKE_CONNECT_PROTOCOL");
  }
});

test("Host says the same as :authority or the request is refused; alone it stands for it (RFC 9113 §8.3.1)", () => {
  assertAccepted(connect({ host: "SERVER.example.com" }));
  assertAccepted(connect({ host: "server.example.com", ":authority": undefined }));
  assertRefused(connect({ host: "other.example.com" }), 400, "WS_HANDSHAKE_CONNECT");
  assertRefused(connect({ host: "server.example.com:444" }), 400, "WS_HANDSHAKE_CONNECT");
});

test("version, subprotocols, extensions and body are checked as over HTTP/1.1; a wrong version is 400", () => {
  const version = assertRefused(connect({ "sec-websocket-version": "8" }), 400, "WS_HANDSHAKE_VERSION");
  assert.is(fieldOf(version, "sec-websocket-version"), "13");
  assertRefused(connect({ "sec-websocket-version": undefined }), 400, "WS_HANDSHAKE_VERSION");
  assertRefused(connect({ "sec-websocket-version": "13, 13" }), 400, "WS_HANDSHAKE_VERSION_MALFORMED");
  assertRefused(connect({ "sec-websocket-protocol": "a,,b" }), 400, "WS_HANDSHAKE_PROTOCOL");
  assertRefused(connect({ "sec-websocket-extensions": "a;=b" }), 400, "WS_HANDSHAKE_EXTENSIONS");
  assertRefused(connect({ "content-length": "5" }), 400, "WS_HANDSHAKE_BODY");
  assertRefused(connect({ "x-own": "a\r\nb" }), 400, "WS_HANDSHAKE_HEAD_MALFORMED");
});

test("origins are held against :authority (RFC 6455 §10.2)", () => {
  assertAccepted(connect({ origin: "https://server.example.com" }, { secure: true }));
  assertRefused(connect({ origin: "http://server.example.com" }, { secure: true }), 403, "WS_HANDSHAKE_ORIGIN");
  assertRefused(connect({ origin: "https://other.example.com" }), 403, "WS_HANDSHAKE_ORIGIN");
});

test("no answer has a field that HTTP/2 forbids (RFC 9113 §8.2.2), and all names are in lower case", () => {
  const verdicts = [
    connect({}, { headers: { "X-Own": "1", "Keep-Alive": "5" } }),
    connect({ "sec-websocket-version": "8" }),
    connect({ origin: "null" }),
  ];
  for (const { headers } of verdicts) {
    for (const [name] of headers) {
      assert.is(name, name.toLowerCase());
      assert.not.match(name, /^(connection|upgrade|keep-alive|proxy-connection|transfer-encoding)$/);
    }
  }
});

test("handlers see a head: :path, Host, cookies joined with semicolons (RFC 9113 §8.2.3)", () => {
  let seen: unknown;
  const headers = ({ method, target, httpVersion, headers: fields }: RequestHead): HeaderSource => {
    seen = [method, target, httpVersion, fields.get("host"), fields.getAll("cookie")];
    return {};
  };
  assertAccepted(connect({ cookie: ["a=1", "b=2; c=3"] }, { headers }));
  assert.equal(seen, ["CONNECT", "/chat", "2.0", "server.example.com", ["a=1; b=2; c=3"]]);
});

test("what is no request is a UsageError", () => {
  for (const request of [undefined, null, 5, "CONNECT"]) {
    assertUsageError(() => acceptExtendedConnect(request as never), "acceptExtendedConnect");
  }
  assertUsageError(() => acceptExtendedConnect({ headers: 5 as never }), "headers");
});

test.run();
