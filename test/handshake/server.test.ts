// A server's answers: what 101 carries, what a refusal says, what its options may do.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HandshakeError } from "../../bindings/errors/classes.ts";
import {
  acceptHandshake,
  HandshakePolicy,
  isUpgradeRequest,
  parseRequestHead,
  refuseHandshake,
  serializeResponse,
} from "../../bindings/handshake/index.ts";
import {
  answer,
  answerHead,
  assertAccepted,
  assertHandshakeError,
  assertRefused,
  assertUsageError,
  exampleAccept,
  fieldOf,
  headOf,
  requestLines,
  text,
  validFields,
} from "./support.ts";

const requests = suite("requests");

requests("HTTP/1.0 is 505, whatever else is wrong (§4.2.1 item 1)", () => {
  assertRefused(answerHead(requestLines({}, "GET /chat HTTP/1.0")), 505, "WS_HANDSHAKE_HTTP_VERSION");
  assertRefused(answerHead(["POST /chat HTTP/1.0"]), 505, "WS_HANDSHAKE_HTTP_VERSION");
});

requests("a body is 400: its octets would be taken for frames (RFC 9112 §6)", () => {
  assertAccepted(answer({ "Content-Length": "0" }));
  for (const length of ["1", "00", "0, 0", "-1", "", "0x0"]) {
    assertRefused(answer({ "Content-Length": length }), 400, "WS_HANDSHAKE_BODY", length);
  }
  assertRefused(answer({ "Content-Length": ["0", "0"] }), 400, "WS_HANDSHAKE_BODY");
  assertRefused(answer({ "Transfer-Encoding": "chunked" }), 400, "WS_HANDSHAKE_BODY");
  assertRefused(answer({ "Transfer-Encoding": "identity", "Content-Length": "0" }), 400, "WS_HANDSHAKE_BODY");
});

requests("Upgrade includes websocket, in any case and any place of the list (§4.2.1 item 3)", () => {
  for (const upgrade of ["websocket", "WebSocket", "h2c, websocket", "TLS/1.0,WEBSOCKET", ", websocket,"]) {
    assertAccepted(answer({ Upgrade: upgrade }), upgrade);
  }
  assertAccepted(answer({ Upgrade: ["h2c", "websocket"] }));
  for (const upgrade of [
    "",
    "h2c",
    "websockets",
    "websocket/13",
    "web socket",
    "websocket, a b",
    "websocket, a/",
    "/websocket",
  ]) {
    assertRefused(answer({ Upgrade: upgrade }), 400, "WS_HANDSHAKE_UPGRADE", upgrade);
  }
  assertRefused(answer({ Upgrade: undefined }), 400, "WS_HANDSHAKE_UPGRADE", "a key, but no Upgrade");
});

requests("plain HTTP is told apart, and answered 426 with a hint (RFC 9110 §15.5.22)", () => {
  const plain = headOf(["GET / HTTP/1.1", "Host: a", "Connection: keep-alive"]);
  assert.is(isUpgradeRequest(parseRequestHead(plain)), false);
  assert.is(isUpgradeRequest({ headers: validFields }), true);
  assert.is(isUpgradeRequest({ headers: { Upgrade: "h2c" } }), true);
  assert.is(isUpgradeRequest({ headers: { "Sec-WebSocket-Key": "x" } }), true);
  const refused = assertRefused(acceptHandshake(parseRequestHead(plain)), 426, "WS_HANDSHAKE_NOT_UPGRADE");
  assert.is(fieldOf(refused, "Upgrade"), "websocket");
  assert.is(fieldOf(refused, "Connection"), "close, Upgrade");
  assert.match(refused.body, "WebSocket client");
});

requests("drafts 75, 76 and 8 learn the version (§4.4)", () => {
  const draft75 = [
    "GET /demo HTTP/1.1",
    "Upgrade: WebSocket",
    "Connection: Upgrade",
    "Host: example.com",
    "Origin: http://example.com",
    "WebSocket-Protocol: sample",
  ];
  const draft76 = [...draft75, "Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5", "Sec-WebSocket-Key2: 12998 5 Y3 1  .P00"];
  const draft8 = requestLines({ "Sec-WebSocket-Version": "8", "Sec-WebSocket-Origin": "http://example.com" });
  for (const draft of [draft75, draft76, draft8]) {
    const refused = assertRefused(answerHead(draft), 426, "WS_HANDSHAKE_VERSION");
    assert.is(fieldOf(refused, "Sec-WebSocket-Version"), "13");
  }
});

requests("the verdict hands on what the request asked for", () => {
  const verdict = assertAccepted(
    answerHead(
      requestLines(
        {
          Origin: "https://Proxy.example:444",
          "Sec-WebSocket-Protocol": ["a", "b"],
          "Sec-WebSocket-Extensions": "x; y=1",
        },
        "GET wss://PROXY.example:444/a?b HTTP/1.1",
      ),
    ),
  );
  assert.is(verdict.target, "/a?b");
  assert.is(verdict.host, "proxy.example:444");
  assert.is(verdict.origin, "https://Proxy.example:444");
  assert.equal(verdict.offeredProtocols, ["a", "b"]);
  assert.equal(verdict.offeredExtensions, [{ name: "x", parameters: [{ name: "y", value: "1" }] }]);
  assert.equal(verdict.extensions, []);
  assert.is(verdict.protocol, "");
  assert.is(assertAccepted(answer()).origin, undefined);
  assert.is(assertAccepted(answer()).host, "server.example.com");
});

requests.run();

const responses = suite("responses");

responses("101 is Upgrade, Connection, Accept and nothing unasked (§4.2.2 item 5)", () => {
  assert.equal(assertAccepted(answer({ "Sec-WebSocket-Protocol": "a", "Sec-WebSocket-Extensions": "b" })).headers, [
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ["Sec-WebSocket-Accept", exampleAccept],
  ]);
});

responses("a refusal says why, in as many octets as it says, and closes", () => {
  const refused = assertRefused(answer({ Host: undefined }), 400, "WS_HANDSHAKE_HOST");
  const sent = text(serializeResponse(refused));
  const [head, body] = sent.split("\r\n\r\n") as [string, string];
  assert.is(body, refused.body);
  assert.match(body, "exactly one Host field");
  assert.match(body, "RFC 6455 §4.2.1");
  assert.match(body, "host is missing");
  assert.equal(head.split("\r\n"), [
    "HTTP/1.1 400 Bad Request",
    "Connection: close",
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${new TextEncoder().encode(body).length}`,
  ]);
  assert.is.not(new TextEncoder().encode(body).length, body.length, "the section sign takes two octets");
});

responses("an answer to HEAD has no body (RFC 9110 §9.3.2)", () => {
  const refused = assertRefused(answerHead(["HEAD / HTTP/1.1", "Host: a"]), 405, "WS_HANDSHAKE_METHOD");
  assert.is(refused.body, "");
  assert.is(fieldOf(refused, "Content-Length"), "0");
  assert.match(text(serializeResponse(refused)), /^HTTP\/1\.1 405 Method Not Allowed\r\n.*\r\n\r\n$/s);
});

responses("a refusal shows foreign values in visible ASCII, cut short", () => {
  const refused = assertRefused(answer({ Host: `\u009b\u00ff/${"x".repeat(1000)}` }), 400, "WS_HANDSHAKE_HOST");
  assert.match(refused.body, '"\\u009b\\u00ff/xxx');
  assert.ok(refused.body.length < 300);
});

responses("an error of the application becomes its refusal, headers included", () => {
  const error = new HandshakeError("MY_TICKET", "no ticket", 401, { "WWW-Authenticate": "Ticket" });
  const refused = refuseHandshake(error);
  assert.is(refused.error, error);
  assert.match(
    text(serializeResponse(refused)),
    /^HTTP\/1\.1 401 Unauthorized\r\n.*WWW-Authenticate: Ticket\r\n\r\nno ticket\n$/s,
  );
  assert.match(text(serializeResponse(refuseHandshake(new HandshakeError("X", "x", 418)))), /^HTTP\/1\.1 418 \r\n/);
  for (const status of [0, 101, 200, 399, 600, 400.5, Number.NaN]) {
    assertUsageError(() => refuseHandshake(new HandshakeError("X", "x", status)), "httpStatus");
  }
  assertUsageError(() => refuseHandshake(new HandshakeError("X", "x", 401, { a: "b\r\nc: d" })), "headers");
});

responses("serializeResponse lets no field split the head (UsageError)", () => {
  for (const [name, value] of [
    ["a\r\nb", "c"],
    ["a b", "c"],
    ["", "c"],
    ["a", "b\r\nc"],
    ["a", "\n"],
    ["a", "\0"],
    ["a", "\u0141"],
  ] as const) {
    assertUsageError(() => serializeResponse({ httpStatus: 101, headers: [[name, value]] }), "headers");
  }
  for (const httpStatus of [99, 600, Number.NaN, "101\r\n"]) {
    assertUsageError(() => serializeResponse({ httpStatus: httpStatus as number, headers: [] }), "httpStatus");
  }
});

responses.run();

const options = suite("handshake options");

options("the application's fields are added to 101, and to nothing else", () => {
  const policy = new HandshakePolicy({ headers: { "Set-Cookie": ["a=b", "c=d"], "X-Served-By": "caf\u00e9" } });
  assert.equal(assertAccepted(answer({}, policy)).headers.slice(3), [
    ["Set-Cookie", "a=b"],
    ["Set-Cookie", "c=d"],
    ["X-Served-By", "caf\u00e9"],
  ]);
  assert.is(fieldOf(answer({ Host: undefined }, policy), "Set-Cookie"), undefined);
  const perRequest = { headers: (request: { target: string }) => [["X-Target", request.target]] as const };
  assert.is(fieldOf(answer({}, perRequest), "X-Target"), "/chat");
});

options("CR, LF, NUL and other octets no field carries are a UsageError, at construction or at the call", () => {
  for (const value of ["a\r\nb: c", "a\nb", "a\rb", "\0", "\x7f", "\u2028", 5, null]) {
    const headers = { "X-A": value } as never;
    assertUsageError(() => new HandshakePolicy({ headers }), "headers");
    assertUsageError(() => answer({}, { headers: () => headers }), "headers");
  }
  for (const name of ["", "a b", "a:", "a\r\nb", "\u00e9", "a\0"]) {
    assertUsageError(() => new HandshakePolicy({ headers: [[name, "x"]] }), "headers");
  }
});

options("fields of the handshake itself are refused in any case (UsageError)", () => {
  for (const name of [
    "Upgrade",
    "connection",
    "SEC-WEBSOCKET-ACCEPT",
    "Sec-WebSocket-Protocol",
    "Sec-WebSocket-Extensions",
    "Sec-WebSocket-Version",
    "Sec-WebSocket-Key",
    "Content-Length",
    "Transfer-Encoding",
  ]) {
    assertUsageError(() => new HandshakePolicy({ headers: { [name]: "x" } }), name, "handshake itself");
  }
});

options("nonsense is refused at construction, the option and the value named", () => {
  const wrong: [Record<string, unknown>, string, string][] = [
    [{ maxHeadLength: "16kb" }, "maxHeadLength", "16kb"],
    [{ maxHeaderCount: -1 }, "maxHeaderCount", "-1"],
    [{ protocols: "chat" }, "protocols", "chat"],
    [{ protocols: ["a b"] }, "protocols", "a b"],
    [{ protocols: ["a", "a"] }, "protocols", "a, a"],
    [{ protocols: [""] }, "protocols", '""'],
    [{ protocols: [5] }, "protocols", "5"],
    [{ selectProtocol: "chat" }, "selectProtocol", "chat"],
    [{ protocols: ["a"], selectProtocol: () => "a" }, "protocols", "selectProtocol"],
    [{ negotiateExtensions: [] }, "negotiateExtensions", "array"],
    [{ allowedOrigins: "https://a.example" }, "allowedOrigins", "https://a.example"],
    [{ allowedOrigins: ["https://a.example/"] }, "allowedOrigins", "https://a.example/"],
    [{ allowedOrigins: ["https://*.a.example"] }, "allowedOrigins", "https://*.a.example"],
    [{ allowedOrigins: ["a.example"] }, "allowedOrigins", "a.example"],
    [{ allowedOrigins: ["*"] }, "allowedOrigins", "*"],
    [{ allowedOrigins: [/a/] }, "allowedOrigins", "object"],
    [{ allowedOrigins: true }, "allowedOrigins", "true"],
    [{ secure: "yes" }, "secure", "yes"],
    [{ trustProxy: 1 }, "trustProxy", "1"],
    [{ headers: 5 }, "headers", "5"],
  ];
  for (const [bag, option, value] of wrong) assertUsageError(() => new HandshakePolicy(bag as never), option, value);
  assertUsageError(() => new HandshakePolicy(null as never), "options", "null");
});

options("a policy keeps what it was made of: later changes of the lists do nothing", () => {
  const protocols = ["a"];
  const allowedOrigins = ["https://a.example"];
  const policy = new HandshakePolicy({ protocols, allowedOrigins });
  protocols.push("b");
  allowedOrigins.push("https://evil.example");
  assert.is(assertAccepted(answer({ "Sec-WebSocket-Protocol": "b" }, policy)).protocol, "");
  assertRefused(answer({ Origin: "https://evil.example" }, policy), 403, "WS_HANDSHAKE_ORIGIN");
});

options("a function may refuse by throwing a HandshakeError; any other error passes", () => {
  const refusal = new HandshakeError("MY_LIMIT", "too many", 429);
  const refusing = (): never => {
    throw refusal;
  };
  const changes = { "Sec-WebSocket-Protocol": "a", "Sec-WebSocket-Extensions": "b", Origin: "https://c.example" };
  const always = { allowedOrigins: "*" } as const;
  for (const bag of [
    { ...always, selectProtocol: refusing },
    { ...always, negotiateExtensions: refusing },
    { ...always, headers: refusing },
    { allowedOrigins: refusing },
  ]) {
    assert.is(assertRefused(answer(changes, bag), 429, "MY_LIMIT").error, refusal);
  }
  const broken = (): never => {
    throw new RangeError("bug");
  };
  assert.throws(() => acceptHandshake(parseRequestHead(headOf(requestLines())), { headers: broken }), "bug");
});

options("the errors of reader and parser become refusals as well", () => {
  const error = assertHandshakeError(() => parseRequestHead(headOf(["nonsense"])), 400, "WS_HANDSHAKE_HEAD_MALFORMED");
  assert.match(text(serializeResponse(refuseHandshake(error))), /^HTTP\/1\.1 400 Bad Request\r\n/);
});

options.run();
