// Redirections: followed only where that is asked for, and what may not go to another host does not.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HandshakeError } from "../../../bindings/index.ts";
import { Clock, connect } from "../../../bindings/node/index.ts";
import { FakeTimers, turns, until } from "../support.ts";
import { fieldOf, headOf, type RawAccepted, type RawRequest, refusal, withRawServer } from "./support.ts";

const test = suite("client redirects");

/** Answers a redirection. */
async function redirect(peer: RawAccepted, location: string | undefined, status = 302): Promise<RawRequest> {
  const request = await peer.request();
  peer.send(
    headOf(
      `HTTP/1.1 ${status} Elsewhere`,
      "Content-Length: 0",
      ...(location === undefined ? [] : [`Location: ${location}`]),
    ),
  );
  return request;
}

/** Redirects the first connection, and accepts the others. */
const once =
  (location: string | undefined, status?: number) =>
  (peer: RawAccepted, index: number): Promise<RawRequest> =>
    index === 0 ? redirect(peer, location, status) : peer.accept();

for (const status of [301, 302, 303, 307, 308]) {
  test(`${status} is followed where maxRedirects allows it, and the old connection ends (RFC 9110 §15.4)`, async () => {
    await withRawServer(once("../b?c=d", status), async ({ url, peer }) => {
      const socket = await connect(`${url}/one/a`, { maxRedirects: 2 });
      assert.is((await (await peer(1)).request()).line, "GET /b?c=d HTTP/1.1");
      const first = await peer(0);
      await first.until(() => first.isEnded || first.isClosed);
      const keys = await Promise.all(
        [0, 1].map(async (index) => fieldOf(await (await peer(index)).request(), "sec-websocket-key")),
      );
      assert.is.not(keys[0], keys[1], "a key of its own (§4.1)");
      socket.terminate();
    });
  });
}

test("none is followed by default, nor 300, 304 and 305 ever", async () => {
  for (const [status, maxRedirects] of [
    [302, undefined],
    [302, 0],
    [300, 2],
    [304, 2],
    [305, 2],
  ] as const) {
    await withRawServer(once("/b", status), async ({ url, peers }) => {
      const error = await refusal(connect(url, { maxRedirects }));
      assert.is(`${error.code} ${error.httpStatus}`, `WS_HANDSHAKE_STATUS ${status}`);
      assert.is(peers.length, 1);
    });
  }
});

const secrets = { Authorization: "Bearer x", Cookie: "a=b", "Proxy-Authorization": "Basic y", Host: "named.example" };
const secretNames = ["authorization", "cookie", "proxy-authorization"];

test("Authorization, Cookie and Host go on to the same host", async () => {
  await withRawServer(once("/b#part"), async ({ url, peer }) => {
    const socket = await connect(url, { maxRedirects: 1, headers: { ...secrets, "X-Other": "1" } });
    const request = await (await peer(1)).request();
    for (const [name, value] of Object.entries(secrets)) assert.is(fieldOf(request, name.toLowerCase()), value, name);
    assert.is(fieldOf(request, "x-other"), "1");
    assert.is(request.line, "GET /b HTTP/1.1", "a fragment stays here (§3)");
    socket.terminate();
  });
});

test("another port, and another name of the same machine, get none of them", async () => {
  await withRawServer(
    (peer) => peer.accept(),
    async (other) => {
      for (const isName of [false, true]) {
        const count = other.peers.length;
        const headers = [...Object.entries(secrets), ["X-Other", "1"] as const];
        await withRawServer(once(isName ? `ws://localhost:${other.port}/` : `${other.url}/`), async ({ port }) => {
          const socket = await connect(`ws://user:pass@127.0.0.1:${port}`, { maxRedirects: 1, headers });
          const request = await (await other.peer(count)).request();
          for (const name of secretNames) assert.is(fieldOf(request, name), undefined, name);
          assert.is(fieldOf(request, "host"), `${isName ? "localhost" : "127.0.0.1"}:${other.port}`);
          assert.is(fieldOf(request, "x-other"), "1");
          socket.terminate();
        });
      }
    },
  );
});

let back = "";

test("a host that was left gets none of them back", async () => {
  await withRawServer(
    (peer) => redirect(peer, back),
    async (other) => {
      await withRawServer(once(`${other.url}/`), async ({ url, peer }) => {
        back = `${url}/again`;
        const socket = await connect(url, { maxRedirects: 2, headers: secrets });
        const request = await (await peer(1)).request();
        assert.is(request.line, "GET /again HTTP/1.1");
        for (const name of secretNames) assert.is(fieldOf(request, name), undefined, name);
        socket.terminate();
      });
    },
  );
});

test("the URL's credentials go on to the same host, unless Location has its own", async () => {
  for (const [own, location] of [
    [false, (_port: number) => "/b"],
    [false, (port: number) => `ws://127.0.0.1:${port}/b`],
    [true, (port: number) => `ws://other:word@127.0.0.1:${port}/`],
  ] as const) {
    let port = 0;
    const serve = (peer: RawAccepted, index: number): Promise<RawRequest> => once(location(port))(peer, index);
    await withRawServer(serve, async (server) => {
      port = server.port;
      const socket = await connect(`ws://us%20er:p%25@127.0.0.1:${port}/`, { maxRedirects: 1 });
      const found = fieldOf(await (await server.peer(1)).request(), "authorization");
      assert.is(found, `Basic ${Buffer.from(own ? "other:word" : "us er:p%").toString("base64")}`);
      socket.terminate();
    });
  }
});

test("headers that can be read once are sent again", async () => {
  await withRawServer(once("/b"), async ({ url, peer }) => {
    const headers = new Map([["X-Other", "1"]]).entries();
    const socket = await connect(url, { maxRedirects: 1, headers });
    assert.is(fieldOf(await (await peer(1)).request(), "x-other"), "1");
    socket.terminate();
  });
});

test("a Location that is missing, or leads to no WebSocket, is refused", async () => {
  for (const location of [
    undefined,
    "http://",
    "ws://a:99999/",
    "ftp://127.0.0.1/",
    "file:///etc/passwd",
    "javascript:0",
  ]) {
    await withRawServer(once(location), async ({ url, peers }) => {
      const error = await refusal(connect(url, { maxRedirects: 2 }));
      assert.is(`${error.name} ${error.code} ${error.httpStatus}`, "HandshakeError WS_HANDSHAKE_REDIRECT 302");
      assert.is(peers.length, 1);
    });
  }
});

test("a Location whose credentials cannot be sent is the server's fault, not the caller's (RFC 7617 §2)", async () => {
  for (const location of ["ws://a%3Ab:c@127.0.0.1/", "ws://a%ff:c@127.0.0.1/"]) {
    await withRawServer(once(location), async ({ url }) => {
      const error = await refusal(connect(url, { maxRedirects: 2 }));
      assert.instance(error, HandshakeError);
      assert.is(`${error.code} ${error.httpStatus}`, "WS_HANDSHAKE_REDIRECT 302");
    });
  }
});

test("a loop ends after maxRedirects", async () => {
  await withRawServer(
    (peer) => redirect(peer, "/"),
    async ({ url, peers }) => {
      const timers = new FakeTimers();
      const error = await refusal(connect(url, { maxRedirects: 3, clock: new Clock(timers) }));
      assert.is(`${error.code} ${error.httpStatus}`, "WS_HANDSHAKE_REDIRECT 302");
      assert.match(error.message, /after maxRedirects, 3$/);
      assert.is(peers.length, 4);
      assert.is(timers.runningCount, 0);
    },
  );
});

test("handshakeTimeoutMs bounds all redirections together, and a signal ends any of them", async () => {
  for (const isTimeout of [true, false]) {
    const timers = new FakeTimers();
    const serve = async (peer: RawAccepted, index: number): Promise<void> => {
      if (index === 3) return;
      await peer.request();
      timers.advance(800);
      await redirect(peer, "/");
    };
    await withRawServer(serve, async ({ url, peers, peer }) => {
      const controller = new AbortController();
      const options = {
        maxRedirects: 9,
        handshakeTimeoutMs: 3000,
        clock: new Clock(timers),
        signal: controller.signal,
      };
      const opening = refusal(connect(url, options));
      await until(() => peers.length === 4);
      await (await peer(3)).request();
      if (isTimeout) timers.advance(900);
      else controller.abort("enough");
      const error = await opening;
      assert.is(isTimeout ? error.code : error, isTimeout ? "WS_HANDSHAKE_TIMEOUT" : "enough");
      assert.is(timers.runningCount, 0);
      await (await peer(3)).ended();
      await turns();
    });
  }
});

test.run();
