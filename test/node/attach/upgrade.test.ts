// The application's say in a handshake: the `upgrade` handler accepts, refuses, takes its time, fails. It is asked whichever
// way a handshake comes.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HandshakeError } from "../../../bindings/index.ts";
import {
  Clock,
  type ServerOptions,
  type Socket,
  type UpgradeDecision,
  type UpgradeOffer,
} from "../../../bindings/node/index.ts";
import { filled } from "../../support/octets.ts";
import { clientFrame, deferred, FakeTimers, turns, until } from "../support.ts";
import { ways } from "./ways.ts";

/** A handler, answered at once or later. */
const bothWays = (decision: () => UpgradeDecision): readonly NonNullable<ServerOptions["upgrade"]>[] => [
  () => decision(),
  async () => {
    await turns(3);
    return decision();
  },
];

for (const way of ways) {
  const test = suite(`upgrade / ${way.name}`);

  test("it sees the request and what would be agreed", async () => {
    const seen = deferred<UpgradeOffer>();
    const options: ServerOptions = {
      protocols: ["b", "a"],
      upgrade(request, offer) {
        assert.is(request.headers.get("x-own"), "1");
        assert.is(request.target, "/chat?x");
        seen.resolve(offer);
      },
    };
    await way.with(options, async ({ call }) => {
      const fields = { "Sec-WebSocket-Protocol": "a, b", "X-Own": "1" };
      assert.is((await (await call({ target: "/chat?x", fields })).answer()).httpStatus, way.accepted);
      const { protocol, offeredProtocols, extensions, origin, host, target, remoteAddress, incoming, signal } =
        await seen.promise;
      assert.equal([protocol, offeredProtocols, extensions, origin], ["b", ["a", "b"], [], undefined]);
      assert.equal([host, target, remoteAddress], ["127.0.0.1", "/chat?x", "127.0.0.1"]);
      assert.is(incoming === undefined, way.name.startsWith("listen"));
      assert.is(signal.aborted, false);
    });
  });

  test("it is not asked about a handshake that is refused anyway", async () => {
    let count = 0;
    await way.with({ upgrade: () => void count++ }, async ({ call }) => {
      assert.is((await (await call({ fields: { Origin: "null" } })).answer()).httpStatus, 403);
      assert.is(count, 0);
    });
  });

  test("it adds fields, sets `data` before `open` and chooses among the offered subprotocols", async () => {
    for (const upgrade of bothWays(() => ({ headers: { "X-Own": "yes" }, data: { user: "ada" }, protocol: "a" }))) {
      const opened = deferred<unknown>();
      const options: ServerOptions = {
        protocols: ["b", "a"],
        upgrade,
        open: (socket) => opened.resolve([socket.data, socket.protocol]),
      };
      await way.with(options, async ({ call }) => {
        const { httpStatus, head } = await (await call({ fields: { "Sec-WebSocket-Protocol": "a, b" } })).answer();
        assert.is(httpStatus, way.accepted);
        assert.match(head, /x-own: yes\r\n/i);
        assert.match(head, /sec-websocket-protocol: a\r\n/i);
        assert.not.match(head, /sec-websocket-protocol: b/i);
        assert.equal(await opened.promise, [{ user: "ada" }, "a"]);
      });
    }
  });

  test("it refuses with a status, fields and a body; a redirection is one", async () => {
    for (const [httpStatus, headers, body] of [
      [401, { "WWW-Authenticate": "Bearer" }, "log in"],
      [302, { Location: "https://example.com/login" }, ""],
      [503, { "Retry-After": "5" }, new Uint8Array([0x62, 0x75, 0x73, 0x79])],
    ] as const) {
      for (const upgrade of bothWays(() => ({ httpStatus, headers, body }))) {
        await way.with({ upgrade }, async ({ server, call }) => {
          const answer = await (await call()).answer();
          assert.is(answer.httpStatus, httpStatus);
          assert.is(answer.body, typeof body === "string" ? body : "busy");
          for (const [name, value] of Object.entries(headers)) {
            assert.ok(answer.head.toLowerCase().includes(`${name}: ${value}\r\n`.toLowerCase()), answer.head);
          }
          assert.is(server.sockets.size, 0);
        });
      }
    }
  });

  test("a HandshakeError refuses; any other error is 500, and serverError is told", async () => {
    const other = new Error("the database is away");
    for (const [error, httpStatus] of [
      [new HandshakeError("UNAUTHORIZED", "log in first", 401), 401],
      [other, 500],
    ] as const) {
      for (const isAsync of [false, true]) {
        const told: unknown[] = [];
        const upgrade = (): Promise<undefined> => {
          if (isAsync) return Promise.reject(error);
          throw error;
        };
        await way.with({ upgrade, serverError: (fault) => told.push(fault) }, async ({ call }) => {
          const answer = await (await call()).answer();
          assert.is(answer.httpStatus, httpStatus);
          assert.is(answer.body, httpStatus === 401 ? "log in first\n" : "");
          assert.equal(told, httpStatus === 401 ? [] : [other]);
        });
      }
    }
  });

  const wrong: readonly (readonly [what: string, decision: unknown])[] = [
    ["a misspelt name", { header: {} }],
    ["a name of both kinds", { httpStatus: 401, data: 1 }],
    ["an httpStatus of undefined", { httpStatus: undefined }],
    ["a status below 300", { httpStatus: 200 }],
    ["a status above 599", { httpStatus: 600 }],
    ["a body that is none", { httpStatus: 400, body: 5 }],
    ["a subprotocol that was not offered", { protocol: "chat" }],
    ["a subprotocol that is no string", { protocol: 7 }],
    ["a field of the handshake", { headers: { Upgrade: "x" } }],
    ["CR LF in a field of a refusal", { httpStatus: 401, headers: { "X-Own": "a\r\nSet-Cookie: b=c" } }],
    ["CR LF in the name of a field", { httpStatus: 401, headers: { "X-Own\r\nSet-Cookie": "b=c" } }],
    ["CR LF in an added field", { headers: { "X-Own": "a\r\nSet-Cookie: b=c" } }],
    ["true", true],
    ["false", false],
    ["null", null],
    ["an array", []],
    ["a Response", new Response("no", { status: 401 })],
    ["an Error that was not thrown", new Error("no")],
  ];
  test("what makes no sense is 500, told to serverError and never on the wire", async () => {
    for (const [what, decision] of wrong) {
      const told: { code?: string }[] = [];
      const options: ServerOptions = {
        upgrade: () => decision as UpgradeDecision,
        serverError: (error) => told.push(error as { code?: string }),
      };
      await way.with(options, async ({ call }) => {
        const { httpStatus, head } = await (await call()).answer();
        assert.is(httpStatus, 500, what);
        assert.not.match(head, /set-cookie|x-own/i, what);
        assert.is(told.length, 1, what);
        assert.match(String(told[0]!.code), /^WS_(OPTION|ARGUMENT)$/, what);
      });
    }
  });

  test("what arrives while it thinks is delivered after `open`, in order, however much it is", async () => {
    const decision = deferred<UpgradeDecision>();
    const events: string[] = [];
    let length = 0;
    const options: ServerOptions = {
      upgrade: () => decision.promise,
      open: () => void events.push("open"),
      message(_socket, data) {
        if (typeof data === "string") events.push(data);
        else length += data.length;
      },
    };
    await way.with(options, async ({ call }) => {
      const caller = await call({ frames: [clientFrame(1, "one")] });
      await turns();
      caller.send(clientFrame(1, "two"));
      await turns();
      for (let count = 0; count < 30; count++) caller.socket.write(clientFrame(2, filled(100_000, 1)));
      caller.send(clientFrame(1, "three"));
      await new Promise((resolve) => setTimeout(resolve, 30));
      assert.equal(events, []);
      decision.resolve(undefined);
      assert.is((await caller.answer()).httpStatus, way.accepted);
      await until(() => events.length === 4);
      assert.equal(events, ["open", "one", "two", "three"]);
      assert.is(length, 3_000_000);
    });
  });

  test("`pause` in `open` holds back what arrived meanwhile", async () => {
    const decision = deferred<UpgradeDecision>();
    const opened = deferred<Socket>();
    let length = 0;
    const options: ServerOptions = {
      upgrade: () => decision.promise,
      open(socket) {
        socket.pause();
        opened.resolve(socket);
      },
      message(_socket, data) {
        length += data.length;
      },
    };
    await way.with(options, async ({ call }) => {
      const caller = await call();
      for (let count = 0; count < 10; count++) caller.socket.write(clientFrame(2, filled(100_000, 1)));
      await new Promise((resolve) => setTimeout(resolve, 20));
      decision.resolve(undefined);
      const socket = await opened.promise;
      await new Promise((resolve) => setTimeout(resolve, 20));
      assert.is(length, 0);
      socket.resume();
      await until(() => length === 1_000_000);
    });
  });

  test("a client that goes away aborts the signal; what is decided then is dropped", async () => {
    for (const goAway of ["destroy", "end"] as const) {
      const asked = deferred<UpgradeOffer>();
      const decision = deferred<UpgradeDecision>();
      const told: unknown[] = [];
      const options: ServerOptions = {
        upgrade(_request, offer) {
          asked.resolve(offer);
          return decision.promise;
        },
        open: () => void told.push("open"),
        serverError: (error) => void told.push(error),
      };
      await way.with(options, async ({ server, call }) => {
        const caller = await call({ frames: [clientFrame(1, "x")] });
        const { signal } = await asked.promise;
        assert.is(signal.aborted, false);
        caller.socket[goAway]();
        await until(() => signal.aborted);
        decision.resolve({ httpStatus: 99 });
        await turns();
        assert.equal(told, []);
        assert.is(server.sockets.size, 0);
      });
    }
  });

  test("a signal that is first looked at when the client has gone is aborted", async () => {
    const asked = deferred<UpgradeOffer>();
    const decision = deferred<UpgradeDecision>();
    const options: ServerOptions = {
      upgrade(_request, offer) {
        asked.resolve(offer);
        return decision.promise;
      },
    };
    await way.with(options, async ({ server, call }) => {
      await call();
      const offer = await asked.promise;
      await server.close();
      assert.is(offer.signal.aborted, true);
      decision.resolve(undefined);
      await turns();
      assert.is(server.sockets.size, 0);
    });
  });

  test("handshakeTimeoutMs is the time for the head: the handler may take longer", async () => {
    const timers = new FakeTimers();
    const asked = deferred();
    const decision = deferred<UpgradeDecision>();
    const options: ServerOptions = {
      clock: new Clock(timers),
      handshakeTimeoutMs: 1000,
      upgrade() {
        asked.resolve();
        return decision.promise;
      },
    };
    await way.with(options, async ({ call }) => {
      const caller = await call();
      await asked.promise;
      timers.advance(60_000);
      await turns();
      assert.is(caller.isClosed, false);
      decision.resolve(undefined);
      assert.is((await caller.answer()).httpStatus, way.accepted);
    });
  });

  test.run();
}
