// The opening handshake of a client over real sockets: the request as it stands on the wire, and answers as servers cut them.

import { networkInterfaces } from "node:os";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HandshakeError } from "../../../bindings/index.ts";
import { connect, type Socket } from "../../../bindings/node/index.ts";
import { deferred, kernelNames, turns, until, withServer } from "../support.ts";
import {
  acceptAll,
  acceptance,
  connectOn,
  drained,
  fieldOf,
  headOf,
  refusal,
  serverFrame,
  withRawServer,
} from "./support.ts";

const test = suite("client opening");

test("the request is a GET with Host, Upgrade, Connection, a fresh key and version 13, and no more (§4.1)", async () => {
  await withRawServer(acceptAll, async ({ port, url, peer }) => {
    const keys = new Set<string>();
    for (const index of [0, 1]) {
      const socket = await connect(`${url}/chat/%20?room=1&x`);
      const { line, fields } = await (await peer(index)).request();
      const key = fieldOf({ line, fields }, "sec-websocket-key")!;
      assert.is(line, "GET /chat/%20?room=1&x HTTP/1.1");
      assert.equal(fields, [
        `Host: 127.0.0.1:${port}`,
        "Upgrade: websocket",
        "Connection: Upgrade",
        `Sec-WebSocket-Key: ${key}`,
        "Sec-WebSocket-Version: 13",
      ]);
      assert.is(Buffer.from(key, "base64").length, 16);
      keys.add(key);
      socket.terminate();
    }
    assert.is(keys.size, 2, "no two keys are the same");
  });
});

test("protocols, origin, headers and the URL's credentials stand in the request (§4.1, RFC 7617)", async () => {
  await withRawServer(acceptAll, async ({ port, peer }) => {
    const socket = await connect(`ws://us%20er:p%40ss@127.0.0.1:${port}/`, {
      protocols: ["b", "a"],
      origin: "https://example.com",
      headers: { Host: "example.org:81", "X-One": ["1", "2"], Cookie: "c=d" },
    });
    const request = await (await peer()).request();
    assert.is(fieldOf(request, "host"), "example.org:81");
    assert.is(fieldOf(request, "sec-websocket-protocol"), "b, a");
    assert.is(fieldOf(request, "origin"), "https://example.com");
    assert.is(fieldOf(request, "cookie"), "c=d");
    assert.is(fieldOf(request, "authorization"), `Basic ${Buffer.from("us er:p@ss").toString("base64")}`);
    assert.equal(
      request.fields.filter((line) => line.startsWith("X-One")),
      ["X-One: 1", "X-One: 2"],
    );
    socket.terminate();
  });
});

test("Authorization given in headers replaces the URL's credentials", async () => {
  await withRawServer(acceptAll, async ({ port, peer }) => {
    const socket = await connect(`ws://user:pass@127.0.0.1:${port}/`, { headers: { Authorization: "Bearer x" } });
    const { fields } = await (await peer()).request();
    assert.equal(
      fields.filter((line) => /^authorization/i.test(line)),
      ["Authorization: Bearer x"],
    );
    socket.terminate();
  });
});

for (const kernel of kernelNames) {
  test(`frames in the packet of the 101 arrive, after open and in order / ${kernel}`, async () => {
    const events: string[] = [];
    await withRawServer(
      (peer) => peer.accept({ "X-Served-By": "raw" }, serverFrame(1, "one"), serverFrame(2, "two")),
      async ({ url }) => {
        const both = deferred();
        const socket = await connectOn(kernel, url, {
          open(opened: Socket, response) {
            assert.is(response.httpStatus, 101);
            assert.is(response.headers.get("x-served-by"), "raw");
            assert.is(opened.readyState, 1);
            events.push("open");
          },
          message(_socket, data, isBinary) {
            events.push(isBinary ? `binary ${Buffer.from(data as Uint8Array)}` : `text ${data}`);
            if (events.length === 3) both.resolve();
          },
        });
        assert.is(events[0], "open", "before the promise resolves");
        await both.promise;
        assert.equal(events, ["open", "text one", "binary two"]);
        socket.terminate();
      },
    );
  });

  test(`frames in the packet of the 101 wait for a loop that begins later / ${kernel}`, async () => {
    await withRawServer(
      async (peer) => {
        await peer.accept({}, serverFrame(1, "one"), serverFrame(2, "two"), serverFrame(8));
        await peer.frameCount(1);
        peer.socket.end();
      },
      async ({ url }) => {
        const socket = await connectOn(kernel, url);
        await until(() => socket.readyState === 3);
        const { messages, error } = await drained(socket);
        assert.is(messages[0], "one");
        assert.is(Buffer.from(messages[1] as Uint8Array).toString(), "two");
        assert.is(messages.length, 2);
        assert.is(error, undefined);
      },
    );
  });
}

test("what open sends leaves, and what it throws fails the connection with 1011", async () => {
  await withRawServer(acceptAll, async ({ url, peer }) => {
    const errors: unknown[] = [];
    const boom = new Error("boom");
    const socket = await connect(url, {
      open(opened: Socket) {
        opened.send("first");
        throw boom;
      },
      error: (_socket, error) => errors.push(error),
    });
    const frames = await (await peer()).frameCount(2);
    assert.equal(
      frames.map(({ opcode }) => opcode),
      [1, 8],
    );
    assert.is(Buffer.from(frames[1]!.payload).readUInt16BE(), 1011);
    assert.equal(errors, [boom]);
    assert.is(socket.readyState, 2);
    socket.terminate();
  });
});

test("the answer's head may come an octet a packet (RFC 9112 §2)", async () => {
  await withRawServer(
    async (peer) => {
      const request = await peer.request();
      for (const octet of acceptance(request)) {
        peer.send(octet);
        await turns(1);
      }
      peer.send(serverFrame(1, "x"));
    },
    async ({ url }) => {
      const got = deferred<unknown>();
      const socket = await connect(url, { message: (_socket, data) => got.resolve(data) });
      assert.is(await got.promise, "x");
      socket.terminate();
    },
  );
});

test("interim answers before the 101 are passed over, however they are cut (RFC 9110 §15.2)", async () => {
  const interim = `${headOf("HTTP/1.1 100 Continue")}${headOf("HTTP/1.1 103 Early Hints", "Link: </a.css>")}`;
  for (const cut of [0, 10, 25, 40, interim.length]) {
    await withRawServer(
      async (peer) => {
        const answer = interim + acceptance(await peer.request());
        peer.send(answer.slice(0, cut));
        await turns();
        peer.send(answer.slice(cut));
      },
      async ({ url }) => {
        const socket = await connect(url);
        assert.is(socket.readyState, 1);
        socket.terminate();
      },
    );
  }
});

test("16 interim answers are passed over, the 17th is the answer (RFC 9110 §15.2)", async () => {
  for (const count of [16, 17]) {
    await withRawServer(
      async (peer) => {
        const request = await peer.request();
        peer.send(headOf("HTTP/1.1 103 Early Hints").repeat(count) + acceptance(request));
      },
      async ({ url }) => {
        if (count === 16) {
          (await connect(url)).terminate();
        } else {
          const error = (await refusal(connect(url))) as HandshakeError;
          assert.is(`${error.name} ${error.code} ${error.httpStatus}`, "HandshakeError WS_HANDSHAKE_STATUS 103");
        }
      },
    );
  }
});

test("http: is taken for ws:, as browsers do, and a URL object for its text", async () => {
  await withServer({}, async ({ port, server }) => {
    const sockets = [await connect(`http://127.0.0.1:${port}`), await connect(new URL(`ws://127.0.0.1:${port}/`))];
    assert.is(server.sockets.size, 2);
    for (const socket of sockets) socket.terminate();
    await until(() => server.sockets.size === 0);
  });
});

const hasIPv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === "::1"));

test("an IPv6 address stands in brackets in the URL and in Host alone (RFC 3986 §3.2.2)", async () => {
  if (!hasIPv6) {
    // A machine without it tells at least where it was to go.
    assert.match((await refusal(connect("ws://[::1]:1/"))).message, / ::1:1\b/);
    return;
  }
  await withRawServer(
    acceptAll,
    async ({ port, url, peer }) => {
      const socket = await connect(url);
      assert.is(fieldOf(await (await peer()).request(), "host"), `[::1]:${port}`);
      assert.is(socket.remoteAddress, "::1");
      socket.terminate();
    },
    { host: "::1" },
  );
});

test("data is there in open; protocol is what was agreed, extensions are none", async () => {
  await withRawServer(
    (peer) => peer.accept({ "Sec-WebSocket-Protocol": "a" }),
    async ({ url }) => {
      const data = { name: "mine" };
      let inOpen: unknown;
      const socket = await connect(url, { data, protocols: ["b", "a"], open: (opened) => (inOpen = opened.data) });
      assert.is(inOpen, data);
      assert.is(socket.data, data);
      assert.is(socket.protocol, "a");
      assert.equal(socket.extensions, []);
      socket.terminate();
    },
  );
});

test("a server may choose none of the subprotocols asked for (§4.2.2)", async () => {
  await withRawServer(acceptAll, async ({ url }) => {
    const socket = await connect(url, { protocols: "a" });
    assert.is(socket.protocol, "");
    socket.terminate();
  });
});

test.run();
