// What an application puts into a head of ours, perhaps by way of a stranger's words: nothing with which a head could be split
// in two, or a field forged, reaches the wire. It is a UsageError where it is given; where it is given while a request is being
// answered, the answer is 500 and `serverError` is told. RFC 9110 §5.1, §5.5; CVE-2026-1527.

import * as assert from "uvu/assert";
import { HandshakeError, UsageError } from "../../bindings/errors/classes.ts";
import {
  createHandshakeRequest,
  HandshakePolicy,
  type HeaderSource,
  refuseHandshake,
  serializeExtensions,
  serializeResponse,
} from "../../bindings/handshake/index.ts";
import { connect, type ServerOptions, WebSocket } from "../../bindings/node/index.ts";
import { assertUsageError } from "../handshake/support.ts";
import { refusal, withRawServer } from "../node/client/support.ts";
import { ask, upgradeRequest, withServer } from "../node/support.ts";
import { createServer } from "../support/adapter.ts";
import { hostileServerSuite } from "./on-kernels.ts";
import { ending } from "./peers.ts";
import { hostileSuite } from "./support.ts";

const controls = Array.from({ length: 33 }, (_, code) => String.fromCharCode(code === 32 ? 0x7f : code));

/** Values with octets that no field has: RFC 9110 §5.5 leaves HTAB alone. */
const wrongValues: readonly string[] = [
  "a\r\nX-Injected: b",
  "a\nX-Injected: b",
  "a\rX-Injected: b",
  "\r\n\r\n<html>",
  "日本",
  ...controls.filter((octet) => octet !== "\t").map((octet) => `a${octet}b`),
];

const separators = '"(),/:;<=>?@[\\]{} \t';

/** Words that are no token: RFC 9110 §5.6.2. */
const wrongTokens: readonly string[] = [
  "",
  "a\r\nX-Injected: b",
  "caf\u00e9",
  ...controls.map((octet) => `a${octet}b`),
  ...Array.from(separators, (separator) => `a${separator}b`),
];

const ownFields = [
  "Upgrade",
  "connection",
  "Sec-WebSocket-Key",
  "sec-websocket-version",
  "Sec-WebSocket-Accept",
  "Sec-WebSocket-Protocol",
  "Sec-WebSocket-Extensions",
  "Content-Length",
  "TRANSFER-ENCODING",
];

/** Every wrong field, in each of the shapes that fields may be given in. */
function* wrongFields(): Generator<HeaderSource> {
  for (const value of wrongValues) {
    yield { "X-Own": value };
    yield { "X-Own": ["fine", value] };
    yield [["X-Own", value]];
    yield ["X-Own", value];
    yield new Map([["X-Own", value]]);
  }
  for (const name of wrongTokens) yield [[name, "a"]];
}

const url = "ws://127.0.0.1/";
const test = hostileSuite("injected fields");

test("a server's headers: UsageError when it is made, in every shape", () => {
  for (const headers of wrongFields()) {
    assertUsageError(() => createServer({ headers }), "headers");
    assertUsageError(() => new HandshakePolicy({ headers }), "headers");
  }
});

test("a server's or a client's headers: those of the handshake itself are a UsageError, in any case", async () => {
  for (const name of ownFields) {
    assertUsageError(() => createServer({ headers: { [name]: "a" } }), name);
    assertUsageError(() => createHandshakeRequest({ url, headers: { [name]: "a" } }), name);
    assert.instance(await refusal(connect(url, { headers: { [name]: "a" } })), UsageError);
  }
});

test("subprotocols, a server's and a client's: UsageError for what is no token", async () => {
  for (const name of wrongTokens) {
    assertUsageError(() => createServer({ protocols: ["fine", name] }), "protocols");
    assertUsageError(() => createHandshakeRequest({ url, protocols: ["fine", name] }), "protocols");
    assert.instance(await refusal(connect(url, { protocols: name })), UsageError);
    // The standard's exception: WebSockets Standard §3.1.
    assert.throws(
      () => new WebSocket(url, name),
      (error: unknown) => error instanceof DOMException && error.name === "SyntaxError",
    );
  }
});

test("a client's headers: UsageError before anything is dialled, in every shape", async () => {
  for (const headers of wrongFields()) {
    assertUsageError(() => createHandshakeRequest({ url, headers }), "headers");
    assertUsageError(() => new WebSocket(url, { headers }), "headers");
    assert.instance(await refusal(connect(url, { headers })), UsageError);
  }
});

test("a client's Origin, Host and key: UsageError for anything that is none", async () => {
  for (const value of [...wrongValues, "", "a b", "http://a/b", "http://a b"]) {
    assertUsageError(() => createHandshakeRequest({ url, origin: value }), "origin");
    assertUsageError(() => createHandshakeRequest({ url, headers: { Origin: value } }));
    assertUsageError(() => createHandshakeRequest({ url, headers: { Host: value } }), "headers");
    assertUsageError(() => createHandshakeRequest({ url, key: value }), "key");
    assert.instance(await refusal(connect(url, { origin: value })), UsageError);
  }
});

test("extensions that are serialized: UsageError for what is no token", () => {
  for (const word of wrongTokens) {
    for (const extension of [
      { name: word, parameters: [] },
      { name: "a", parameters: [{ name: word, value: undefined }] },
      { name: "a", parameters: [{ name: "b", value: word }] },
    ]) {
      assertUsageError(() => serializeExtensions([extension]), "token");
      assertUsageError(() => createHandshakeRequest({ url, extensions: [extension] }), "token");
    }
  }
});

test("a URL with CR, LF, NUL and spaces makes one request line, and no field", async () => {
  const hostile = ["/a\r\nX-Injected: b", "/a\0b", "/a b", "/?a\r\n\r\nb", "/\u00e9\u65e5"];
  for (const path of hostile) {
    const { head } = createHandshakeRequest({ url: `ws://127.0.0.1:1${path}` });
    const lines = Buffer.from(head).toString("latin1").split("\r\n");
    assert.match(lines[0]!, /^GET \/[!-~]* HTTP\/1\.1$/);
    assert.equal(lines.slice(6), ["", ""], lines.join("|"));
  }
  for (const user of ["a%0d%0aX-Injected:b", "a%00", "%ff"]) {
    try {
      const { head } = createHandshakeRequest({ url: `ws://${user}@127.0.0.1/` });
      const text = Buffer.from(head).toString("latin1");
      assert.match(text, /\r\nAuthorization: Basic [\w+/]+=*\r\n/); // base64 hides what it would say
      assert.not.match(text, /Injected/);
    } catch (error) {
      assert.instance(error, UsageError);
    }
  }
});

test("an answer or a refusal of the application: UsageError from the functions that make it", () => {
  for (const headers of wrongFields()) {
    const pairs = [...(Symbol.iterator in headers ? [] : Object.entries(headers))].flat(2) as string[];
    assertUsageError(() => serializeResponse({ httpStatus: 200, headers: headers as [string, string][] }), "headers");
    if (pairs.length !== 2) continue;
    const error = new HandshakeError("OWN", "own", 401, { [pairs[0]!]: pairs[1]! });
    assertUsageError(() => refuseHandshake(error), "headers");
  }
});

test(
  "where a client refuses to ask, nobody is dialled",
  ending(async () => {
    await withRawServer(
      async () => assert.unreachable("a connection was made"),
      async ({ url, peers }) => {
        assert.instance(await refusal(connect(url, { headers: { "X-Own": "a\r\nb: c" } })), UsageError);
        assert.instance(await refusal(connect(url, { origin: "a\r\nb: c" })), UsageError);
        assert.is(peers.length, 0);
      },
    );
  }),
);

test.run();

/** Asks a server, whose options must make its answer impossible: 500, nothing injected, and a UsageError told. */
async function assertImpossible(options: ServerOptions, request: string): Promise<void> {
  const told: unknown[] = [];
  await withServer({ ...options, serverError: (error) => told.push(error) }, async ({ port }) => {
    const { httpStatus, head, body } = await ask(port, request);
    assert.is(httpStatus, 500);
    assert.not.match(head + body, /injected|html/i);
    assert.is(told.length, 1);
    assert.instance(told[0], UsageError);
  });
}

const offering = upgradeRequest({ "Sec-WebSocket-Protocol": "chat" });
const plain = "GET /page HTTP/1.1\r\nHost: a\r\n\r\n";

{
  const test = hostileServerSuite("injected fields");

  test(
    "headers computed for a request, a subprotocol selected, an answer to plain HTTP: 500, and serverError is told",
    ending(async () => {
      for (const value of wrongValues.slice(0, 8)) {
        await assertImpossible({ headers: () => ({ "X-Own": value }) }, offering);
        await assertImpossible({ headers: () => ({ [value]: "x" }) }, offering);
        await assertImpossible({ selectProtocol: () => value }, offering);
        await assertImpossible({ request: () => ({ headers: { "X-Own": value } }) }, plain);
        await assertImpossible({ request: async () => ({ headers: [[value, "x"]] }) }, plain);
        const refuse = (): never => {
          throw new HandshakeError("OWN", "own", 401, { "X-Own": value });
        };
        await assertImpossible({ headers: refuse }, offering);
        await assertImpossible({ request: refuse }, plain);
      }
      await assertImpossible({ headers: () => ({ "Sec-WebSocket-Accept": "mine" }) }, offering);
    }),
  );

  test(
    "a message of the application's refusal stands in the body alone",
    ending(async () => {
      const refuse = (): never => {
        throw new HandshakeError("OWN", "a\r\nX-Injected: b\r\n\r\n\0", 403);
      };
      await withServer({ headers: refuse }, async ({ port }) => {
        const { httpStatus, head, body } = await ask(port, offering);
        assert.is(httpStatus, 403);
        assert.not.match(head, /injected/i);
        assert.is(body, "a\r\nX-Injected: b\r\n\r\n\0\n");
      });
    }),
  );

  test(
    "words of a request that a refusal repeats are quoted, cut short, and in the body alone",
    ending(async () => {
      await withServer({}, async ({ port }) => {
        const { head, body } = await ask(port, upgradeRequest({ Origin: `\u00e9${"x".repeat(5000)}` }));
        assert.not.match(head, /xxx/);
        assert.match(body, /"\\u00c3\\u00a9x{60}\S*\.\.\."/);
        assert.ok(body.length < 300, `${body.length} octets`);
      });
    }),
  );

  test.run();
}
