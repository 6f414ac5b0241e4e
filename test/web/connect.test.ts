// connect() of wsimd/web: over a pair of streams, and over one that a function makes, in time or not.

import * as assert from "uvu/assert";
import { Clock, connect, createServer, type DialTarget } from "../../bindings/web/index.ts";
import { concat, utf8 } from "../support/octets.ts";
import {
  assertUsage,
  type End,
  Ending,
  ends,
  kernelNames,
  Peer,
  rejection,
  serverFrame,
  settled,
  Timers,
  until,
  webSuite,
} from "./support.ts";

/** The answer to a request, with a key that is not known before. RFC 6455 §4.2.2. */
async function answerTo(peer: Peer): Promise<string> {
  const head = await peer.head();
  const [, key] = /^Sec-WebSocket-Key: (.*)\r$/m.exec(head)!;
  const octets = utf8(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-1", octets));
  const accept = btoa(String.fromCharCode(...digest));
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
}

const url = "ws://server.example/chat?x=1";

for (const kernel of kernelNames) {
  const test = webSuite("connect", kernel);

  test("talks with a server of serve(), both ways", async () => {
    const server = createServer({
      protocols: ["chat"],
      message: (socket, data, isBinary) => void socket.send(data, { binary: isBinary }),
    });
    const [ours, theirs] = ends();
    const served = server.serve(theirs);
    const opened: unknown[] = [];
    const socket = await connect<number>(url, ours, {
      protocols: ["chat", "other"],
      data: 7,
      open: ({ data, protocol }, { httpStatus }) => void opened.push(data, protocol, httpStatus),
    });
    assert.equal(opened, [7, "chat", 101]);
    socket.send("é語😀".repeat(10_000));
    socket.send(Uint8Array.of(1, 2, 3));
    const received: unknown[] = [];
    for await (const message of socket) {
      received.push(typeof message === "string" ? message : [...message]);
      if (received.length === 2) socket.close(1000, "done");
    }
    assert.equal(received, ["é語😀".repeat(10_000), [1, 2, 3]]);
    assert.equal(socket.closeReport!.received, { code: 1000, reason: "" });
    await served;
    assert.is(socket.closeReport!.error, undefined);
  });

  test("a function is told where to go, and makes the streams", async () => {
    const targets: DialTarget[] = [];
    const at = async (where: string): Promise<string> => {
      const [ours, theirs] = ends();
      const peer = new Peer(theirs);
      const connecting = connect(where, (target) => {
        targets.push(target);
        return ours;
      });
      const head = await peer.head();
      await peer.send(utf8(await answerTo(peer)));
      (await connecting).terminate();
      return head.slice(0, head.indexOf("\r\nUpgrade"));
    };
    assert.is(await at("ws://server.example/chat?x=1"), "GET /chat?x=1 HTTP/1.1\r\nHost: server.example");
    assert.is(await at("https://[::1]:8443/"), "GET / HTTP/1.1\r\nHost: [::1]:8443");
    const [plain, secure] = targets;
    assert.equal([plain!.hostname, plain!.port, plain!.secure], ["server.example", 80, false]);
    assert.equal([secure!.hostname, secure!.port, secure!.secure], ["::1", 8443, true]);
    assert.is(plain!.signal.aborted, false);
  });

  test("what comes with the answer is not lost, in one chunk that passes the region or octet by octet", async () => {
    for (const length of [10, 700_000]) {
      const [ours, theirs] = ends();
      const peer = new Peer(theirs);
      const texts: string[] = [];
      const order: string[] = [];
      const connecting = connect(url, ours, {
        open: () => void order.push("open"),
        message(_socket, data) {
          order.push("message");
          texts.push(data as string);
        },
      });
      const octets = concat(
        utf8(await answerTo(peer)),
        serverFrame(1, "x".repeat(length)),
        serverFrame(1, "y".repeat(length)),
        serverFrame(1, "z"),
      );
      if (length === 10) for (const octet of octets) await peer.send(Uint8Array.of(octet));
      else await peer.send(octets);
      const socket = await connecting;
      await until(() => texts.length === 3);
      assert.equal(
        texts.map((text) => [text[0], text.length]),
        [
          ["x", length],
          ["y", length],
          ["z", 1],
        ],
      );
      assert.is(order[0], "open");
      socket.terminate();
    }
  });

  test("an `open` that pauses has nothing delivered", async () => {
    const [ours, theirs] = ends();
    const peer = new Peer(theirs);
    let count = 0;
    const connecting = connect(url, ours, { open: (socket) => socket.pause(), message: () => void count++ });
    await peer.send(concat(utf8(await answerTo(peer)), serverFrame(1, "a"), serverFrame(1, "x".repeat(400_000))));
    const socket = await connecting;
    await settled();
    assert.is(count, 0);
    socket.resume();
    await until(() => count === 2);
    socket.terminate();
  });

  test("interim answers are passed over, in the chunk of the answer or not (RFC 9110 §15.2)", async () => {
    const [ours, theirs] = ends();
    const peer = new Peer(theirs);
    const connecting = connect(url, ours);
    const answer = await answerTo(peer);
    await peer.send(utf8("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 100 Con"), utf8(`tinue\r\n\r\n${answer}`));
    (await connecting).terminate();
  });

  const wrong: Record<string, (answer: string) => string> = {
    WS_HANDSHAKE_STATUS: () => "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
    WS_HANDSHAKE_ACCEPT: (answer) => answer.replace(/Accept: ./, "Accept: -"),
    WS_HANDSHAKE_HEAD_TOO_LONG: (answer) => answer.replace("\r\n", `\r\nX: ${"x".repeat(20_000)}\r\n`),
  };
  for (const [code, change] of Object.entries(wrong)) {
    test(`an answer that is wrong rejects, and closes the streams: ${code}`, async () => {
      const [ours, theirs] = ends();
      const peer = new Peer(theirs);
      const connecting = rejection(connect(url, ours));
      await peer.send(utf8(change(await answerTo(peer)))).catch(() => {});
      const error = await connecting;
      assert.equal([error.name, error.code], ["HandshakeError", code]);
      await until(() => peer.isOver);
    });
  }

  test("streams that end, or break off, before there is an answer", async () => {
    for (const octets of ["", "HTTP/1.1 101 Swi"]) {
      const [ours, theirs] = ends();
      const peer = new Peer(theirs);
      const connecting = rejection(connect(url, ours));
      await peer.head();
      if (octets !== "") await peer.send(utf8(octets));
      await peer.end();
      assert.is((await connecting).code, "WS_HANDSHAKE_INCOMPLETE");
      await until(() => peer.isOver);
    }
    const [ours, theirs] = ends();
    const peer = new Peer(theirs);
    const connecting = rejection(connect(url, ours));
    const why = new Error("the cable");
    await peer.head();
    await peer.vanish(why);
    assert.is(await connecting, why);
  });

  test("streams that break off as the answer comes reject with their error, or close the socket with it", async () => {
    for (let tasks = 0; tasks < 6; tasks++) {
      const [ours, theirs] = ends();
      const peer = new Peer(theirs);
      const why = new Error("the cable");
      const ending = new Ending();
      const connecting = connect(url, ours, { message() {}, close: ending.close });
      const answer = await answerTo(peer);
      const sending = peer.send(utf8(answer));
      for (let task = 0; task < tasks; task++) await null;
      void peer.vanish(why);
      await sending.catch(() => {});
      const outcome = await connecting.catch((error: unknown) => error);
      if (outcome === why) continue;
      await ending.told();
      assert.is(ending.code, 1006);
    }
  });

  test("a function that fails: at once, later, with what is no pair, or with streams that are locked", async () => {
    const why = new Error("no such host");
    const fail = (): never => {
      throw why;
    };
    assert.is(await rejection(connect(url, fail)), why);
    assert.is(await rejection(connect(url, () => Promise.reject(why))), why);
    await assertUsage(() => connect(url, () => undefined as unknown as End), /a ReadableStream and a WritableStream/);
    await assertUsage(() => connect(url, async () => "x" as unknown as End), /a ReadableStream and a WritableStream/);
    const [ours] = ends();
    const writer = ours.writable.getWriter();
    await assertUsage(() => connect(url, async () => ours), /locked/);
    assert.is(ours.readable.locked, false);
    writer.releaseLock();
  });

  test("streams that come too late are closed; a late failure, and what is no pair, is nobody's", async () => {
    const late = async (outcome: "streams" | "rejection" | "garbage"): Promise<void> => {
      const timers = new Timers();
      const [ours, theirs] = ends();
      const peer = new Peer(theirs);
      let told: AbortSignal | undefined;
      let come!: (pair: End) => void;
      let fail!: (error: Error) => void;
      const dialled = new Promise<End>((resolve, reject) => {
        come = resolve;
        fail = reject;
      });
      const connecting = rejection(
        connect(
          url,
          ({ signal }) => {
            told = signal;
            return dialled;
          },
          { clock: new Clock(timers), handshakeTimeoutMs: 2000 },
        ),
      );
      timers.advance(1999);
      await settled();
      timers.advance(1);
      const error = await connecting;
      assert.is(error.code, "WS_HANDSHAKE_TIMEOUT");
      assert.is(timers.runningCount, 0);
      assert.is(told!.reason, error, "whoever makes the streams can stop");
      if (outcome === "streams") come(ours);
      else if (outcome === "garbage") come(7 as unknown as End);
      else fail(new Error("too late as well"));
      await settled();
      assert.is(peer.isOver, outcome === "streams");
    };
    for (const outcome of ["streams", "rejection", "garbage"] as const) await late(outcome);
  });

  test("an answer that never ends is given up when its time is over", async () => {
    const timers = new Timers();
    const [ours, theirs] = ends();
    const peer = new Peer(theirs);
    const connecting = rejection(connect(url, ours, { clock: new Clock(timers), handshakeTimeoutMs: 2000 }));
    await peer.head();
    await peer.send(utf8("HTTP/1.1 101 "));
    timers.advance(2000);
    assert.is((await connecting).code, "WS_HANDSHAKE_TIMEOUT");
    await until(() => peer.isOver);
  });

  test("the signal gives it up before, while streams are made and while an answer is waited for; not afterwards", async () => {
    const why = new Error("changed my mind");
    const before = new AbortController();
    before.abort(why);
    const [ours, theirs] = ends();
    const peer = new Peer(theirs);
    assert.is(await rejection(connect(url, ours, { signal: before.signal })), why);
    await until(() => peer.isOver);
    assert.is(peer.received.length, 0, "nothing was asked for, and the streams are closed");
    let dialCount = 0;
    const dial = (): Promise<End> => {
      dialCount++;
      return new Promise(() => {});
    };
    assert.is(await rejection(connect(url, dial, { signal: before.signal })), why);
    assert.is(dialCount, 0);

    const dialling = new AbortController();
    const first = rejection(connect(url, dial, { signal: dialling.signal }));
    dialling.abort(why);
    assert.is(await first, why);

    const waiting = new AbortController();
    const [second, answering] = ends();
    const other = new Peer(answering);
    const connecting = rejection(connect(url, second, { signal: waiting.signal }));
    await other.head();
    waiting.abort(why);
    assert.is(await connecting, why);
    await until(() => other.isOver);

    const late = new AbortController();
    const [third, last] = ends();
    const friend = new Peer(last);
    const opening = connect(url, third, { signal: late.signal });
    await friend.send(utf8(await answerTo(friend)));
    const socket = await opening;
    late.abort(why);
    await settled();
    assert.is(socket.readyState, 1);
    socket.terminate();
  });

  test("aborted as the answer comes, it rejects or is open, and never both", async () => {
    for (let tasks = 0; tasks < 12; tasks++) {
      const controller = new AbortController();
      const [ours, theirs] = ends();
      const peer = new Peer(theirs);
      const why = new Error("changed my mind");
      let openCount = 0;
      const connecting = connect(url, ours, { signal: controller.signal, open: () => void openCount++ });
      void peer.send(utf8(await answerTo(peer))).catch(() => {});
      for (let task = 0; task < tasks; task++) await null;
      const isEarly = openCount === 0;
      controller.abort(why);
      const outcome = await connecting.catch((error: unknown) => error);
      assert.is(outcome === why, isEarly, `after ${tasks} microtasks`);
      assert.is(openCount, isEarly ? 0 : 1);
      if (!isEarly) (outcome as { terminate(): void }).terminate();
      await until(() => peer.isOver);
    }
  });

  test("an `open` that throws fails the connection with 1011", async () => {
    const [ours, theirs] = ends();
    const peer = new Peer(theirs);
    const errors: unknown[] = [];
    const why = new Error("not ready");
    const connecting = connect(url, ours, {
      open() {
        throw why;
      },
      error: (_socket, error) => void errors.push(error),
    });
    await peer.send(utf8(await answerTo(peer)));
    const socket = await connecting;
    assert.equal(errors, [why]);
    assert.is(socket.closeReport!.sent!.code, 1011);
    socket.terminate();
  });

  test("silence is timed by the clock given, and nothing is left on it", async () => {
    const timers = new Timers();
    const [ours, theirs] = ends();
    const peer = new Peer(theirs);
    const ending = new Ending();
    const options = { clock: new Clock(timers), idleTimeoutMs: 60_000, closeTimeoutMs: 1000, message() {} };
    const connecting = connect(url, ours, { ...options, close: ending.close });
    await peer.send(utf8(await answerTo(peer)));
    await connecting;
    const { length } = peer.received;
    timers.advance(30_000);
    timers.advance(30_000);
    await until(() => peer.received.length > length); // a ping
    timers.advance(30_000);
    timers.advance(1000);
    await ending.told();
    assert.equal([ending.code, timers.runningCount], [1006, 0]);
  });

  test("arguments that are wrong reject, and the streams stay the caller's", async () => {
    const [ours] = ends();
    await assertUsage(() => connect("ftp://server.example", ours), /ws/);
    await assertUsage(() => connect("nowhere", ours), /nowhere/);
    await assertUsage(() => connect(url, ours, { mesage() {} } as object), /mesage/);
    await assertUsage(() => connect(url, ours, { open: 7 as never }), /open must be a function/);
    await assertUsage(() => connect(url, ours, { signal: {} as AbortSignal }), /signal must be an AbortSignal/);
    await assertUsage(() => connect(url, ours, { clock: {} as Clock }), /clock must be a Clock/);
    await assertUsage(() => connect(url, ours, { perMessageDeflate: true }), /provider/);
    await assertUsage(() => connect(url, undefined as unknown as End), /a ReadableStream and a WritableStream/);
    assert.equal([ours.readable.locked, ours.writable.locked], [false, false]);
  });

  test.run();
}
