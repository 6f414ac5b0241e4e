// The multimap, and the fields of other parsers: whatever they come in, the verdict is the raw head's.

import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  acceptHandshake,
  checkHandshakeResponse,
  createHandshakeRequest,
  type HandshakeOptions,
  type HeaderSource,
  headerFields,
  isUpgradeRequest,
  parseRequestHead,
  type RequestSource,
} from "../../bindings/handshake/index.ts";
import {
  answerHead,
  assertAccepted,
  assertHandshakeError,
  assertRefused,
  assertUsageError,
  exampleAccept,
  exampleKey,
  headOf,
  requestLines,
  validFields,
} from "./support.ts";

const multimap = suite("HeaderFields");

multimap("finds names in any case, joins list fields, keeps lines apart (RFC 9110 §5.3)", () => {
  const fields = headerFields([
    ["Accept", "a"],
    ["X", "1"],
    ["ACCEPT", " b, c\t"],
  ]);
  assert.is(fields.get("aCCept"), "a, b, c");
  assert.equal(fields.getAll("accept"), ["a", "b, c"]);
  assert.is(fields.count("accept"), 2);
  assert.is(fields.has("Accept"), true);
  assert.is(fields.get("missing"), null);
  assert.equal(fields.getAll("missing"), []);
  assert.is(fields.count("missing"), 0);
  assert.is(fields.has("missing"), false);
  assert.equal(
    [...fields],
    [
      ["accept", "a"],
      ["accept", "b, c"],
      ["x", "1"],
    ],
  );
});

multimap("__proto__, constructor and toString are names like any other", () => {
  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    assert.is(headerFields([]).get(name), null);
    assert.is(headerFields([]).count(name), 0);
    const fields = parseRequestHead(headOf(["GET / HTTP/1.1", `${name}: a`, `${name}: b`])).headers;
    assert.is(fields.get(name), "a, b");
    assert.equal(
      [...fields],
      [
        [name.toLowerCase(), "a"],
        [name.toLowerCase(), "b"],
      ],
    );
  }
  assert.is(({} as { a?: unknown }).a, undefined);
});

multimap("takes pairs, rawHeaders, an object, a Headers and a Map to the same fields", () => {
  const expected = [
    ["a", "1"],
    ["b", "2"],
  ];
  const sources: HeaderSource[] = [
    [
      ["A", "1"],
      ["B", "2"],
    ],
    ["A", "1", "B", "2"],
    { A: "1", B: "2", C: undefined },
    { A: ["1"], B: ["2"] },
    new Headers({ A: "1", B: "2" }),
    new Map([
      ["A", "1"],
      ["B", "2"],
    ]),
    headerFields({ A: "1", B: "2" }),
  ];
  for (const source of sources) assert.equal([...headerFields(source)], expected);
  for (const source of [[], {}, new Headers(), Object.create(null)]) assert.equal([...headerFields(source)], []);
});

multimap("refuses names and values that no head can carry (RFC 9110 §5.5)", () => {
  for (const pair of [
    ["", "x"],
    ["a b", "x"],
    [":path", "x"],
    ["a", "x\r\ny: z"],
    ["a", "\0"],
    ["a", "\u0100"],
  ] as const) {
    assertHandshakeError(() => headerFields([pair]), 400, "WS_HANDSHAKE_HEAD_MALFORMED");
  }
});

multimap("a shape that is none of these is the caller's mistake (UsageError)", () => {
  for (const source of [
    undefined,
    null,
    "a: b",
    5,
    ["a"],
    ["a", "b", "c"],
    { a: 5 },
    { a: [5] },
    [["a", "b", "c"]],
    [["a", 1]],
  ]) {
    assertUsageError(() => headerFields(source as never), "headers must be");
  }
});

multimap.run();

const verdicts = suite("one verdict for every source of fields");

type Changes = Readonly<Record<string, string | readonly string[] | undefined>>;

const cases: readonly [what: string, changes: Changes, options?: HandshakeOptions][] = [
  ["valid", {}],
  [
    "list fields over several lines",
    { Connection: ["keep-alive", "Upgrade"], "Sec-WebSocket-Protocol": ["a", "b"] },
    { protocols: ["b"] },
  ],
  ["any case", { Upgrade: "WebSocket", Connection: "UPGRADE" }],
  ["no Host", { Host: undefined }],
  ["malformed Host", { Host: "a/b" }],
  ["no Upgrade", { Upgrade: undefined }],
  ["no Upgrade, no key", { Upgrade: undefined, "Sec-WebSocket-Key": undefined }],
  ["wrong Upgrade", { Upgrade: "h2c" }],
  ["no Connection", { Connection: undefined }],
  ["no Key", { "Sec-WebSocket-Key": undefined }],
  ["two Keys", { "Sec-WebSocket-Key": [exampleKey, exampleKey] }],
  ["no Version", { "Sec-WebSocket-Version": undefined }],
  ["two Versions", { "Sec-WebSocket-Version": ["13", "13"] }],
  ["Version 8", { "Sec-WebSocket-Version": "8" }],
  ["two Origins", { Origin: ["http://server.example.com", "http://server.example.com"] }],
  ["foreign Origin", { Origin: "https://evil.example" }],
  ["repeated subprotocol", { "Sec-WebSocket-Protocol": ["a", "a"] }],
  ["malformed extension", { "Sec-WebSocket-Extensions": 'a; b="c' }],
  ["Content-Length", { "Content-Length": "5" }],
  ["Transfer-Encoding", { "Transfer-Encoding": "chunked" }],
];

/** The same fields in every shape another parser may hand them over in. */
function shapes(changes: Changes): [string, HeaderSource][] {
  const pairs = requestLines(changes)
    .slice(1)
    .map((line): [string, string] => {
      const colon = line.indexOf(": ");
      return [line.slice(0, colon), line.slice(colon + 2)];
    });
  const lower: Record<string, string | string[]> = {};
  const joined: Record<string, string> = {};
  for (const [name, value] of pairs) {
    const key = name.toLowerCase();
    lower[key] = key in lower ? [lower[key] as string, value].flat() : value;
    joined[key] = key in joined ? `${joined[key]}, ${value}` : value;
  }
  return [
    ["pairs", pairs],
    ["rawHeaders", pairs.flat()],
    ["an object of arrays", lower],
    ["an object of joined values", joined],
    ["Headers", new Headers(pairs)],
  ];
}

for (const [what, changes, options] of cases) {
  verdicts(`${what}: raw head, pairs, rawHeaders, objects and Headers agree`, () => {
    const expected = answerHead(requestLines(changes), options);
    for (const [shape, headers] of shapes(changes)) {
      const found = acceptHandshake({ method: "GET", target: "/chat", httpVersion: "1.1", headers }, options);
      assert.is(found.httpStatus, expected.httpStatus, shape);
      if (found.accepted || expected.accepted) assert.equal(found, expected, shape);
      else assert.is(found.error.code, expected.error.code, shape);
    }
  });
}

verdicts("what a runtime leaves out is not held against the request: no version, an absolute URL", () => {
  const request = new Request("http://server.example.com/chat?x");
  const source: RequestSource = { method: request.method, target: request.url, headers: { ...validFields } };
  assert.is(assertAccepted(acceptHandshake(source)).target, "/chat?x");
  assertRefused(acceptHandshake({ ...source, method: undefined }), 405, "WS_HANDSHAKE_METHOD");
  assertRefused(acceptHandshake({ ...source, target: undefined }), 400, "WS_HANDSHAKE_TARGET");
  for (const version of ["1.0", "2.0", "", "11"]) {
    assertRefused(acceptHandshake({ ...source, httpVersion: version }), 505, "WS_HANDSHAKE_HTTP_VERSION");
  }
});

verdicts("a request Node's http has parsed is accepted by rawHeaders and by headers", async () => {
  const server = createServer();
  const seen = new Promise<IncomingMessage>((resolve) => server.on("upgrade", resolve));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  try {
    socket.write(headOf(requestLines({ Connection: ["keep-alive", "Upgrade"], Cookie: ["a=b", "c=d"] })));
    const message = await seen;
    const expected = answerHead(requestLines());
    for (const headers of [message.rawHeaders, message.headers, message.headersDistinct]) {
      assert.is(isUpgradeRequest({ headers }), true);
      const { method, url: target, httpVersion } = message;
      assert.equal(acceptHandshake({ method, target, httpVersion, headers }), expected);
    }
    message.socket.destroy();
  } finally {
    socket.destroy();
    server.close();
  }
});

verdicts("a response another parser has read is checked alike", () => {
  const asked = createHandshakeRequest({ url: "ws://a/", key: exampleKey });
  const fields = { upgrade: "websocket", connection: "Upgrade", "sec-websocket-accept": exampleAccept };
  for (const headers of [fields, new Headers(fields), Object.entries(fields).flat()]) {
    checkHandshakeResponse({ httpStatus: 101, headers }, asked);
    assertHandshakeError(() => checkHandshakeResponse({ httpStatus: 200, headers }, asked), 200, "WS_HANDSHAKE_STATUS");
  }
  const headers = { ...fields, bad: "\0" };
  assertHandshakeError(
    () => checkHandshakeResponse({ httpStatus: 101, headers }, asked),
    101,
    "WS_HANDSHAKE_HEAD_MALFORMED",
  );
});

verdicts.run();
