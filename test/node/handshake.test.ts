// Opening handshakes and plain HTTP over real sockets: what is answered, in whatever pieces the request comes.

import { once } from "node:events";
import * as assert from "uvu/assert";
import { UsageError } from "../../bindings/index.ts";
import { Clock, type HttpResponse, type RequestHead, type ServerOptions } from "../../bindings/node/index.ts";
import { concat, utf8 } from "../support/octets.ts";
import { serverSuite } from "./server-suite.ts";
import {
  ask,
  clientFrame,
  deferred,
  FakeTimers,
  RawClient,
  turns,
  until,
  upgradeRequest,
  withServer,
} from "./support.ts";

const refusals = serverSuite("handshake / refused");

const refused: readonly (readonly [name: string, httpStatus: number, request: string])[] = [
  ["no Host (RFC 9112 §3.2)", 400, upgradeRequest({ Host: undefined })],
  ["no key (§4.2.1)", 400, upgradeRequest({ "Sec-WebSocket-Key": undefined })],
  ["a key that is not 16 octets (§4.2.1)", 400, upgradeRequest({ "Sec-WebSocket-Key": "dG9vIHNob3J0" })],
  ["no Connection: Upgrade (§4.2.1)", 400, upgradeRequest({ Connection: "keep-alive" })],
  ["a bare LF (RFC 9112 §2.2)", 400, "GET / HTTP/1.1\nHost: a\n\n"],
  ["a request line that is none", 400, "HELLO\r\n\r\n"],
  ["a page of another origin (§10.2)", 403, upgradeRequest({ Origin: "https://elsewhere.example" })],
  ["Origin: null (§10.2)", 403, upgradeRequest({ Origin: "null" })],
  ["POST (§4.2.1)", 405, upgradeRequest({}, "POST / HTTP/1.1")],
  ["version 8, a draft (§4.4)", 426, upgradeRequest({ "Sec-WebSocket-Version": "8" })],
  ["no version at all (§4.4)", 426, upgradeRequest({ "Sec-WebSocket-Version": undefined })],
  ["a head above maxHeadLength (RFC 6585 §5)", 431, upgradeRequest({ Filler: "x".repeat(20_000) })],
  [
    "more fields than maxHeaderCount (RFC 6585 §5)",
    431,
    upgradeRequest(Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`X-${index}`, "1"]))),
  ],
  ["HTTP/1.0 (§4.2.1)", 505, upgradeRequest({}, "GET / HTTP/1.0")],
  ["HTTP/2.0 in words", 505, upgradeRequest({}, "GET / HTTP/2.0")],
];

/** No connection may come of a refused request. */
const never: ServerOptions = {
  open: () => assert.unreachable("a connection was opened"),
  serverError: (error) => assert.unreachable(String(error)),
};

for (const [name, httpStatus, request] of refused) {
  refusals(`${httpStatus} for ${name}, whole and in octets, and the connection ends`, async () => {
    await withServer(never, async ({ port }) => {
      const answer = await ask(port, request);
      assert.is(answer.httpStatus, httpStatus, answer.head + answer.body);
      assert.match(answer.head, /\r\nConnection: close/);
      if (httpStatus === 426) assert.match(answer.head, /\r\nSec-WebSocket-Version: 13\r\n/);
      if (request.length > 1000) return;
      const client = new RawClient(port);
      client.socket.setNoDelay(true);
      for (const octet of utf8(request)) {
        client.socket.write(Uint8Array.of(octet));
        await turns(1);
      }
      assert.is((await client.answer()).httpStatus, httpStatus);
      client.destroy();
    });
  });
}

refusals("the answer to a head that is too long arrives whole though megabytes more are under way", async () => {
  await withServer(never, async ({ port }) => {
    const client = new RawClient(port);
    client.send("GET / HTTP/1.1\r\nHost: a\r\nFiller: ", new Uint8Array(4 * 2 ** 20).fill(0x61));
    assert.is((await client.answer()).httpStatus, 431);
    client.destroy();
  });
});

refusals.run();

const accepted = serverSuite("handshake / accepted");

const echo: ServerOptions = { message: (socket, data, isBinary) => socket.send(data, { binary: isBinary }) };

accepted("101 with the accept value of the RFC's example (§1.3)", async () => {
  await withServer(echo, async ({ port }) => {
    const client = new RawClient(port);
    client.send(upgradeRequest());
    const { httpStatus, head } = await client.answer();
    assert.is(httpStatus, 101);
    assert.match(head, /\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/);
    client.destroy();
  });
});

accepted("a request octet by octet, and its frames too", async () => {
  await withServer(echo, async ({ port }) => {
    const client = new RawClient(port);
    client.socket.setNoDelay(true);
    for (const octet of concat(utf8(upgradeRequest()), clientFrame(1, "Hello"))) {
      client.socket.write(Uint8Array.of(octet));
      await turns(1);
    }
    assert.is((await client.answer()).httpStatus, 101);
    const [frame] = await client.frameCount(1);
    assert.equal(frame!.payload, Buffer.from("Hello"));
    client.destroy();
  });
});

accepted("frames in the request's own packet are delivered after open, in order", async () => {
  const events: string[] = [];
  await withServer(
    {
      open: () => events.push("open"),
      message: (socket, data) => {
        events.push(String(data));
        socket.send(data);
      },
    },
    async ({ port }) => {
      const client = new RawClient(port);
      client.send(
        upgradeRequest(),
        clientFrame(1, "one"),
        clientFrame(1, "two"),
        clientFrame(1, "three").subarray(0, 4),
      );
      assert.is((await client.answer()).httpStatus, 101);
      await client.frameCount(2);
      client.send(clientFrame(1, "three").subarray(4));
      await client.frameCount(3);
      assert.equal(events, ["open", "one", "two", "three"]);
      client.destroy();
    },
  );
});

accepted("the page's own origin is accepted, with or without the scheme's default port (§10.2)", async () => {
  await withServer(echo, async ({ port }) => {
    for (const [host, origin] of [
      [`127.0.0.1:${port}`, `http://127.0.0.1:${port}`],
      ["example.com", "https://example.com"],
      ["example.com:443", "https://example.com"],
    ] as const) {
      const client = new RawClient(port);
      client.send(upgradeRequest({ Host: host, Origin: origin }));
      assert.is((await client.answer()).httpStatus, 101, `${host} ${origin}`);
      client.destroy();
    }
  });
});

accepted("fields of the application go into the 101", async () => {
  await withServer({ headers: { "Set-Cookie": ["a=1", "b=2"] } }, async ({ port }) => {
    const client = new RawClient(port);
    client.send(upgradeRequest());
    const { head } = await client.answer();
    assert.match(head, /\r\nSet-Cookie: a=1\r\n/);
    assert.match(head, /\r\nSet-Cookie: b=2\r\n/);
    client.destroy();
  });
});

accepted("selectProtocol that answers with a stranger: 500, and serverError is told (§4.2.2)", async () => {
  const told = deferred<unknown>();
  await withServer({ selectProtocol: () => "stranger", serverError: told.resolve }, async ({ port }) => {
    const answer = await ask(port, upgradeRequest({ "Sec-WebSocket-Protocol": "chat" }));
    assert.is(answer.httpStatus, 500);
    assert.instance(await told.promise, UsageError);
  });
});

accepted.run();

const slow = serverSuite("handshake / slow");

slow("a head that never ends is closed at handshakeTimeoutMs, not before", async () => {
  const timers = new FakeTimers();
  await withServer({ clock: new Clock(timers), handshakeTimeoutMs: 3000 }, async ({ port, server }) => {
    const client = new RawClient(port);
    client.send("GET / HTTP/1.1\r\nHost: a\r\n");
    await once(client.socket, "connect");
    await turns();
    for (let ms = 0; ms < 2900; ms += 100) {
      client.send("x"); // one octet at a time buys no time
      await turns(2);
      timers.advance(100);
    }
    await turns();
    assert.not(client.isClosed || client.isEnded, "closed before its time");
    timers.advance(500);
    client.socket.end();
    await client.closed();
    assert.is(client.received.length, 0);
    assert.is(server.sockets.size, 0);
  });
});

slow("a refused peer that does not go away is dropped after closeTimeoutMs (§7.1.1)", async () => {
  const timers = new FakeTimers();
  await withServer({ clock: new Clock(timers), closeTimeoutMs: 2000 }, async ({ port }) => {
    const client = new RawClient(port);
    client.send("nonsense\r\n\r\n");
    assert.is((await client.answer()).httpStatus, 400);
    client.send("more, and no FIN");
    await turns();
    assert.not(client.isClosed);
    timers.advance(2500);
    // The other side is gone: writing fails sooner or later.
    const poke = setInterval(() => client.socket.write("?"), 5);
    await client.closed();
    clearInterval(poke);
  });
});

slow("FIN in the middle of a head is answered with FIN", async () => {
  await withServer({}, async ({ port }) => {
    const client = new RawClient(port);
    client.send("GET / HT");
    client.socket.end();
    await client.closed();
    assert.is(client.error, null);
  });
});

slow.run();

const http = serverSuite("plain HTTP");

const get = "GET /page?x=1 HTTP/1.1\r\nHost: a\r\n\r\n";

http("426 with a hint where there is no request handler (RFC 9110 §15.5.22)", async () => {
  await withServer({}, async ({ port }) => {
    const { httpStatus, head, body } = await ask(port, get);
    assert.is(httpStatus, 426);
    assert.match(head, /\r\nUpgrade: websocket\r\n/);
    assert.match(head, /\r\nConnection: close, Upgrade\r\n/);
    assert.match(body, /WebSocket server/);
    assert.match(head, new RegExp(`\\r\\nContent-Length: ${body.length}\\r\\n`));
  });
});

/** The answer of a server whose `request` gives `response`, and what its `serverError` was told. */
async function answerOf(
  respond: (request: RequestHead) => HttpResponse | undefined | Promise<HttpResponse | undefined>,
  request = get,
): Promise<{ httpStatus: number; head: string; body: string; errors: unknown[] }> {
  const errors: unknown[] = [];
  let answer: Awaited<ReturnType<typeof ask>>;
  await withServer({ request: respond, serverError: (error) => errors.push(error) }, async ({ port }) => {
    answer = await ask(port, request);
  });
  return { ...answer!, errors };
}

http("the request handler is given method, target and fields, and answers", async () => {
  const { httpStatus, head, body } = await answerOf(({ method, target, headers }) => ({
    httpStatus: 203,
    headers: { "X-Own": "yes" },
    body: `${method} ${target} ${headers.get("HOST")} ü`,
  }));
  assert.is(httpStatus, 203);
  assert.match(head, /\r\nx-own: yes\r\n/i);
  assert.is(body, "GET /page?x=1 a ü");
});

http("the request handler may answer later, and with octets", async () => {
  const { httpStatus, body } = await answerOf(async () => {
    await turns();
    return { body: utf8("später") };
  });
  assert.is(httpStatus, 200);
  assert.is(body, "später");
});

http("undefined from the handler, now or later, is 426", async () => {
  assert.is((await answerOf(() => undefined)).httpStatus, 426);
  assert.is((await answerOf(async () => undefined)).httpStatus, 426);
});

http("a handler that throws: 500, and serverError is told", async () => {
  const { httpStatus, body, errors } = await answerOf(() => {
    throw new Error("broken");
  });
  assert.is(httpStatus, 500);
  assert.is(body, "");
  assert.match(String(errors[0]), /broken/);
});

http("a handler whose promise rejects: 500, and serverError is told", async () => {
  const { httpStatus, errors } = await answerOf(async () => {
    throw new Error("broken later");
  });
  assert.is(httpStatus, 500);
  assert.match(String(errors[0]), /broken later/);
});

for (const [name, response] of [
  ["a status out of range", { httpStatus: 99 }],
  ["a body that is no text and no octets", { body: 5 as unknown as string }],
  ["a field with CR LF in it (RFC 9110 §5.5)", { headers: { "X-Own": "a\r\nSet-Cookie: b" } }],
  ["a field name that is no token (RFC 9110 §5.1)", { headers: { "X Own": "a" } }],
] as const) {
  for (const [when, respond] of [
    ["now", () => response],
    ["later", async () => response],
  ] as const) {
    http(
      `an answer that cannot be sent, ${name}, given ${when}: 500, and serverError is told a UsageError`,
      async () => {
        const { httpStatus, errors } = await answerOf(respond);
        assert.is(httpStatus, 500);
        assert.is(errors.length, 1);
        assert.instance(errors[0], UsageError);
      },
    );
  }
}

http("204 and 304 have no content, and 204 no Content-Length (RFC 9110 §8.6, §15.3.5, §15.4.5)", async () => {
  const none = await answerOf(() => ({ httpStatus: 204, body: "not sent" }));
  assert.is(none.httpStatus, 204);
  assert.is(none.body, "");
  assert.not.match(none.head, /content-length/i);
  const notModified = await answerOf(() => ({ httpStatus: 304, body: "not sent" }));
  assert.is(notModified.body, "");
});

http("HEAD is answered with GET's head and no content (RFC 9110 §9.3.2)", async () => {
  const { head, body } = await answerOf(() => ({ body: "12345" }), "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  assert.match(head, /\r\nContent-Length: 5\r\n/);
  assert.is(body, "");
});

http("several fields of one name stay several (RFC 6265 §3)", async () => {
  const { head } = await answerOf(() => ({ headers: { "Set-Cookie": ["a=1", "b=2"] } }));
  assert.match(head, /\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n/i);
});

http(
  "a client that half-closes after its request is answered all the same, now and later (RFC 9112 §9.6)",
  async () => {
    const body = "x".repeat(8 * 2 ** 20);
    const may = deferred();
    let askedCount = 0;
    await withServer(
      {
        request: ({ target }) => {
          askedCount++;
          return target === "/now" ? { body } : may.promise.then(() => ({ body }));
        },
      },
      async ({ port }) => {
        for (const target of ["/now", "/later"]) {
          const client = new RawClient(port);
          client.socket.end(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
          await once(client.socket, "finish");
          client.socket.pause(); // so that the answer cannot leave at once
          await turns(50);
          may.resolve();
          client.socket.resume();
          const answer = await client.answer();
          assert.is(answer.httpStatus, 200);
          assert.is(answer.body.length, body.length);
          client.destroy();
        }
      },
    );
    assert.is(askedCount, 2);
  },
);

http("a pending answer whose client is gone hurts nobody", async () => {
  const may = deferred<HttpResponse>();
  const asked = deferred();
  await withServer(
    {
      request: () => {
        asked.resolve();
        return may.promise;
      },
    },
    async ({ port }) => {
      const client = new RawClient(port);
      client.send(get);
      await asked.promise;
      client.socket.resetAndDestroy();
      await until(() => client.isClosed);
      await turns();
      may.resolve({ body: "too late" });
      await turns();
      assert.is((await ask(port, get)).httpStatus, 200);
    },
  );
});

http.run();
