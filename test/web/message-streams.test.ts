// messageStreams(): the messages of a socket as streams.

import * as assert from "uvu/assert";
import { endpoint, messageStreams, type Socket } from "../../bindings/web/index.ts";
import { filled } from "../support/octets.ts";
import {
  assertUsage,
  clientFrame,
  closePayload,
  codeOf,
  Ending,
  ends,
  kernelNames,
  Peer,
  rejection,
  settled,
  until,
  webSuite,
} from "./support.ts";

/** A server's socket and the bare peer of it. */
function conversation(options: object = {}): { readonly socket: Socket; readonly peer: Peer; readonly ending: Ending } {
  const [ours, theirs] = ends();
  const ending = new Ending();
  return {
    socket: endpoint(ours, { role: "server", close: ending.close, ...options }),
    peer: new Peer(theirs),
    ending,
  };
}

for (const kernel of kernelNames) {
  const test = webSuite("messageStreams", kernel);

  test("an echo is a pipe: strings and octets, and the closing handshake at the end", async () => {
    const { socket, peer, ending } = conversation();
    const { readable, writable } = messageStreams(socket);
    const piping = rejection(readable.pipeTo(writable));
    await peer.send(clientFrame(1, "é語"), clientFrame(2, filled(300, 1)), clientFrame(1, "last"));
    const frames = await peer.frameCount(3);
    assert.equal(
      frames.map(({ opcode, payload }) => [opcode, payload.length]),
      [
        [1, 5],
        [2, 300],
        [1, 4],
      ],
    );
    await peer.send(clientFrame(8, closePayload(4000)));
    await peer.end();
    await ending.told();
    assert.is(ending.code, 4000);
    assert.is((await piping).name, "UsageError", "its writable failed as the socket closed");
  });

  test("what came before the Close is read behind it, and then the end", async () => {
    const { socket, peer, ending } = conversation();
    const reader = messageStreams(socket).readable.getReader();
    await peer.send(clientFrame(1, "a"), clientFrame(1, "b"), clientFrame(8, closePayload(1000)));
    await peer.end();
    await ending.told();
    assert.equal(
      [await reader.read(), await reader.read()],
      [
        { done: false, value: "a" },
        { done: false, value: "b" },
      ],
    );
    assert.is((await reader.read()).done, true);
    await reader.closed;
  });

  test("a connection that breaks off fails both, the readable with what a loop would throw", async () => {
    const { socket, peer } = conversation();
    const { readable, writable } = messageStreams(socket);
    const writer = writable.getWriter();
    const why = new Error("the cable");
    await peer.vanish(why);
    const error = await rejection(readable.getReader().read());
    assert.equal([error.code, error.cause], ["WS_ABNORMAL_CLOSURE", why]);
    assert.is((await rejection(writer.closed)).code, "WS_NOT_OPEN", "without a write that would find out");
    assert.is((await rejection(writer.write("x"))).code, "WS_NOT_OPEN");
  });

  test("the peer's fault is the readable's error", async () => {
    const { socket, peer } = conversation();
    const { readable } = messageStreams(socket);
    await peer.send(clientFrame(3));
    await peer.end();
    const error = await rejection(readable.getReader().read());
    assert.equal([error.name, error.code], ["ProtocolError", "WS_RESERVED_OPCODE"]);
  });

  test("a reader that does not read holds the peer back", async () => {
    const { socket, peer } = conversation();
    const { readable } = messageStreams(socket);
    let sentCount = 0;
    const sending = (async () => {
      const message = clientFrame(2, filled(100_000, 1));
      for (; sentCount < 100; sentCount++) await peer.send(message);
    })();
    await until(() => sentCount >= 10);
    await settled();
    await settled();
    assert.ok(sentCount < 20, `${sentCount} of 100 messages of 100,000 octets were taken`);
    const reader = readable.getReader();
    for (let count = 0; count < 100; count++) assert.is((await reader.read()).value!.length, 100_000);
    await sending;
    socket.terminate();
  });

  test("a write settles when its message is taken, and `ready` holds back whoever heeds it", async () => {
    const [ours, theirs] = ends();
    const socket = endpoint(ours, { role: "server" });
    const writer = messageStreams(socket).writable.getWriter();
    const settledWrites: number[] = [];
    for (const number of [1, 2]) void writer.write(filled(100, number)).then(() => settledWrites.push(number));
    await settled();
    assert.equal([settledWrites, writer.desiredSize], [[], -1], "nobody reads");
    const peer = new Peer(theirs);
    await until(() => settledWrites.length === 2);
    await peer.frameCount(2);
    socket.terminate();
    await writer.closed.catch(() => {});
  });

  test("what cannot be sent rejects its write", async () => {
    const { socket } = conversation();
    const writer = messageStreams(socket).writable.getWriter();
    await assertUsage(() => writer.write(7 as never), /a string, a Uint8Array/);
    socket.terminate();
  });

  const closings = [
    { name: "the writable closed", act: (s: Streams) => s.writable.close(), code: 1005 },
    { name: "the writable aborted", act: (s: Streams) => s.writable.abort(new Error("enough")), code: 1005 },
    {
      name: "aborted with a code",
      act: (s: Streams) => s.writable.abort({ closeCode: 4001, reason: "x" }),
      code: 4001,
    },
    { name: "the readable cancelled", act: (s: Streams) => s.readable.cancel(), code: 1005 },
    { name: "cancelled with a code", act: (s: Streams) => s.readable.cancel({ closeCode: 4002 }), code: 4002 },
  ];
  type Streams = ReturnType<typeof messageStreams>;
  for (const { name, act, code } of closings) {
    for (const isReading of [false, true]) {
      test(`${name}${isReading ? ", while a read waits" : ""}: a Close with ${code}`, async () => {
        const { socket, peer, ending } = conversation();
        const streams = messageStreams(socket);
        let reading: Promise<unknown> | null = null;
        if (isReading && name.includes("cancelled")) {
          const reader = streams.readable.getReader();
          reading = reader.read();
          await settled(); // it has reached the socket
          await (name.includes("code") ? reader.cancel({ closeCode: 4002 }) : reader.cancel());
          assert.equal(await reading, { done: true, value: undefined });
        } else {
          if (isReading) reading = streams.readable.getReader().read();
          await act(streams);
        }
        assert.is(codeOf((await peer.frameCount(1))[0]!), code);
        // Where nobody reads any more, more than is kept.
        const moreCount = name.includes("cancelled") ? 20 : 1;
        for (let count = 0; count < moreCount; count++) await peer.send(clientFrame(2, filled(100_000, 1)));
        await peer.send(clientFrame(8, closePayload(code === 1005 ? 1000 : code)));
        await peer.end();
        await ending.told();
        assert.is(ending.code, code === 1005 ? 1000 : code);
        await reading;
      });
    }
  }

  test("an abort waits for no write that the peer never takes", async () => {
    const [ours] = ends();
    const socket = endpoint(ours, { role: "server" });
    const writer = messageStreams(socket).writable.getWriter();
    const writing = rejection(writer.write("nobody reads"));
    await settled();
    const aborting = writer.abort();
    await until(() => socket.readyState === 2);
    socket.terminate();
    assert.ok((await writing) instanceof Error);
    await aborting;
  });

  test("a code that may not be sent rejects, and the connection is closed without one", async () => {
    for (const act of [
      ({ readable }: Streams) => readable.cancel({ closeCode: 1006 }),
      ({ writable }: Streams) => writable.abort({ closeCode: 1006 }),
    ]) {
      const { socket, peer } = conversation();
      await assertUsage(() => act(messageStreams(socket)), /close code 1006 may not be sent/);
      assert.is(codeOf((await peer.frameCount(1))[0]!), 1005);
      socket.terminate();
    }
  });

  test("of a socket that is closed: the end, and no writes", async () => {
    const { socket, peer, ending } = conversation();
    await peer.send(clientFrame(8, closePayload(1000)));
    await peer.end();
    await ending.told();
    const { readable, writable } = messageStreams(socket);
    assert.is((await readable.getReader().read()).done, true);
    assert.is((await rejection(writable.getWriter().write("x"))).code, "WS_NOT_OPEN");
  });

  test("where a handler has the messages there are no streams of them", async () => {
    const { socket } = conversation({ message() {} });
    await assertUsage(() => messageStreams(socket), /message/);
    socket.terminate();
  });

  test.run();
}
