// What only HTTP/2 has: settings, CONNECT that is not ours, fields that HTTP/2 forbids, resets, sessions. RFC 8441.

import { createServer as createHttp2Server, type Http2Server, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createServer, type Server, type ServerOptions, type Socket } from "../../../bindings/node/index.ts";
import { clientFrame, closeCodeOf, closeFrame, deferred, turns, until } from "../support.ts";
import { Http2Client, http2Session } from "./http2-client.ts";

const test = suite("attach / HTTP/2");

interface Running {
  readonly http: Http2Server;
  readonly server: Server<unknown>;
  readonly port: number;
  call(fields?: Record<string, string | string[] | undefined>): Promise<Http2Client>;
}

/** Runs a server over one session, with whatever `prepare` makes of the HTTP server. */
async function withHttp2(
  options: ServerOptions,
  use: (running: Running) => Promise<void>,
  prepare: (http: Http2Server) => void = () => {},
): Promise<void> {
  const http = createHttp2Server({ settings: { initialWindowSize: 100_000 } });
  const server = createServer(options);
  server.attach(http, { path: "/chat" });
  prepare(http);
  await new Promise<void>((resolve) => void http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  const session = await http2Session(port, false);
  try {
    const call: Running["call"] = async (fields) => new Http2Client(session, { ":path": "/chat", ...fields });
    await use({ http, server, port, call });
  } finally {
    session.destroy();
    await server.close();
    await new Promise<void>((resolve) => void http.close(() => resolve()));
  }
}

const statusOf = async (client: Http2Client): Promise<number> => (await client.answer()).httpStatus;

test("attach makes the server say that it takes extended CONNECT; its other settings stay (RFC 8441 §3)", async () => {
  await withHttp2({}, async ({ port }) => {
    const session = await http2Session(port, false);
    assert.is(session.remoteSettings.enableConnectProtocol, true);
    assert.is(session.remoteSettings.initialWindowSize, 100_000);
    session.destroy();
  });
});

test("with sessions that were not told, attach is a UsageError that says what to write; with those that were, it is none", async () => {
  for (const isTold of [false, true]) {
    const http = createHttp2Server({ settings: isTold ? { enableConnectProtocol: true } : {} });
    await new Promise<void>((resolve) => void http.listen(0, "127.0.0.1", resolve));
    const { connect } = await import("node:http2");
    const session = connect(`http://127.0.0.1:${(http.address() as AddressInfo).port}`);
    await new Promise((resolve) => session.once("remoteSettings", resolve));
    const server = createServer({});
    if (isTold) {
      server.attach(http);
      assert.is(await statusOf(new Http2Client(session)), 200);
    } else {
      assert.throws(
        () => server.attach(http),
        (error: { code: string; message: string }) =>
          error.code === "WS_ARGUMENT" && error.message.includes("settings: { enableConnectProtocol: true }"),
      );
    }
    session.destroy();
    await server.close();
    await new Promise<void>((resolve) => void http.close(() => resolve()));
  }
});

test("the answer has :status 200, and none of the fields that HTTP/2 forbids (RFC 8441 §5, RFC 9113 §8.2.2)", async () => {
  const options = { protocols: ["b"], headers: { "X-Own": "1", "Set-Cookie": ["a=1", "b=2"] } };
  await withHttp2(options, async ({ call }) => {
    const { head } = await (await call({ "sec-websocket-protocol": "a, b" })).answer();
    const names = head.split("\r\n").map((line) => line.slice(0, line.indexOf(":", 1)));
    assert.equal(names.filter((name) => name !== "" && name !== "date").sort(), [
      ":status",
      "sec-websocket-protocol",
      "set-cookie",
      "x-own",
    ]);
    assert.match(head, /set-cookie: a=1,b=2/);
  });
});

test("fields are checked as RFC 8441 §4 and RFC 6455 §4.2.1 say", async () => {
  await withHttp2({}, async ({ call }) => {
    for (const [fields, httpStatus] of [
      [{}, 200],
      [{ host: "127.0.0.1" }, 200],
      [{ host: "other.example" }, 400],
      [{ ":scheme": "ftp" }, 400],
      [{ "sec-websocket-version": undefined }, 400],
      [{ "sec-websocket-version": "14" }, 400],
      [{ "sec-websocket-protocol": "a,,b" }, 400],
      [{ "sec-websocket-extensions": ";" }, 400],
      [{ origin: "http://127.0.0.1" }, 200],
      [{ origin: "http://127.0.0.1:81" }, 403],
      [{ origin: "null" }, 403],
    ] as const) {
      assert.is(await statusOf(await call(fields)), httpStatus, JSON.stringify(fields));
    }
  });
});

test("cookies that came in pieces are one field again (RFC 9113 §8.2.3)", async () => {
  const seen = deferred<unknown>();
  await withHttp2({ upgrade: (request) => seen.resolve(request.headers.getAll("cookie")) }, async ({ call }) => {
    await (await call({ cookie: ["a=1", "b=2"] })).answer();
    assert.equal(await seen.promise, ["a=1; b=2"]);
  });
});

const kinds: readonly (readonly [what: string, prepare: (http: Http2Server) => void])[] = [
  ["without request listeners", () => {}],
  ["with a request listener", (http) => http.on("request", (_request, response) => void response.end("a page"))],
];

for (const [what, prepare] of kinds) {
  test(`CONNECTs that are not ours, ${what}: 404, 501 (RFC 9220 §3), 405`, async () => {
    await withHttp2(
      {},
      async ({ call, server }) => {
        assert.is(await statusOf(await call()), 200);
        assert.is(await statusOf(await call({ ":path": "/other" })), 404);
        assert.is(await statusOf(await call({ ":protocol": "connect-udp" })), 501);
        const tunnel = { ":protocol": undefined, ":scheme": undefined, ":path": undefined, ":authority": "a:80" };
        assert.is(await statusOf(await call(tunnel)), 405);
        await server.close();
        assert.is(await statusOf(await call()), 404);
      },
      prepare,
    );
  });
}

test("CONNECTs that are not ours are left to other listeners", async () => {
  for (const event of ["stream", "connect"] as const) {
    const others = (http: Http2Server): void => {
      http.on("request", () => {});
      if (event === "stream") {
        http.on("stream", (stream: ServerHttp2Stream, headers) => {
          if (headers[":path"] === "/theirs") stream.respond({ ":status": 418 }, { endStream: true });
        });
      } else {
        http.on("connect" as "request", (request, response) => {
          if (request.url !== "/theirs") return;
          response.statusCode = 418;
          response.end();
        });
      }
    };
    await withHttp2(
      {},
      async ({ call }) => {
        assert.is(await statusOf(await call({ ":path": "/theirs" })), 418, event);
        assert.is(await statusOf(await call({ ":path": "/theirs", ":protocol": "x" })), 418, event);
        assert.is(await statusOf(await call()), 200, event);
      },
      others,
    );
  }
});

test("END_STREAM is FIN, RST_STREAM is a reset (RFC 8441 §4)", async () => {
  for (const isReset of [false, true]) {
    const closed = deferred<unknown>();
    const options: ServerOptions = {
      close: (socket, code) =>
        closed.resolve([code, (socket.closeReport?.error as { code?: string } | undefined)?.code]),
    };
    await withHttp2(options, async ({ call }) => {
      const client = await call();
      await client.answer();
      if (isReset) client.stream.close(8);
      else client.stream.end();
      assert.equal(await closed.promise, [1006, isReset ? "ECONNRESET" : undefined]);
    });
  }
});

test("`terminate` resets the stream with CANCEL, and leaves the session and its other streams alone", async () => {
  await withHttp2({ message: (socket, data) => void socket.send(data) }, async ({ call, server }) => {
    const [one, two] = [await call(), await call()];
    await one.answer();
    await until(() => server.sockets.size !== 0);
    const [first] = server.sockets;
    await two.answer();
    first!.terminate();
    await one.closed();
    assert.is(one.stream.rstCode, 8);
    two.send(clientFrame(1, "still here"));
    assert.is(Buffer.from((await two.frameCount(1))[0]!.payload).toString(), "still here");
  });
});

test("a client that says it is going away is closed with 1001; the session ends when that is done", async () => {
  await withHttp2({}, async ({ port, server }) => {
    const session = await http2Session(port, false);
    const client = new Http2Client(session, { ":path": "/chat" });
    await client.answer();
    await until(() => server.sockets.size === 1);
    session.goaway();
    assert.is(closeCodeOf((await client.frameCount(1))[0]!), 1001);
    client.send(closeFrame(1001));
    await client.ended();
    client.stream.end();
    await until(() => server.sockets.size === 0);
    session.destroy();
  });
});

test("a session that is lost ends its connections with 1006", async () => {
  const codes: number[] = [];
  await withHttp2({ close: (_socket, code) => void codes.push(code) }, async ({ port }) => {
    const session = await http2Session(port, false);
    const clients = Array.from({ length: 12 }, () => new Http2Client(session, { ":path": "/chat" }));
    await Promise.all(clients.map((client) => client.answer()));
    session.destroy();
    await until(() => codes.length === 12);
    assert.equal(new Set(codes), new Set([1006]));
  });
});

test("server.close leaves the session alone", async () => {
  await withHttp2({}, async ({ call, server }) => {
    const client = await call();
    await client.answer();
    await until(() => server.sockets.size === 1);
    const closing = server.close();
    assert.is(closeCodeOf((await client.frameCount(1))[0]!), 1001);
    client.send(closeFrame(1001));
    client.stream.end();
    await closing;
    await turns();
    assert.is(client.session.closed, false);
    assert.is(await statusOf(await call()), 404);
  });
});

test("remoteAddress is that of the session, also in `close`", async () => {
  const seen = deferred<unknown>();
  const options = { close: (socket: Socket) => seen.resolve(socket.remoteAddress) };
  await withHttp2(options, async ({ call }) => {
    const client = await call();
    await client.answer();
    client.stream.close(8);
    assert.is(await seen.promise, "127.0.0.1");
  });
});

test("an answer that HTTP/2 cannot carry is 500, and serverError is told", async () => {
  const told: unknown[] = [];
  const headers: [string, string][] = [
    ["Location", "/a"],
    ["Location", "/b"],
  ];
  for (const decision of [{ httpStatus: 302, headers }, { headers }]) {
    await withHttp2({ upgrade: () => decision, serverError: (error) => told.push(error) }, async ({ call }) => {
      assert.is(await statusOf(await call()), 500);
    });
  }
  assert.is(told.length, 2);
});

test.run();
