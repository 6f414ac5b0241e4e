// WebSocketStream: the shape of the web's class of that name, over streams that it is given.

import * as assert from "uvu/assert";
import { createServer, type ServerOptions, type Socket, WebSocketStream } from "../../bindings/web/index.ts";
import { utf8 } from "../support/octets.ts";
import { assertUsage, type End, ends, kernelNames, Peer, rejection, settled, until, webSuite } from "./support.ts";

const url = "ws://server.example/chat";

/** One end of a connection whose other end a server serves. */
function served(options: ServerOptions<unknown>): End {
  const [ours, theirs] = ends();
  void createServer(options).serve(theirs);
  return ours;
}

const echo = (socket: Socket<unknown>, data: string | Uint8Array, isBinary: boolean): void =>
  void socket.send(data, { binary: isBinary });

for (const kernel of kernelNames) {
  const test = webSuite("WebSocketStream", kernel);

  test("opened has streams, protocol and extensions; closed the code and the reason", async () => {
    const stream = new WebSocketStream(url, {
      streams: served({ protocols: ["chat"], message: echo }),
      protocols: ["chat"],
    });
    assert.is(stream.url, url);
    const { readable, writable, protocol, extensions, ...others } = await stream.opened;
    assert.equal([protocol, extensions, others], ["chat", "", {}]);
    const reader = readable.getReader();
    const writer = writable.getWriter();
    await writer.write("é語😀");
    await writer.write(Uint8Array.of(1, 2, 3));
    assert.is((await reader.read()).value, "é語😀");
    assert.equal([...((await reader.read()).value as Uint8Array)], [1, 2, 3]);
    stream.close({ closeCode: 4321, reason: "done" });
    assert.equal(await stream.closed, { closeCode: 4321, reason: "" }, "the answer repeats the code alone");
    assert.is((await reader.read()).done, true);
    assert.is((await rejection(writer.closed)).code, "WS_NOT_OPEN");
  });

  test("closed by the peer: its code and reason", async () => {
    const streams = served({ open: (socket) => socket.close(4000, "no more") });
    const stream = new WebSocketStream(url, { streams });
    const { readable } = await stream.opened;
    assert.equal(await stream.closed, { closeCode: 4000, reason: "no more" });
    assert.is((await readable.getReader().read()).done, true);
  });

  test("close() without a code, with a reason alone, and by the writable", async () => {
    const sent: unknown[] = [];
    const streams = (): End => served({ close: (_socket, code, reason) => void sent.push([code, reason]) });
    for (const act of [
      (stream: WebSocketStream) => stream.close(),
      (stream: WebSocketStream) => stream.close({ reason: "because" }),
      async (stream: WebSocketStream) => (await stream.opened).writable.close(),
      async (stream: WebSocketStream) => (await stream.opened).readable.cancel({ closeCode: 4999 }),
    ]) {
      const stream = new WebSocketStream(url, { streams: streams() });
      await stream.opened;
      await act(stream);
      await stream.closed;
    }
    await until(() => sent.length === 4);
    assert.equal(sent, [
      [1005, ""],
      [1000, "because"],
      [1005, ""],
      [4999, ""],
    ]);
  });

  test("broken off: closed rejects with what went wrong, and the streams fail", async () => {
    const [ours, theirs] = ends();
    let served: Socket<unknown> | null = null;
    const server = createServer({
      message() {},
      open(socket) {
        served = socket;
      },
    });
    void server.serve(theirs);
    const stream = new WebSocketStream(url, { streams: ours });
    const { readable, writable } = await stream.opened;
    served!.terminate();
    const error = await rejection(stream.closed);
    assert.is(error.code, "WS_ABNORMAL_CLOSURE");
    assert.is((await rejection(readable.getReader().read())).code, "WS_ABNORMAL_CLOSURE");
    assert.is((await rejection(writable.getWriter().closed)).code, "WS_NOT_OPEN");
  });

  test("a handshake that fails: both promises reject with one error", async () => {
    const [ours, theirs] = ends();
    const peer = new Peer(theirs);
    const stream = new WebSocketStream(url, { streams: ours });
    await peer.head();
    await peer.send(utf8("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"));
    const error = await rejection(stream.opened);
    assert.is(error.code, "WS_HANDSHAKE_STATUS");
    assert.is(await rejection(stream.closed), error);
  });

  test("closed before the handshake is done, it never opens, and the streams are closed", async () => {
    const [ours, theirs] = ends();
    const peer = new Peer(theirs);
    const stream = new WebSocketStream(url, { streams: ours });
    await peer.head();
    stream.close();
    const error = await rejection(stream.opened);
    assert.equal([error.name, error.code], ["UsageError", "WS_NOT_OPEN"]);
    assert.is(await rejection(stream.closed), error);
    await until(() => peer.isOver);
  });

  test("closed at any moment of the handshake, it is closed in the end", async () => {
    let openCount = 0;
    for (let tasks = 0; tasks < 80; tasks++) {
      const stream = new WebSocketStream(url, { streams: served({}) });
      for (let task = 0; task < tasks; task++) await null;
      stream.close({ closeCode: 4000 });
      const opened = await stream.opened.then(
        () => true,
        () => false,
      );
      const closed = await stream.closed.catch((error: { code: string }) => error.code);
      assert.equal(closed, opened ? { closeCode: 4000, reason: "" } : "WS_NOT_OPEN", `after ${tasks} microtasks`);
      if (opened) openCount++;
    }
    assert.ok(openCount > 0 && openCount < 80, `${openCount} of 80 opened first`);
  });

  test("the signal gives the handshake up, and is let go once that is done", async () => {
    const why = new Error("changed my mind");
    const early = new AbortController();
    early.abort(why);
    const never = (): Promise<End> => new Promise(() => {});
    assert.is(await rejection(new WebSocketStream(url, { streams: never, signal: early.signal }).opened), why);
    const meanwhile = new AbortController();
    const given = new WebSocketStream(url, { streams: never, signal: meanwhile.signal });
    meanwhile.abort(why);
    assert.is(await rejection(given.opened), why);
    assert.is(await rejection(given.closed), why);

    const late = new AbortController();
    const listeners = new Set<unknown>();
    const signal = Object.assign(late.signal, {
      addEventListener: (_type: string, listener: unknown) => void listeners.add(listener),
      removeEventListener: (_type: string, listener: unknown) => void listeners.delete(listener),
    });
    const stream = new WebSocketStream(url, { streams: served({}), signal });
    assert.is(listeners.size, 1);
    await stream.opened;
    assert.is(listeners.size, 0);
    stream.close();
    await stream.closed;
  });

  test("arguments that are wrong", async () => {
    const [streams] = ends();
    const make = (...words: readonly unknown[]) => Reflect.construct(WebSocketStream, words) as WebSocketStream;
    await assertUsage(() => make("nowhere", { streams }), /needs a URL, not nowhere/);
    await assertUsage(() => make(url), /options of WebSocketStream/);
    await assertUsage(() => make(url, {}), /needs `streams`/);
    for (const name of ["message", "error", "close", "open", "data", "nonsense"])
      await assertUsage(() => make(url, { streams, [name]: () => {} }), new RegExp(`no option "${name}"`));
    await assertUsage(() => make(url, { streams, signal: {} }).opened, /signal must be an AbortSignal/);
    await assertUsage(() => make(url, { streams, handshakeTimeoutMs: -1 }).opened, /handshakeTimeoutMs/);
    await assertUsage(() => make("ftp://server.example", { streams }).opened, /ftp/);
    assert.equal([streams.readable.locked, streams.writable.locked], [false, false]);
    const stream = new WebSocketStream(url, { streams: served({}) });
    for (const isOpen of [false, true]) {
      if (isOpen) await stream.opened;
      await assertUsage(() => stream.close({ closeCode: 1006 }), /close code 1006 may not be sent/);
      await assertUsage(() => stream.close({ reason: "x".repeat(124) }), /at most 123 octets/);
      await assertUsage(() => stream.close({ code: 1000 } as object), /no option "code"/);
    }
    stream.close();
    await stream.closed;
    await settled();
  });

  test.run();
}
