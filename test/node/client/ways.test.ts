// Ways to a server that Node has: a Unix socket, an agent, a proxy by way of an agent.

import { Agent, createServer as createHttpServer, type IncomingMessage, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, type RequestOptions } from "node:https";
import { type AddressInfo, connect as connectNet } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Clock, connect } from "../../../bindings/node/index.ts";
import { sameOctets } from "../../support/assertions.ts";
import { cert, key } from "../../support/certificate.ts";
import { Random } from "../../support/octets.ts";
import { deferred, FakeTimers, turns, until, withServer } from "../support.ts";
import {
  acceptAll,
  acceptance,
  drained,
  fieldOf,
  headOf,
  refusal,
  serverFrame,
  withPath,
  withRawServer,
} from "./support.ts";

const test = suite("client ways");
const tls = { key, cert };

for (const way of ["direct", "agent"] as const) {
  test(`socketPath leads to a Unix socket, and the URL says Host and target / ${way}`, async () => {
    await withPath(async (path) => {
      await withRawServer(
        acceptAll,
        async ({ peer }) => {
          const agent = way === "agent" ? new Agent() : undefined;
          const socket = await connect("ws://named.example:81/path", { socketPath: path, agent });
          const request = await (await peer()).request();
          assert.is(request.line, "GET /path HTTP/1.1");
          assert.is(fieldOf(request, "host"), "named.example:81");
          socket.terminate();
        },
        { path },
      );
    });
  });

  test(`socketPath leads to TLS for wss, and the URL's name is verified / ${way}`, async () => {
    await withPath(async (path) => {
      await withRawServer(
        acceptAll,
        async () => {
          const agent = way === "agent" ? new HttpsAgent() : undefined;
          const options = { socketPath: path, agent, tls: { ca: cert } };
          const socket = await connect("wss://localhost/", options);
          assert.is(socket.readyState, 1);
          socket.terminate();
          const error = await refusal(connect("wss://example.org/", options));
          assert.is(error.code, "ERR_TLS_CERT_ALTNAME_INVALID");
          await turns();
        },
        { path, tls },
      );
    });
  });
}

test("nobody listens on socketPath: the platform's error", async () => {
  await withPath(async (path) => assert.is((await refusal(connect("ws://a/", { socketPath: path }))).code, "ENOENT"));
});

test("an agent asks with the same fields, gives its connection away, and gets none back", async () => {
  await withRawServer(
    (peer) => peer.accept({ "Sec-WebSocket-Protocol": "a" }, serverFrame(1, "one"), serverFrame(1, "two")),
    async ({ url, port, peer }) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const order: unknown[] = [];
      const socket = await connect(`${url}/p?q`, {
        agent,
        protocols: ["a"],
        headers: [["X-One", "1"]],
        open: (_socket, response) => order.push(`open ${response.httpStatus} ${response.headers.get("upgrade")}`),
        message: (_socket, data) => order.push(data),
      });
      const { line, fields } = await (await peer()).request();
      assert.is(line, "GET /p?q HTTP/1.1");
      assert.equal(fields, [
        `Host: 127.0.0.1:${port}`,
        "Upgrade: websocket",
        "Connection: Upgrade",
        `Sec-WebSocket-Key: ${fieldOf({ line, fields }, "sec-websocket-key")}`,
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Protocol: a",
        "X-One: 1",
      ]);
      await until(() => order.length === 3);
      assert.equal(order, ["open 101 websocket", "one", "two"]);
      assert.is(socket.protocol, "a");
      const second = await connect(url, { agent, protocols: "a" }); // maxSockets 1: the first is no longer the agent's
      for (const one of [socket, second]) one.terminate();
      await until(() => Object.keys(agent.sockets).length + Object.keys(agent.freeSockets).length === 0);
    },
  );
});

test("an agent of https takes the tls options, and large messages go each way", async () => {
  await withRawServer(
    async (peer) => {
      await peer.accept();
      const [frame] = await peer.frameCount(1);
      peer.send(serverFrame(2, frame!.payload));
    },
    async ({ url }) => {
      assert.is((await refusal(connect(url, { agent: new HttpsAgent() }))).code, "DEPTH_ZERO_SELF_SIGNED_CERT");
      const socket = await connect(url, { agent: new HttpsAgent(), tls: { ca: cert } });
      const payload = new Random(2).octets(2 ** 21);
      socket.send(payload);
      const { value } = await socket[Symbol.asyncIterator]().next();
      sameOctets(value as Uint8Array, payload, () => "the echo");
      socket.terminate();
    },
    { tls },
  );
});

test("an agent that does not fit the URL rejects the promise, and leaves nothing", async () => {
  for (const [url, agent] of [
    ["wss://127.0.0.1:9", new Agent()],
    ["ws://127.0.0.1:9", new HttpsAgent()],
  ] as const) {
    const timers = new FakeTimers();
    const error = await refusal(connect(url, { agent, clock: new Clock(timers) }));
    assert.is(error.code, "ERR_INVALID_PROTOCOL");
    assert.is(timers.runningCount, 0);
  }
});

test("redirections are followed through an agent", async () => {
  await withRawServer(
    async (peer, index) => {
      if (index === 1) return void (await peer.accept());
      await peer.request();
      peer.send(headOf("HTTP/1.1 302 Elsewhere", "Content-Length: 0", "Location: /b"));
    },
    async ({ url, peer }) => {
      const socket = await connect(url, { agent: new Agent({ keepAlive: true }), maxRedirects: 1 });
      assert.is((await (await peer(1)).request()).line, "GET /b HTTP/1.1");
      socket.terminate();
    },
  );
});

/** A proxy that serves CONNECT, and what was asked of it. */
async function withProxy(use: (port: number, asked: string[]) => Promise<void>): Promise<void> {
  const asked: string[] = [];
  const ends: Duplex[] = [];
  const proxy = createHttpServer();
  proxy.on("connect", ({ url }: IncomingMessage, near: Duplex) => {
    asked.push(url!);
    const [host, port] = url!.split(":");
    const far = connectNet(Number(port), host!, () => {
      near.write(headOf("HTTP/1.1 200 Connection Established"));
      near.on("error", () => far.destroy()).pipe(far);
      far.on("error", () => near.destroy()).pipe(near);
    });
    ends.push(near, far);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  try {
    await use((proxy.address() as AddressInfo).port, asked);
  } finally {
    for (const end of ends) end.destroy();
    await new Promise((resolve) => proxy.close(resolve));
  }
}

/** An agent as proxies' packages make them: its connections begin with CONNECT. */
class ProxyAgent extends HttpsAgent {
  private readonly port: number;

  constructor(port: number) {
    super();
    this.port = port;
  }

  override createConnection(
    { host, port }: RequestOptions,
    created?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const asking = requestHttp({ host: "127.0.0.1", port: this.port, method: "CONNECT", path: `${host}:${port}` });
    asking.on("connect", (_answer, socket) => created!(null, connectTls({ socket, host: host!, ca: cert })));
    asking.end();
  }
}

test("an agent leads through a proxy by CONNECT, and TLS goes through it to the server", async () => {
  await withRawServer(
    (peer) => peer.accept({}, serverFrame(1, "through")),
    async ({ url, port }) => {
      await withProxy(async (proxyPort, asked) => {
        const socket = await connect(url, { agent: new ProxyAgent(proxyPort) });
        assert.is((await socket[Symbol.asyncIterator]().next()).value, "through");
        assert.equal(asked, [`127.0.0.1:${port}`]);
        socket.terminate();
      });
    },
    { tls },
  );
});

test("through an agent, the closing handshake ends as it should, and the code arrives (§7.1.1)", async () => {
  await withServer({ message: (socket, data) => void socket.send(data) }, async ({ url }) => {
    const closed = deferred<number>();
    const socket = await connect(url, { agent: new Agent(), close: (_socket, code) => closed.resolve(code) });
    socket.send("x");
    const rest = drained(socket);
    await turns();
    socket.close(4001);
    assert.is(await closed.promise, 4001);
    const { messages, error } = await rest;
    assert.equal(messages, ["x"]);
    assert.is(error, undefined);
  });
});

test("frames behind an interim answer and the 101 arrive through an agent", async () => {
  await withRawServer(
    async (peer) => {
      const request = await peer.request();
      peer.send(headOf("HTTP/1.1 103 Early Hints"), acceptance(request), serverFrame(1, "x"));
    },
    async ({ url }) => {
      const socket = await connect(url, { agent: new Agent() });
      assert.is((await socket[Symbol.asyncIterator]().next()).value, "x");
      socket.terminate();
    },
  );
});

test.run();
