// createServer of wsimd/web: serve() with pairs of streams, from the opening handshake to the end of the server.

import * as assert from "uvu/assert";
import { Clock, createServer, type Server, type ServerOptions, type Socket } from "../../bindings/web/index.ts";
import { concat, filled, utf8 } from "../support/octets.ts";
import {
  assertUsage,
  clientFrame,
  closePayload,
  codeOf,
  type End,
  Ending,
  ends,
  isSame,
  kernelNames,
  Peer,
  request,
  settled,
  Timers,
  until,
  webSuite,
} from "./support.ts";

/** A server and one peer whose opening handshake is done. */
async function opened(
  options: ServerOptions<unknown>,
): Promise<{ readonly server: Server<unknown>; readonly peer: Peer; readonly served: Promise<void> }> {
  const server = createServer(options);
  const [ours, theirs] = ends();
  const served = server.serve(ours);
  const peer = new Peer(theirs);
  await peer.send(request());
  assert.match(await peer.head(), /^HTTP\/1\.1 101 /);
  return { server, peer, served };
}

const echo = (socket: Socket<unknown>, data: string | Uint8Array, isBinary: boolean): void =>
  void socket.send(data, { binary: isBinary });

for (const kernel of kernelNames) {
  const test = webSuite("serve", kernel);

  test("accepts a handshake and echoes; serve() resolves when `close` was told (§4.2.2)", async () => {
    const ending = new Ending();
    const { server, peer, served } = await opened({ message: echo, close: ending.close });
    assert.match(peer.text, /^Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r$/m);
    assert.is(server.sockets.size, 1);
    await peer.send(clientFrame(1, "é語😀"), clientFrame(2, filled(70_000, 7)), clientFrame(9, "?"));
    const [text, binary, pong] = await peer.frameCount(3);
    assert.equal(text, { opcode: 1, payload: utf8("é語😀") });
    assert.ok(binary!.opcode === 2 && isSame(binary!.payload, filled(70_000, 7)));
    assert.equal(pong, { opcode: 10, payload: utf8("?") });
    await peer.send(clientFrame(8, closePayload(4001, "bye")));
    assert.is(codeOf((await peer.frameCount(4))[3]!), 4001);
    await until(() => peer.hasEnded);
    await peer.end();
    await served;
    assert.equal([ending.code, ending.reason, server.sockets.size], [4001, "bye", 0]);
  });

  test("a request in single octets, and frames in its own chunk", async () => {
    const texts: unknown[] = [];
    const server = createServer({ message: (_socket, data) => void texts.push(data) });
    const [ours, theirs] = ends();
    void server.serve(ours);
    const peer = new Peer(theirs);
    for (const octet of request()) await peer.send(Uint8Array.of(octet));
    await peer.head();
    const [others, andTheirs] = ends();
    void server.serve(others);
    const second = new Peer(andTheirs);
    await second.send(concat(request(), clientFrame(1, "not waited"), clientFrame(1, "x".repeat(600_000))));
    await until(() => texts.length === 2);
    assert.equal(
      texts.map((text) => (text as string).length),
      [10, 600_000],
    );
    for (const socket of server.sockets) socket.terminate();
    await server.close();
    await until(() => peer.isOver && second.isOver);
  });

  test("what is known of the streams reaches the application, and decides whose page may connect", async () => {
    const offers: unknown[] = [];
    const server = createServer({
      upgrade: (head, { remoteAddress, origin }) => void offers.push([head.target, remoteAddress, origin]),
      open: ({ remoteAddress }) => void offers.push(remoteAddress),
    });
    const ask = async (origin: string, from?: object): Promise<string> => {
      const [ours, theirs] = ends();
      void server.serve(ours, from);
      const peer = new Peer(theirs);
      await peer.send(request(`Origin: ${origin}\r\n`));
      const head = await peer.head();
      await peer.vanish();
      return head.slice(9, 12);
    };
    assert.is(await ask("https://server.example", { secure: true, remoteAddress: "192.0.2.7" }), "101");
    assert.equal(offers, [["/chat", "192.0.2.7", "https://server.example"], "192.0.2.7"]);
    assert.is(await ask("http://server.example"), "101");
    assert.is(await ask("http://server.example:81"), "403");
    await server.close();
  });

  test("`upgrade` may take its time; `request` answers what is no handshake", async () => {
    let accept!: () => void;
    const server = createServer<string>({
      protocols: ["a", "b"],
      upgrade: () =>
        new Promise((resolve) => {
          accept = () => resolve({ data: "mine" });
        }),
      open: (socket) => void socket.send(`${socket.data} ${socket.protocol}`),
      request: ({ target }) => ({ httpStatus: 200, body: `you asked for ${target}` }),
    });
    const [ours, theirs] = ends();
    const served = server.serve(ours);
    const peer = new Peer(theirs);
    await peer.send(request("Sec-WebSocket-Protocol: b, c\r\n"));
    await settled();
    assert.is(peer.received.length, 0);
    accept();
    await peer.head();
    assert.equal((await peer.frameCount(1))[0]!.payload, utf8("mine b"));
    await peer.vanish();
    await served;

    const [plain, theirPlain] = ends();
    const servedPlain = server.serve(plain);
    const asking = new Peer(theirPlain);
    await asking.send(utf8("GET /news HTTP/1.1\r\nHost: server.example\r\n\r\n"));
    await until(() => asking.hasEnded);
    assert.match(asking.text, /^HTTP\/1\.1 200 [\s\S]*\r\n\r\nyou asked for \/news$/);
    await asking.end();
    await servedPlain;
  });

  test("what is no HTTP gets 400, and the end", async () => {
    const server = createServer({});
    const [ours, theirs] = ends();
    const served = server.serve(ours);
    const peer = new Peer(theirs);
    await peer.send(utf8("HELO mail.example\r\n\r\n"));
    await until(() => peer.hasEnded);
    assert.match(peer.text, /^HTTP\/1\.1 400 /);
    await peer.end();
    await served;
  });

  test("iterated over, a socket ends its loop with the connection", async () => {
    const texts: unknown[] = [];
    const { peer, served } = await opened({
      async open(socket) {
        for await (const message of socket) texts.push(message);
        texts.push("over");
      },
    });
    await peer.send(clientFrame(1, "a"), clientFrame(1, "b"), clientFrame(8, closePayload(1000)));
    await peer.end();
    await served;
    await settled();
    assert.equal(texts, ["a", "b", "over"]);
  });

  test("the peer breaks off in every state: serve() resolves, `close` is told once if `open` was", async () => {
    const told: string[] = [];
    const server = createServer({
      upgrade: (head) => (head.target === "/waits" ? new Promise<undefined>(() => {}) : undefined),
      open: () => void told.push("open"),
      close: (_socket, code) => void told.push(`close ${code}`),
    });
    for (const octets of [
      new Uint8Array(0),
      request().subarray(0, 30),
      request("", "GET /waits HTTP/1.1"),
      request("", "POST / HTTP/1.1"),
      request(),
      concat(request(), clientFrame(1, "half").subarray(0, 7)),
      concat(request(), clientFrame(8, closePayload(1000))),
    ]) {
      for (const how of ["vanish", "end"] as const) {
        const [ours, theirs] = ends();
        const served = server.serve(ours);
        const peer = new Peer(theirs);
        await peer.send(octets);
        await settled();
        if (how === "end") await peer.end();
        else await peer.vanish();
        await served;
      }
    }
    assert.equal(
      told,
      [1006, 1006, 1006, 1006, 1000, 1000].flatMap((code) => ["open", `close ${code}`]),
    );
    await server.close();
  });

  test("a stream that gives no octets is told to `serverError`, where no socket could be told", async () => {
    const errors: unknown[] = [];
    const server = createServer({ serverError: (error) => void errors.push(error) });
    const readable = new ReadableStream<unknown>({ start: (controller) => controller.enqueue("GET / HTTP/1.1") });
    await server.serve({ readable, writable: ends()[0].writable });
    assert.equal(errors.map(String), [
      "UsageError: a chunk of the stream must be a Uint8Array, an ArrayBuffer or a view of one",
    ]);
    const [ours, theirs] = ends();
    const served = server.serve(ours);
    await new Peer(theirs).vanish();
    await served;
    assert.is(errors.length, 1, "a peer that breaks off is no error of ours");
    const ending = new Ending();
    const told = createServer({ serverError: (error) => void errors.push(error), message() {}, close: ending.close });
    const chunks: unknown[] = [request(), "text"];
    const mixed = new ReadableStream<unknown>({ pull: (controller) => controller.enqueue(chunks.shift()) });
    await told.serve({ readable: mixed, writable: new WritableStream() });
    assert.equal([ending.code, errors.length], [1006, 1], "where there is a socket, its closeReport says it");
  });

  test("close() sends 1001, drops those on the way and those that do not answer in time, and resolves however often", async () => {
    const timers = new Timers();
    const clock = new Clock(timers);
    const ending = new Ending();
    const { server, peer, served } = await opened({ clock, closeTimeoutMs: 5000, message() {}, close: ending.close });
    const [ours, theirs] = ends();
    const servedSlow = server.serve(ours);
    const slow = new Peer(theirs);
    await slow.send(request().subarray(0, 10));
    let closedCount = 0;
    for (let calls = 0; calls < 2; calls++) void server.close().then(() => closedCount++);
    assert.is(codeOf((await peer.frameCount(1))[0]!), 1001);
    await servedSlow;
    await until(() => slow.isOver);
    await assertUsage(() => server.serve(ends()[0]), /the server is closed/);
    await settled();
    assert.is(closedCount, 0, "one has not answered");
    timers.advance(4999);
    await settled();
    assert.is(ending.code, 0);
    timers.advance(1);
    await served;
    await until(() => closedCount === 2);
    assert.is(ending.code, 1006);
    assert.is(timers.runningCount, 0, "nothing is left on the clock");
    await server.close();
  });

  test("handshakes and silence are timed by the clock given; none is left on it", async () => {
    const timers = new Timers();
    const clock = new Clock(timers);
    const ending = new Ending();
    const options = { clock, handshakeTimeoutMs: 3000, idleTimeoutMs: 60_000, message() {}, close: ending.close };
    const server = createServer(options);
    const [ours, theirs] = ends();
    const served = server.serve(ours);
    const slow = new Peer(theirs);
    await slow.send(utf8("GET / HTT"));
    assert.is(timers.runningCount, 1);
    timers.advance(2999);
    await settled();
    assert.is(slow.isOver, false);
    timers.advance(1);
    await served;
    assert.is(timers.runningCount, 0);

    const { peer } = await opened(options);
    timers.advance(30_000); // what came is noticed
    timers.advance(30_000);
    assert.is((await peer.frameCount(1))[0]!.opcode, 9);
    timers.advance(30_000);
    assert.is(codeOf((await peer.frameCount(2))[1]!), 1001);
    await peer.vanish();
    await ending.told();
    await until(() => timers.runningCount === 0);
  });

  test("without one, each connection has a clock of its own: no timer is shared, none is left", async () => {
    const { setInterval: set, clearInterval: clear } = globalThis;
    const running = new Set<unknown>();
    let startedCount = 0;
    globalThis.setInterval = ((...args: Parameters<typeof set>) => {
      startedCount++;
      const timer = set(...args);
      running.add(timer);
      return timer;
    }) as typeof set;
    globalThis.clearInterval = ((timer: Parameters<typeof clear>[0]) => {
      running.delete(timer);
      clear(timer);
    }) as typeof clear;
    try {
      const server = createServer({ message() {} });
      assert.is(startedCount, 0, "a server alone keeps no time");
      const peers = await Promise.all(
        [1, 2].map(async () => {
          const [ours, theirs] = ends();
          const served = server.serve(ours);
          const peer = new Peer(theirs);
          await peer.send(request());
          await peer.head();
          return { peer, served };
        }),
      );
      assert.is(running.size, 2);
      for (const { peer, served } of peers) {
        await peer.vanish();
        await served;
      }
      assert.is(running.size, 0);
    } finally {
      globalThis.setInterval = set;
      globalThis.clearInterval = clear;
    }
  });

  test("arguments that are wrong are refused at once, and the streams stay the caller's", async () => {
    const server = createServer({});
    const [ours] = ends();
    await assertUsage(() => server.serve(ours, { remoteAdress: "x" } as object), /remoteAdress/);
    await assertUsage(() => server.serve(ours, { secure: "yes" } as never), /secure must be true or false/);
    await assertUsage(() => server.serve({} as End), /a ReadableStream and a WritableStream/);
    await assertUsage(() => createServer({ mesage() {} } as never), /mesage/);
    await assertUsage(() => createServer({ clock: {} as Clock }), /clock must be a Clock/);
    await assertUsage(() => createServer({ perMessageDeflate: true }), /provider/);
    await server.close();
    await assertUsage(() => server.serve(ours), /closed/);
    assert.equal([ours.readable.locked, ours.writable.locked], [false, false]);
  });

  test.run();
}
