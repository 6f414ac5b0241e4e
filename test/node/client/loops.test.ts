// `for await` over a socket: what it yields, in what order, and how it ends.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ProtocolError, UsageError, WsimdError } from "../../../bindings/index.ts";
import { connect, type Socket } from "../../../bindings/node/index.ts";
import { filled } from "../../support/octets.ts";
import {
  clientFrame,
  closeCodeOf,
  closeFrame,
  deferred,
  kernelNames,
  RawClient,
  turns,
  until,
  withServer,
} from "../support.ts";
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

for (const way of ["FIN", "RST"] as const) {
  test(`TCP that ends without a Close is WS_ABNORMAL_CLOSURE: ${way} (§7.1.5)`, async () => {
    await withRawServer(
      async (peer) => {
        await peer.accept({}, serverFrame(1, "a"));
        await turns();
        if (way === "FIN") peer.socket.end();
        else peer.socket.resetAndDestroy();
      },
      async ({ url }) => {
        const { messages, error } = await drained(await connect(url));
        assert.equal(messages, ["a"]);
        assert.instance(error, WsimdError);
        assert.is(error!.code, "WS_ABNORMAL_CLOSURE");
        assert.is((error!.cause as { code?: string } | undefined)?.code, way === "FIN" ? undefined : "ECONNRESET");
      },
    );
  });

  test(`TCP that ends after our own close is the end of the loop: ${way}`, async () => {
    await withRawServer(
      async (peer) => {
        await peer.accept();
        await peer.frameCount(1);
        if (way === "FIN") peer.socket.end();
        else peer.socket.resetAndDestroy();
      },
      async ({ url }) => {
        const socket = await connect(url);
        const rest = drained(socket);
        socket.close(1000);
        assert.is((await rest).error, undefined);
      },
    );
  });
}

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
    assert.match((error as Error).message, /`message` handler/);
    socket.terminate();
  });
});

for (const hasErrorHandler of [false, true]) {
  for (const isLate of [false, true]) {
    const how = `${isLate ? "rejects" : "throws"}, error handler: ${hasErrorHandler}`;
    test(`what a ping handler ${how}: the loop throws that very error`, async () => {
      await withRawServer(
        async (peer) => {
          await peer.accept({}, serverFrame(1, "a"));
          await turns();
          peer.send(serverFrame(9), serverFrame(1, "b"));
          const frames = await peer.frameCount(2);
          assert.is(closeCodeOf(frames[1]!), 1011);
          peer.send(serverClose(1011));
          peer.socket.end();
        },
        async ({ url }) => {
          const boom = new Error("boom");
          const told: unknown[] = [];
          const socket = await connect(url, {
            ping: () => {
              if (isLate) return Promise.reject(boom);
              throw boom;
            },
            ...(hasErrorHandler ? { error: (_socket: Socket, error: unknown) => told.push(error) } : {}),
          });
          const { messages, error } = await drained(socket);
          assert.equal(messages, isLate ? ["a", "b"] : ["a"]);
          assert.is(error, boom);
          assert.equal(told, hasErrorHandler ? [boom] : []);
        },
      );
    });
  }
}

test("a handler that throws after our own close: the loop throws that very error", async () => {
  await withRawServer(
    async (peer) => {
      await peer.accept();
      await peer.frameCount(1);
      peer.send(serverFrame(9));
      await turns();
      peer.socket.end();
    },
    async ({ url }) => {
      const boom = new Error("boom");
      const socket = await connect(url, {
        ping() {
          throw boom;
        },
      });
      const rest = drained(socket);
      socket.close();
      assert.is((await rest).error, boom);
    },
  );
});

for (const kernel of kernelNames) {
  test(`a server without message handler: open loops over its socket and echoes / ${kernel}`, async () => {
    const ended = deferred();
    const options = {
      async open(socket: Socket) {
        for await (const message of socket) socket.send(message);
        ended.resolve();
      },
    };
    await withServer(
      options,
      async ({ port }) => {
        const client = await RawClient.open(port, clientFrame(1, "with the request"));
        client.send(clientFrame(2, "x"), clientFrame(1, filled(100_000, 0x61)));
        const frames = await client.frameCount(3);
        assert.equal(
          frames.map(({ opcode, payload }) => `${opcode} ${payload.length}`),
          ["1 16", "2 1", "1 100000"],
        );
        client.send(closeFrame(1000));
        client.socket.end();
        await ended.promise;
      },
      kernel,
    );
  });
}

test("a client that vanishes from a server's loop crashes nothing, with or without an error handler", async () => {
  const caught: unknown[] = [];
  const listen = (error: unknown): void => void caught.push(error);
  process.on("uncaughtException", listen);
  for (const frames of [[], [clientFrame(3)]]) {
    for (const error of [undefined, () => {}]) {
      let openCount = 0;
      const options = {
        ...(error === undefined ? {} : { error }),
        async open(socket: Socket) {
          openCount++;
          for await (const message of socket) socket.send(message);
        },
      };
      await withServer(options, async ({ port, server }) => {
        const client = await RawClient.open(port, ...frames);
        client.socket.resetAndDestroy();
        await until(() => openCount === 1 && server.sockets.size === 0);
        await turns();
      });
    }
  }
  process.off("uncaughtException", listen);
  assert.equal(caught, []);
});

test("messages that come to a server's socket before a loop begins are dropped", async () => {
  const begun = deferred<string | Uint8Array>();
  const options = {
    async open(socket: Socket) {
      await turns();
      for await (const message of socket) begun.resolve(message);
    },
  };
  await withServer(options, async ({ port }) => {
    const client = await RawClient.open(port, clientFrame(1, "early"));
    await turns(60);
    client.send(clientFrame(1, "later"));
    assert.is(await begun.promise, "later");
    client.destroy();
  });
});

test.run();
