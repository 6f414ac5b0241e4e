// The `connect` option: streams of the application's own, of every kind, and functions that make none.

import { connect as connectNet } from "node:net";
import { Duplex, PassThrough } from "node:stream";
import { connect as connectTls } from "node:tls";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { UsageError } from "../../../bindings/index.ts";
import { Clock, type ConnectOptions, connect, type DialTarget } from "../../../bindings/node/index.ts";
import { sameOctets } from "../../support/assertions.ts";
import { cert, key } from "../../support/certificate.ts";
import { Random } from "../../support/octets.ts";
import { deferred, FakeTimers, kernelNames, turns, until, withServer } from "../support.ts";
import { acceptAll, connectOn, fieldOf, refusal, withRawServer } from "./support.ts";

const test = suite("client dial");
const tls = { key, cert };

test("connect is told where to go, and its socket is used, connected or not", async () => {
  await withRawServer(acceptAll, async ({ port, peer }) => {
    const targets: Omit<DialTarget, "signal">[] = [];
    const ways: ConnectOptions["connect"][] = [
      () => connectNet(port, "127.0.0.1"),
      async () => connectNet(port, "127.0.0.1"),
      () =>
        new Promise((resolve) => {
          const raw = connectNet(port, "127.0.0.1", () => resolve(raw));
        }),
    ];
    for (const [index, way] of ways.entries()) {
      const socket = await connect("ws://[::1]:81/x", {
        connect(target) {
          const { signal, ...where } = target;
          assert.is(signal.aborted, false);
          targets.push(where);
          return way!(target);
        },
      });
      assert.is(fieldOf(await (await peer(index)).request(), "host"), "[::1]:81");
      socket.terminate();
    }
    for (const target of targets) assert.equal(target, { hostname: "::1", port: 81, secure: false });
  });
});

test("for wss a plain socket is wrapped, and the URL's name is verified; a TLS socket is taken as it is", async () => {
  await withRawServer(
    acceptAll,
    async ({ port, peers }) => {
      const raw = (): Duplex => connectNet(port, "127.0.0.1");
      const wrapped = await connect("wss://localhost/", { connect: raw, tls: { ca: cert } });
      assert.is(wrapped.readyState, 1);
      wrapped.terminate();
      const name = await refusal(connect("wss://example.org/", { connect: raw, tls: { ca: cert } }));
      assert.is(name.code, "ERR_TLS_CERT_ALTNAME_INVALID");
      const own = (): Duplex => connectTls({ port, host: "127.0.0.1", ca: cert });
      const taken = await connect("wss://example.org/", { connect: own });
      assert.is(taken.readyState, 1);
      taken.terminate();
      const refused = await refusal(
        connect("wss://example.org/", { connect: () => connectTls({ port, host: "127.0.0.1" }) }),
      );
      assert.is(refused.code, "DEPTH_ZERO_SELF_SIGNED_CERT");
      await turns();
      assert.is(peers.filter(({ received }) => received.length !== 0).length, 2);
    },
    { tls },
  );
});

test("a stream under TLS goes with it: closed when the connection is, or when TLS cannot begin", async () => {
  await withRawServer(
    acceptAll,
    async ({ port }) => {
      const made: Duplex[] = [];
      const raw = (): Duplex => {
        made.push(connectNet(port, "127.0.0.1"));
        return made[made.length - 1]!;
      };
      (await connect("wss://localhost/", { connect: raw, tls: { ca: cert } })).terminate();
      await refusal(connect("wss://localhost/", { connect: raw }));
      await refusal(connect("wss://localhost/", { connect: raw, tls: { minVersion: "TLSv9" as "TLSv1.2" } }));
      await until(() => made.every(({ destroyed }) => destroyed));
      assert.is(made.length, 3);
    },
    { tls },
  );
});

/** Two streams that are no sockets, each the other's end, whose octets stay where they were written until they are read. */
function joined(): [Duplex, Duplex] {
  const [there, back] = [new PassThrough(), new PassThrough()];
  return [Duplex.from({ readable: back, writable: there }), Duplex.from({ readable: there, writable: back })];
}

/** Carries octets between a stream and a server, slowly: whoever overwrites what a stream still has is found out. */
function carry(end: Duplex, port: number): void {
  const socket = connectNet(port, "127.0.0.1");
  socket.on("error", () => end.destroy()).on("data", (chunk) => end.write(chunk));
  socket.on("end", () => end.end());
  end.on("error", () => socket.destroy()).on("close", () => socket.destroy());
  void (async () => {
    for await (const chunk of end) {
      await turns(2);
      socket.write(chunk);
    }
    socket.end();
  })().catch(() => socket.destroy());
}

for (const kernel of kernelNames) {
  test(`4 MiB each way, and many small messages, through a stream that is no socket / ${kernel}`, async () => {
    await withServer({ message: (socket, data) => void socket.send(data) }, async ({ port }) => {
      const random = new Random(3);
      const sent = [
        random.octets(4 * 2 ** 20),
        ...Array.from({ length: 300 }, () => random.octets(random.below(9000))),
      ];
      const closed = deferred<number>();
      const [near, far] = joined();
      carry(far, port);
      const socket = await connectOn(kernel, "ws://a/", {
        connect: () => near,
        close: (_socket, code) => closed.resolve(code),
      });
      for (const [index, message] of sent.entries()) {
        socket.send(message);
        if (index % 20 === 0) await turns(1);
      }
      let index = 0;
      for await (const message of socket) {
        sameOctets(message as Uint8Array, sent[index]!, () => `message ${index}`);
        if (++index === sent.length) socket.close(1000);
      }
      assert.is(index, sent.length);
      assert.is(await closed.promise, 1000);
      await until(() => near.destroyed);
    });
  });
}

test("octets written to a stream that is no socket are the stream's: no later message is written over them", async () => {
  const held: Uint8Array[] = [];
  await withRawServer(acceptAll, async ({ port, peer }) => {
    const raw = connectNet(port, "127.0.0.1");
    const stream = new Duplex({
      read() {},
      write(chunk: Uint8Array, _encoding, done) {
        held.push(chunk); // it keeps them, and asks for more: a PassThrough does no other
        done();
      },
      destroy(error, done) {
        raw.destroy();
        done(error);
      },
    });
    raw.on("data", (chunk) => stream.push(chunk));
    const opening = connect("ws://a/", { connect: () => stream });
    await until(() => held.length === 1);
    raw.write(held.splice(0)[0]!);
    const socket = await opening;
    for (let count = 0; count < 50; count++) {
      socket.send(new Uint8Array(2000).fill(count));
      await turns(2);
    }
    assert.is(held.length, 50);
    for (const chunk of held) raw.write(chunk);
    const frames = await (await peer()).frameCount(50);
    frames.forEach(({ payload }, index) => {
      sameOctets(payload, new Uint8Array(2000).fill(index), () => `message ${index}`);
    });
    socket.terminate();
  });
});

test("a function that throws, or rejects, rejects the promise with its own error", async () => {
  const boom = new Error("boom");
  const ways: (() => never | Promise<never>)[] = [
    () => {
      throw boom;
    },
    () => Promise.reject(boom),
  ];
  for (const way of ways) {
    const timers = new FakeTimers();
    assert.is(await refusal(connect("ws://a/", { connect: way, clock: new Clock(timers) })), boom);
    assert.is(timers.runningCount, 0);
  }
});

test("a function that returns no stream is the caller's mistake", async () => {
  for (const made of [undefined, null, 1, "socket", {}, new EventTarget()]) {
    for (const result of [made, Promise.resolve(made)]) {
      const error = await refusal(connect("ws://a/", { connect: () => result as Duplex }));
      assert.instance(error, UsageError);
      assert.match(error.message, /the result of connect must be a stream/);
    }
  }
});

test("a stream that is destroyed already is refused at once", async () => {
  const timers = new FakeTimers();
  const stream = new PassThrough();
  stream.destroy();
  await turns();
  const error = await refusal(connect("ws://a/", { connect: () => stream, clock: new Clock(timers) }));
  assert.is(error.code, "WS_HANDSHAKE_INCOMPLETE");
  assert.is(timers.runningCount, 0);
});

test("a promise that never settles is given up in time: its signal is aborted, and a late stream is destroyed", async () => {
  for (const isTimeout of [true, false]) {
    const timers = new FakeTimers();
    const made = deferred<Duplex>();
    const controller = new AbortController();
    let signal: AbortSignal | undefined;
    const opening = refusal(
      connect(isTimeout ? "ws://a/" : "wss://a/", {
        clock: new Clock(timers),
        signal: controller.signal,
        connect(target) {
          signal = target.signal;
          return made.promise;
        },
      }),
    );
    await turns();
    assert.is(signal!.aborted, false);
    if (isTimeout) timers.advance(11_000);
    else controller.abort("enough");
    const error = await opening;
    assert.is(isTimeout ? error.code : error, isTimeout ? "WS_HANDSHAKE_TIMEOUT" : "enough");
    assert.is(signal!.aborted, true);
    assert.is(timers.runningCount, 0);
    const [near, far] = joined();
    const reached: Buffer[] = [];
    far.on("data", (chunk) => reached.push(chunk)).on("error", () => {});
    near.on("error", () => {});
    made.resolve(near);
    await until(() => near.destroyed);
    assert.is(reached.length, 0, "nothing is written to it");
    far.destroy();
  }
});

test("a socket of the application's own is sent without delay, too", async () => {
  await withRawServer(acceptAll, async ({ port }) => {
    const raw = connectNet(port, "127.0.0.1");
    const asked: unknown[] = [];
    const { setNoDelay } = raw;
    raw.setNoDelay = (value) => {
      asked.push(value);
      return setNoDelay.call(raw, value);
    };
    (await connect("ws://a/", { connect: () => raw })).terminate();
    assert.equal(asked, [true]);
  });
});

test("a stream that was paused is read, and one that does not tell of its end is forgotten", async () => {
  await withRawServer(acceptAll, async ({ port, peer }) => {
    const paused = connectNet(port, "127.0.0.1").pause();
    const socket = await connect("ws://a/", { connect: () => paused });
    const timers = new FakeTimers();
    (await peer()).destroy();
    socket.terminate();
    const raw = connectNet(port, "127.0.0.1");
    const silent = new Duplex({
      emitClose: false,
      read() {},
      write: (chunk, _encoding, done) => void raw.write(chunk, done),
      destroy: (error, done) => done(error),
    });
    raw.on("data", (chunk) => silent.push(chunk));
    const mute = await connect("ws://a/", { connect: () => silent, clock: new Clock(timers) });
    assert.is(timers.runningCount, 1);
    mute.terminate();
    await turns();
    timers.advance(2000);
    assert.is(timers.runningCount, 0);
    raw.destroy();
  });
});

test.run();
