// Who gets an upgrade of an HTTP server: by path, by function, several servers, other listeners, nobody; and who does not.

import { createServer as createHttpServer, get, type Server as HttpServer, type RequestListener } from "node:http";
import { createRequire } from "node:module";
import { type AddressInfo, createServer as createNetServer } from "node:net";
import { Readable } from "node:stream";
import * as assert from "uvu/assert";
import type * as NodeEntry from "../../../bindings/node/index.ts";
import { type AttachOptions, Clock, createServer, type ServerOptions } from "../../../bindings/node/index.ts";
import { packageRoot } from "../../support/programs.ts";
import { greetingCountOf } from "../internals.ts";
import { serverSuite } from "../server-suite.ts";
import { ask, assertTransport, clientFrame, FakeTimers, RawClient, turns, until, upgradeRequest } from "../support.ts";

const test = serverSuite("attach / routing");

/** Runs an HTTP server for as long as `use` takes. */
async function withHttp(
  use: (http: HttpServer, port: number) => Promise<void>,
  onRequest?: RequestListener,
): Promise<void> {
  const http = createHttpServer(onRequest);
  await new Promise<void>((resolve) => void http.listen(0, "127.0.0.1", resolve));
  try {
    await use(http, (http.address() as AddressInfo).port);
  } finally {
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  }
}

/** A server that says who it is. */
const named = (name: string, options: ServerOptions = {}): ReturnType<typeof createServer> =>
  createServer({ headers: { "X-Name": name }, ...options });

/** Who answers an upgrade at a target, or the status of the refusal. */
async function whoAnswers(port: number, target: string): Promise<string> {
  const client = new RawClient(port);
  client.send(upgradeRequest({}, `GET ${target} HTTP/1.1`));
  const { httpStatus, head } = await client.answer();
  client.destroy();
  return httpStatus === 101 ? head.match(/X-Name: (\w+)/)![1]! : String(httpStatus);
}

test("a path is compared whole, without the query; an array has several; the first that claims one has it", async () => {
  await withHttp(async (http, port) => {
    const chat = named("chat");
    const news = named("news");
    const late = named("late");
    chat.attach(http, { path: "/chat" });
    news.attach(http, { path: ["/news", "/news/all"] });
    late.attach(http, { path: "/chat" });
    for (const [target, answer] of [
      ["/chat", "chat"],
      ["/chat?room=1&x=?", "chat"],
      [`http://127.0.0.1:${port}/chat`, "chat"],
      ["/news", "news"],
      ["/news/all", "news"],
      ["/chat/", "404"],
      ["/Chat", "404"],
      ["/ch%61t", "404"],
      ["/", "404"],
      ["//chat", "404"],
      ["*", "404"],
    ] as const) {
      assert.is(await whoAnswers(port, target), answer, target);
    }
    await chat.close();
    assert.is(await whoAnswers(port, "/chat"), "late");
    await Promise.all([news.close(), late.close()]);
    assert.is(await whoAnswers(port, "/chat"), "404");
  });
});

test("a function of the request tells; what it throws, and what is no boolean, refuses", async () => {
  const told: unknown[] = [];
  await withHttp(async (http, port) => {
    const other = named("other");
    const odd = named("odd", { serverError: (error) => told.push(error) });
    const path = (request: { target: string }): boolean => {
      if (request.target === "/throw") throw new Error("thrown");
      if (request.target === "/yes") return "yes" as unknown as boolean;
      if (request.target === "/promise") return Promise.resolve(true) as unknown as boolean;
      return request.target.startsWith("/odd/");
    };
    odd.attach(http, { path });
    other.attach(http);
    assert.is(await whoAnswers(port, "/odd/1"), "odd");
    assert.is(await whoAnswers(port, "/even"), "other");
    assert.equal(told, []);
    for (const target of ["/throw", "/yes", "/promise"]) assert.is(await whoAnswers(port, target), "500", target);
    assert.is(told.length, 3);
    await Promise.all([other.close(), odd.close()]);
  });
});

test("a path that is none is a UsageError", async () => {
  const http = createHttpServer();
  for (const path of ["chat", "", "/a?b", "/a#b", "/ä", 5, null, [], ["/a", "b"], [["/a"]], {}]) {
    assert.throws(
      () => createServer({}).attach(http, { path } as AttachOptions),
      (error: { code: string; message: string }) => error.code === "WS_OPTION" && error.message.includes("path"),
      String(path),
    );
  }
  assert.throws(
    () => createServer({}).attach(http, { paths: "/chat" } as AttachOptions),
    (error: { code: string }) => error.code === "WS_OPTION",
  );
});

test("attach to what is no HTTP server, twice, or when closed is a UsageError that says what to do", async () => {
  const http = createHttpServer();
  const server = createServer({});
  for (const what of [undefined, null, 5, {}, () => {}, createNetServer()]) {
    assert.throws(
      () => server.attach(what as never),
      (error: { code: string; message: string }) =>
        error.code === "WS_ARGUMENT" && /node:http.*framework/.test(error.message),
    );
  }
  server.attach(http);
  assert.throws(
    () => server.attach(http, { path: "/x" }),
    (error: { code: string; message: string }) => error.code === "WS_ARGUMENT" && /already/.test(error.message),
  );
  server.attach(createHttpServer());
  await server.close();
  assert.throws(
    () => server.attach(createHttpServer()),
    (error: { code: string }) => error.code === "WS_NOT_OPEN",
  );
});

test("what nobody claims is left to other listeners, whenever they came", async () => {
  await withHttp(async (http, port) => {
    const server = named("ours");
    server.attach(http, { path: "/ours" });
    assert.is(await whoAnswers(port, "/theirs"), "404");
    http.on("upgrade", (request, socket) => {
      if (request.url !== "/ours") socket.end("HTTP/1.1 418 Theirs\r\n\r\n");
    });
    assert.is(await whoAnswers(port, "/theirs"), "418");
    assert.is(await whoAnswers(port, "/ours"), "ours");
    await server.close();
    http.removeAllListeners("upgrade");
  });
});

test("the ESM and the CommonJS build share a server's upgrades", async () => {
  const require = createRequire(import.meta.url);
  const cjs = require(`${packageRoot}/dist/cjs/node.js`) as typeof NodeEntry;
  const esm = (await import(`${packageRoot}/dist/esm/node.js`)) as typeof NodeEntry;
  await withHttp(async (http, port) => {
    const one = cjs.createServer({ headers: { "X-Name": "cjs" } });
    const two = esm.createServer({ headers: { "X-Name": "esm" } });
    one.attach(http, { path: "/cjs" });
    two.attach(http, { path: "/esm" });
    assert.is(http.listenerCount("upgrade"), 1);
    for (const name of ["cjs", "esm"]) assert.is(await whoAnswers(port, `/${name}`), name);
    assert.is(await whoAnswers(port, "/"), "404");
    await Promise.all([one.close(), two.close()]);
  });
});

test("an upgrade that the application hands over itself is not taken twice", async () => {
  await withHttp(async (http, port) => {
    const one = named("one");
    const two = named("two");
    http.on("upgrade", (request, socket, head) => {
      if (request.url === "/one") one.handleUpgrade(request, socket, head);
    });
    two.attach(http);
    assert.is(await whoAnswers(port, "/one"), "one");
    assert.is(await whoAnswers(port, "/two"), "two");
    await Promise.all([one.close(), two.close()]);
  });
});

test("a server listens and is attached at once; both sorts of sockets are its own", async () => {
  await withHttp(async (http, port) => {
    const server = createServer({});
    server.attach(http);
    const { port: ownPort } = await server.listen({ port: 0, host: "127.0.0.1" });
    const clients = await Promise.all([RawClient.open(port), RawClient.open(ownPort)]);
    await until(() => server.sockets.size === 2);
    assertTransport(server);
    for (const client of clients) client.destroy();
    await server.close();
    assert.is(http.listening, true, "the HTTP server is not ours to close");
  });
});

test("an upgrade to something else is answered by the request listeners (RFC 9110 §7.8)", async () => {
  const long = "x".repeat(2_000_000);
  const pages: RequestListener = (request, response) => {
    request.resume().on("end", () => {
      if (request.url === "/long") Readable.from([long.slice(0, 1_000_000), long.slice(1_000_000)]).pipe(response);
      else response.end(`page ${request.url}`);
    });
  };
  await withHttp(async (http, port) => {
    const server = createServer({});
    server.attach(http);
    const h2c = { Upgrade: "h2c", Connection: "Upgrade, HTTP2-Settings", "Sec-WebSocket-Key": undefined };
    const answer = await ask(port, upgradeRequest(h2c, "GET /page HTTP/1.1"));
    assert.is(answer.httpStatus, 200);
    assert.match(answer.head, /^connection: close\r$/im);
    assert.ok(answer.body.includes("page /page"), answer.body);
    assert.ok(
      (await ask(port, upgradeRequest(h2c, "GET /long HTTP/1.1"))).body.match(/x/g)?.length === long.length,
      "all of a long answer",
    );
    const withBody = upgradeRequest({ ...h2c, "Content-Length": "2" }, "POST /page HTTP/1.1");
    assert.is((await ask(port, withBody, "hi")).httpStatus, 400);
    http.removeAllListeners("request");
    assert.is((await ask(port, upgradeRequest(h2c))).httpStatus, 400);
    await server.close();
  }, pages);
});

test("plain requests stay the HTTP server's", async () => {
  await withHttp(
    async (http, port) => {
      const server = createServer({ request: () => ({ body: "not asked" }) });
      server.attach(http);
      const body = await new Promise<string>((resolve) => {
        get({ port, host: "127.0.0.1" }, (answer) => {
          answer.setEncoding("utf8").on("data", resolve);
        });
      });
      assert.is(body, "a page");
      await server.close();
    },
    (_request, response) => response.end("a page"),
  );
});

test("an unclaimed upgrade is drained: the peer reads the 404, whatever it has sent (RFC 9112 §9.6)", async () => {
  await withHttp(async (http, port) => {
    const server = createServer({});
    server.attach(http, { path: "/chat" });
    for (let count = 0; count < 10; count++) {
      const client = new RawClient(port);
      client.send(upgradeRequest(), clientFrame(2, new Uint8Array(200_000)), clientFrame(2, new Uint8Array(200_000)));
      const { httpStatus, body } = await client.answer();
      assert.is(httpStatus, 404);
      assert.match(body, /no WebSocket server is at this path/);
      assert.is(client.error, null);
      client.socket.end();
      await client.closed();
      assert.is(client.error, null);
    }
    await server.close();
  });
});

test("a refused handshake on an attached server is drained as on a listening one", async () => {
  await withHttp(async (http, port) => {
    const server = createServer({});
    server.attach(http);
    for (let count = 0; count < 10; count++) {
      const client = new RawClient(port);
      client.send(upgradeRequest({ Origin: "null" }), clientFrame(2, new Uint8Array(300_000)));
      const { httpStatus } = await client.answer();
      assert.is(httpStatus, 403);
      client.socket.end();
      await client.closed();
      assert.is(client.error, null);
    }
    await server.close();
  });
});

test("a refused peer that does not end is dropped at closeTimeoutMs", async () => {
  await withHttp(async (http, port) => {
    const timers = new FakeTimers();
    const server = createServer({ clock: new Clock(timers), closeTimeoutMs: 1000 });
    server.attach(http);
    const client = new RawClient(port);
    client.send(upgradeRequest({ Origin: "null" }));
    await client.answer();
    await turns();
    assert.is(greetingCountOf(server), 1);
    timers.advance(1500);
    await until(() => greetingCountOf(server) === 0);
    client.destroy();
    await server.close();
  });
});

test("server.close with an upgrade under way drops it; one that comes later is 404", async () => {
  await withHttp(async (http, port) => {
    const server = createServer({ upgrade: () => new Promise<undefined>(() => {}) });
    server.attach(http);
    const client = new RawClient(port);
    client.send(upgradeRequest());
    await turns();
    await server.close();
    await client.ended();
    assert.is(client.received.length, 0);
    assert.is(await whoAnswers(port, "/"), "404");
  });
});

test.run();
