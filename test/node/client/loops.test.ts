// `for await` over a socket: what it yields, in what order, and how it ends; loop-errors.test.ts has what goes wrong.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ProtocolError, UsageError } from "../../../bindings/index.ts";
import { connect, type Socket } from "../../../bindings/node/index.ts";
import { deferred, kernelNames, turns, withServer } from "../support.ts";
import { acceptAll, connectOn, drained, serverClose, serverFrame, withRawServer } from "./support.ts";

const test = suite("client loops");

/** Words for messages. */
const shown = (messages: readonly (string | Uint8Array)[]): string[] =>
  messages.map((message) => (typeof message === "string" ? message : `<${Buffer.from(message)}>`));

for (const kernel of kernelNames) {
  test(`messages come in order, text as strings and binary as octets, from before the loop and after / ${kernel}`, async () => {
    await withRawServer(
      (peer) => peer.accept({}, serverFrame(1, "a"), serverFrame(2, "b")),
      async ({ url, peer }) => {
        const socket = await connectOn(kernel, url);
        await turns();
        const rest = drained(socket);
        await turns();
        const server = await peer();
        server.send(serverFrame(1, "c", false), serverFrame(9), serverFrame(0, "d"), serverFrame(2), serverFrame(1));
        server.send(serverClose(1000, "bye"));
        await server.frameCount(2);
        server.socket.end();
        const { messages, error } = await rest;
        assert.equal(shown(messages), ["a", "<b>", "cd", "<>", ""]);
        assert.is(error, undefined);
        assert.equal(socket.closeReport!.received, { code: 1000, reason: "bye" });
      },
    );
  });

  test(`text: "bytes" yields text as octets / ${kernel}`, async () => {
    await withRawServer(
      (peer) => peer.accept({}, serverFrame(1, "ä")),
      async ({ url }) => {
        const socket = await connectOn(kernel, url, { text: "bytes" });
        assert.equal(shown([(await socket[Symbol.asyncIterator]().next()).value!]), ["<ä>"]);
        socket.terminate();
      },
    );
  });

  test(`a peer that breaks a rule: the messages before it, then the ProtocolError, then the end / ${kernel}`, async () => {
    await withRawServer(
      async (peer) => {
        await peer.accept({}, serverFrame(1, "a"), serverFrame(1, "b"), serverFrame(3));
        await peer.frameCount(1);
        peer.socket.end();
      },
      async ({ url }) => {
        const socket = await connectOn(kernel, url);
        const { messages, error } = await drained(socket);
        assert.equal(messages, ["a", "b"]);
        assert.instance(error, ProtocolError);
        assert.is(error!.code, "WS_RESERVED_OPCODE");
        assert.equal(await drained(socket), { messages: [], error: undefined }, "what went wrong is told once");
      },
    );
  });
}

test("break leaves the connection open, and another loop goes on where it stopped", async () => {
  await withRawServer(
    (peer) => peer.accept({}, serverFrame(1, "a"), serverFrame(1, "b"), serverFrame(1, "c")),
    async ({ url }) => {
      const socket = await connect(url);
      for await (const message of socket) {
        assert.is(message, "a");
        break;
      }
      assert.is(socket.readyState, 1);
      for await (const message of socket) {
        assert.is(message, "b");
        break;
      }
      const iterator = socket[Symbol.asyncIterator]();
      assert.equal(await iterator.next(), { done: false, value: "c" });
      assert.equal(await iterator.return!(), { done: true, value: undefined });
      assert.equal(await iterator.next(), { done: true, value: undefined }, "a loop that was left is over");
      socket.terminate();
    },
  );
});

test("several calls of next at once are answered in order, at the end too", async () => {
  await withRawServer(acceptAll, async ({ url, peer }) => {
    const socket = await connect(url);
    const iterator = socket[Symbol.asyncIterator]();
    const asked = [iterator.next(), iterator.next(), iterator.next(), iterator.next()];
    (await peer()).send(serverFrame(1, "a"), serverFrame(1, "b"));
    assert.is((await asked[0]!).value, "a");
    assert.is((await asked[1]!).value, "b");
    socket.terminate();
    assert.equal(await asked[2], { done: true, value: undefined });
    assert.equal(await asked[3], { done: true, value: undefined });
  });
});

test("two loops share the messages, and one of them is told what went wrong", async () => {
  await withRawServer(acceptAll, async ({ url, peer }) => {
    const socket = await connect(url);
    const both = [drained(socket), drained(socket)];
    const server = await peer();
    server.send(serverFrame(1, "a"), serverFrame(1, "b"), serverFrame(1, "c"));
    await turns();
    server.destroy();
    const ends = await Promise.all(both);
    assert.equal(ends.flatMap(({ messages }) => messages).sort(), ["a", "b", "c"]);
    assert.equal(ends.map(({ error }) => error?.code ?? "none").sort(), ["WS_ABNORMAL_CLOSURE", "none"]);
  });
});

test("terminate ends a loop, whatever waits, and a loop that begins afterwards", async () => {
  await withRawServer(
    (peer) => peer.accept({}, serverFrame(1, "a"), serverFrame(1, "b")),
    async ({ url }) => {
      const socket = await connect(url);
      const seen: unknown[] = [];
      for await (const message of socket) {
        seen.push(message);
        socket.terminate();
      }
      assert.equal(seen, ["a"]);
      assert.equal(await drained(socket), { messages: [], error: undefined });
    },
  );
});

test("a closing handshake that we begin in the loop: what is on its way is still yielded, then the loop ends", async () => {
  await withRawServer(
    async (peer) => {
      await peer.accept({}, serverFrame(1, "a"), serverFrame(1, "b"));
      await peer.frameCount(1);
      peer.send(serverFrame(1, "c"), serverClose(1000));
      peer.socket.end();
    },
    async ({ url }) => {
      const socket = await connect(url);
      const seen: unknown[] = [];
      for await (const message of socket) {
        seen.push(message);
        socket.close(1000);
      }
      assert.equal(seen, ["a", "b", "c"]);
      assert.is(socket.readyState, 3);
    },
  );
});

test("a socket with a message handler is not iterated over", async () => {
  await withRawServer(acceptAll, async ({ url }) => {
    const socket = await connect(url, { message() {} });
    let error: unknown;
    try {
      for await (const _message of socket) assert.unreachable();
    } catch (thrown) {
      error = thrown;
    }
    assert.instance(error, UsageError);
    assert.match((error as Error).message, /`message` or `stream` handler/);
    socket.terminate();
  });
});

test("return() settles what next() waits for, and the next message is another loop's", async () => {
  await withRawServer(acceptAll, async ({ url, peer }) => {
    const socket = await connect(url);
    const one = socket[Symbol.asyncIterator]();
    const other = socket[Symbol.asyncIterator]();
    const waiting = [one.next(), other.next(), one.next()];
    await one.return!();
    assert.equal(await waiting[0], { done: true, value: undefined });
    assert.equal(await waiting[2], { done: true, value: undefined });
    (await peer()).send(serverFrame(1, "a"), serverFrame(1, "b"));
    assert.equal(await waiting[1], { done: false, value: "a" });
    assert.equal(await one.next(), { done: true, value: undefined });
    assert.equal(await other.next(), { done: false, value: "b" });
    socket.terminate();
  });
});

test("an iterator that was made and never asked is no loop: close() drops what waits for none", async () => {
  await withRawServer(acceptAll, async ({ url, peer }) => {
    const closed = deferred<number>();
    const socket = await connect(url, { close: (_socket, code) => closed.resolve(code) });
    void socket[Symbol.asyncIterator]();
    const server = await peer();
    server.send(...Array.from({ length: 40 }, () => serverFrame(2, new Uint8Array(64 * 1024))));
    await turns(100);
    socket.close(1000);
    await server.frameCount(1);
    server.send(serverClose(1000));
    server.socket.end();
    assert.is(await closed.promise, 1000);
  });
});

test("a loop over a socket that we closed before is over at once, also where the peer never answered", async () => {
  await withServer({ message() {} }, async ({ url, server }) => {
    const gone = deferred();
    const socket = await connect(url, { close: () => gone.resolve() });
    const [other] = server.sockets;
    other!.pause();
    socket.terminate();
    await gone.promise;
    assert.equal(await drained(socket), { messages: [], error: undefined });
  });
  const ours = deferred<Socket>();
  await withServer({ open: (socket) => ours.resolve(socket) }, async ({ url }) => {
    const client = await connect(url, { message() {} });
    const socket = await ours.promise;
    socket.terminate();
    assert.equal(await drained(socket), { messages: [], error: undefined });
    client.terminate();
  });
});

test.run();
