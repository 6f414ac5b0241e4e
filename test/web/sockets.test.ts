// wsimd/web over TCP of whatever runs this: Deno's conns, and Node's sockets as pairs of streams, in Bun too. The other side is
// the package ws, and bare sockets.

import { once } from "node:events";
import * as net from "node:net";
import * as assert from "uvu/assert";
import {
  connect,
  createServer,
  endpoint,
  type Server,
  type ServerOptions,
  WebSocketStream,
} from "../../bindings/web/index.ts";
import { concat, filled, hex } from "../support/octets.ts";
import { dialPair, listenPairs } from "../support/web-sockets.ts";
import { ws } from "../support/ws.ts";
import { clientFrame, Ending, kernelNames, rejection, request, until, webSuite } from "./support.ts";

/** Runs a server for as long as `use` takes. */
async function withServer(
  options: ServerOptions<unknown>,
  use: (running: { readonly server: Server<unknown>; readonly url: string; readonly port: number }) => Promise<void>,
): Promise<void> {
  const server = createServer(options);
  const over: Promise<void>[] = [];
  const { url, close } = await listenPairs((pair, remoteAddress) => over.push(server.serve(pair, { remoteAddress })));
  try {
    await use({ server, url, port: Number(new URL(url).port) });
  } finally {
    close();
    for (const socket of server.sockets) socket.terminate();
    await server.close();
    await Promise.all(over);
  }
}

/** Runs ws's server, which echoes, for as long as `use` takes. */
async function withWs(use: (url: string) => Promise<void>): Promise<void> {
  const server = new ws.WebSocketServer({ port: 0, host: "127.0.0.1" });
  server.on("connection", (socket) => {
    socket.on("message", (data, isBinary) => {
      if (!isBinary && String(data) === "vanish") socket.terminate();
      else socket.send(data, { binary: isBinary });
    });
  });
  await once(server, "listening");
  try {
    await use(`ws://127.0.0.1:${(server.address() as net.AddressInfo).port}`);
  } finally {
    for (const socket of server.clients) socket.terminate();
    server.close();
    await once(server, "close");
  }
}

/** A bare socket, and what came on it. */
async function bare(port: number): Promise<{ readonly socket: net.Socket; received(): Buffer; hasEnded(): boolean }> {
  const socket = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  const chunks: Buffer[] = [];
  let hasEnded = false;
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("end", () => {
    hasEnded = true;
  });
  socket.on("error", () => {});
  await once(socket, "connect");
  return { socket, received: () => Buffer.concat(chunks), hasEnded: () => hasEnded };
}

const echo: ServerOptions<unknown> = {
  message: (socket, data, isBinary) => void socket.send(data, { binary: isBinary }),
};

for (const kernel of kernelNames) {
  const test = webSuite("sockets", kernel);

  test("ws's clients are served, many at a time", async () => {
    const addresses = new Set<unknown>();
    await withServer({ ...echo, open: ({ remoteAddress }) => void addresses.add(remoteAddress) }, async ({ url }) => {
      const converse = async (index: number): Promise<void> => {
        const client = new ws.WebSocket(url);
        await once(client, "open");
        const payload = Buffer.alloc(index * 20_000, index);
        client.send(payload);
        const [data] = (await once(client, "message")) as [Buffer];
        assert.ok(data.equals(payload));
        client.close(4000 + index, "bye");
        assert.is((await once(client, "close"))[0], 4000 + index);
      };
      await Promise.all(Array.from({ length: 20 }, (_, index) => converse(index)));
    });
    assert.equal([...addresses], ["127.0.0.1"]);
  });

  test("a client echoes with ws's server, and closes with it", async () => {
    await withWs(async (url) => {
      const socket = await connect(url, dialPair);
      const sent = ["é語😀", "", "x".repeat(300_000)];
      for (const text of sent) socket.send(text);
      const received: unknown[] = [];
      for await (const message of socket) {
        received.push(message);
        if (received.length === sent.length) socket.close(4000, "done");
      }
      assert.equal(received, sent);
      assert.equal(socket.closeReport!.received, { code: 4000, reason: "done" });
      assert.is(socket.closeReport!.error, undefined);
    });
  });

  test("a WebSocketStream does", async () => {
    await withWs(async (url) => {
      const stream = new WebSocketStream(url, { streams: dialPair });
      const { readable, writable } = await stream.opened;
      const writer = writable.getWriter();
      const reader = readable.getReader();
      await writer.write("hello");
      assert.is((await reader.read()).value, "hello");
      await writer.close();
      assert.equal(await stream.closed, { closeCode: 1005, reason: "" });
      assert.is((await reader.read()).done, true);
    });
  });

  test("a peer that drops the connection: 1006, also while paused once something is sent", async () => {
    await withWs(async (url) => {
      const ending = new Ending();
      const socket = await connect(url, dialPair, { message() {}, close: ending.close });
      socket.send("vanish");
      await ending.told();
      assert.is(ending.code, 1006);
    });
    const ending = new Ending();
    await withServer({ message: (socket) => socket.pause(), close: ending.close }, async ({ server, port }) => {
      const { socket } = await bare(port);
      socket.write(concat(request(), clientFrame(1, "x")));
      await until(() => server.sockets.size === 1);
      const [served] = server.sockets;
      await until(() => served!.readyState === 1);
      socket.resetAndDestroy();
      await until(() => {
        served!.send(filled(1000, 1));
        return ending.code !== 0;
      });
      assert.is(ending.code, 1006);
    });
  });

  test("a connection fails while 4 MiB more come: the peer reads the code (§7.1.1)", async () => {
    await withServer({ message() {}, error() {} }, async ({ port }) => {
      const { socket, received, hasEnded } = await bare(port);
      socket.write(request());
      await until(() => received().includes("\r\n\r\n"));
      socket.write(hex("81 01 61")); // not masked
      for (let count = 0; count < 64; count++) socket.write(filled(65_536, 0));
      await until(hasEnded);
      assert.is(received().subarray(-4).toString("hex"), "880203ea");
      socket.destroy();
    });
  });

  test("a refusal is read to its end, and the connection closed", async () => {
    await withServer({}, async ({ port }) => {
      const { socket, received, hasEnded } = await bare(port);
      socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      await until(hasEnded);
      assert.match(received().toString(), /^HTTP\/1\.1 426 /);
      socket.end();
    });
  });

  test("a pair of streams that is always full keeps no socket waiting", async () => {
    const chunk = clientFrame(2, filled(1_048_576, 1));
    let turnCount = 0;
    let isDone = false;
    const readable = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          turnCount++;
          if (isDone || turnCount === 1000) controller.close();
          else controller.enqueue(chunk);
        },
      },
      { highWaterMark: 0 },
    );
    await withServer(echo, async ({ url }) => {
      const ending = new Ending();
      endpoint({ readable, writable: new WritableStream() }, { role: "server", message() {}, close: ending.close });
      const client = await connect(url, dialPair);
      client.send("0");
      for await (const message of client) {
        if (message === "9") client.close(1000);
        else client.send(String(Number(message) + 1));
      }
      isDone = true;
      await ending.told();
      assert.ok(turnCount < 300, `ten answers took ${turnCount} turns of the other`);
    });
  });

  test("frames from the first octet on, without a handshake", async () => {
    const sockets: Promise<void>[] = [];
    const { url, close } = await listenPairs((pair) => {
      const socket = endpoint(pair, { role: "server" });
      sockets.push(
        (async () => {
          for await (const message of socket) socket.send(message);
        })(),
      );
    });
    const client = endpoint(await dialPair({ hostname: "127.0.0.1", port: Number(new URL(url).port) }), {
      role: "client",
    });
    client.send("bare");
    for await (const message of client) {
      assert.is(message, "bare");
      client.close(1000);
    }
    await Promise.all(sockets);
    close();
  });

  test("nobody listens: connect() rejects with the runtime's own error", async () => {
    const { url, close } = await listenPairs(() => {});
    close();
    assert.match(String(await rejection(connect(url, dialPair))), /refused|reset/i); // Deno's closes a moment later
  });

  test.run();
}
