// Pairs of streams as links: how they end, in order and otherwise.

import * as assert from "uvu/assert";
import { endpoint } from "../../bindings/web/index.ts";
import { filled, hex } from "../support/octets.ts";
import {
  clientFrame,
  closePayload,
  codeOf,
  Ending,
  ends,
  kernelNames,
  type Octets,
  Peer,
  rejection,
  settled,
  until,
  webSuite,
} from "./support.ts";

for (const kernel of kernelNames) {
  const test = webSuite("link, ends", kernel);

  test("a closing handshake closes both streams in order, and leaves them locked", async () => {
    const [ours, theirs] = ends();
    const ending = new Ending();
    const socket = endpoint(ours, { role: "server", close: ending.close });
    const peer = new Peer(theirs);
    socket.close(4000, "enough");
    const [close] = await peer.frameCount(1);
    assert.is(codeOf(close!), 4000);
    await peer.send(clientFrame(8, closePayload(4000)));
    await until(() => peer.isOver);
    assert.ok(peer.hasEnded, "the writable was closed, not aborted");
    await peer.end();
    await ending.told();
    assert.equal([ending.code, ending.reason, socket.closeReport!.error], [4000, "", undefined]);
    assert.equal([ours.readable.locked, ours.writable.locked], [true, true]);
  });

  test("a connection that fails half-closes behind its Close, and drains what the peer is still sending (§7.1.7)", async () => {
    const [ours, theirs] = ends();
    const ending = new Ending();
    endpoint(ours, { role: "server", message() {}, error() {}, close: ending.close });
    const peer = new Peer(theirs);
    await peer.send(hex("81 01 61")); // not masked
    const [close] = await peer.frameCount(1);
    assert.is(codeOf(close!), 1002);
    await until(() => peer.hasEnded);
    for (let count = 0; count < 20; count++) await peer.send(filled(10_000, 0)); // taken, or this would not go on
    assert.is(ending.code, 0);
    await peer.end();
    await ending.told();
    assert.is(ending.code, 1006);
  });

  test("an end without a Close is answered by an end", async () => {
    const [ours, theirs] = ends();
    const ending = new Ending();
    endpoint(ours, { role: "server", close: ending.close });
    const peer = new Peer(theirs);
    await peer.end();
    await until(() => peer.isOver && ending.code !== 0);
    assert.ok(peer.hasEnded);
    assert.is(ending.code, 1006);
  });

  const breaks = [
    { name: "the readable fails", break: (peer: Peer, why: Error) => peer.abort(why), pauses: false },
    {
      name: "the writable fails, and nothing is sent",
      break: (peer: Peer, why: Error) => peer.cancel(why),
      pauses: false,
    },
    {
      name: "the writable fails while it is paused",
      break: (peer: Peer, why: Error) => peer.cancel(why),
      pauses: true,
    },
  ];
  for (const { name, break: act, pauses } of breaks) {
    test(`${name}: 1006, and why`, async () => {
      const [ours, theirs] = ends();
      const ending = new Ending();
      const socket = endpoint(ours, { role: "server", message() {}, close: ending.close });
      if (pauses) socket.pause();
      const peer = new Peer(theirs);
      const why = new Error("the cable");
      await act(peer, why);
      await ending.told();
      assert.is(ending.code, 1006);
      assert.is(socket.closeReport!.error, why);
      assert.is(socket.send("x"), false);
      await until(() => peer.isOver);
    });
  }

  test("strings instead of octets end the connection, and say so", async () => {
    const readable = new ReadableStream<unknown>({ start: (controller) => controller.enqueue("octets, they said") });
    const [{ writable }, theirs] = ends();
    const ending = new Ending();
    const socket = endpoint({ readable, writable }, { role: "server", close: ending.close });
    await ending.told();
    assert.is(ending.code, 1006);
    assert.match(String(socket.closeReport!.error), /UsageError: a chunk of the stream must be a Uint8Array/);
    const peer = new Peer(theirs);
    await until(() => peer.isOver);
    assert.is(peer.error, socket.closeReport!.error, "the writable was aborted");
  });

  test("dropped, it cancels and aborts with a reason that is an error", async () => {
    const [ours, theirs] = ends();
    const socket = endpoint(ours, { role: "server" });
    const peer = new Peer(theirs);
    socket.terminate();
    await until(() => peer.isOver);
    assert.is((peer.error as { code?: string }).code, "WS_ABNORMAL_CLOSURE");
    assert.is((await rejection(peer.send(clientFrame(1, "x")))).code, "WS_ABNORMAL_CLOSURE", "nobody reads it");
    await settled();
    assert.is(socket.readyState, 3);
  });

  test("streams that throw where they ought to reject break off the connection, and no more", async () => {
    const broken = {
      readable: {
        locked: false,
        getReader: () => ({
          read: () => new Promise<never>(() => {}),
          cancel: () => {
            throw new Error("cancel");
          },
        }),
      },
      writable: {
        locked: false,
        getWriter: () => ({
          closed: new Promise<never>(() => {}),
          write: () => Promise.reject(new Error("write")),
          close: () => Promise.reject(new Error("close")),
          abort: () => {
            throw new Error("abort");
          },
        }),
      },
    };
    const ending = new Ending();
    const socket = endpoint(broken, { role: "server", close: ending.close });
    socket.send("x");
    await ending.told();
    assert.match(String(socket.closeReport!.error), /write/);
  });

  test("closeWrite half-closes in place of the writable, which is let go at the end", async () => {
    const [ours, theirs] = ends();
    const calls: string[] = [];
    const writable = {
      get locked() {
        return ours.writable.locked;
      },
      getWriter() {
        const writer = ours.writable.getWriter();
        return {
          closed: writer.closed,
          write: (chunk: Octets) => writer.write(chunk),
          close: async () => void calls.push("close"),
          abort: (reason: unknown) => {
            calls.push("abort");
            return writer.abort(reason);
          },
        };
      },
    };
    const closeWrite = async (): Promise<void> => void calls.push("closeWrite");
    const ending = new Ending();
    const options = { role: "server" as const, close: ending.close };
    const socket = endpoint({ readable: ours.readable, writable, closeWrite }, options);
    const peer = new Peer(theirs);
    await peer.send(clientFrame(8, closePayload(1000)));
    await until(() => {
      return calls.length === 1;
    });
    await peer.end();
    await ending.told();
    assert.equal([calls, ending.code], [["closeWrite", "abort"], 1000]);
    assert.equal([socket.readyState, socket.closeReport!.error], [3, undefined]);
  });

  test.run();
}
