// How a loop over a socket ends where something went wrong: TCP that breaks off, and what handlers throw.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WsimdError } from "../../../bindings/index.ts";
import { Clock, connect, type Socket } from "../../../bindings/node/index.ts";
import { closeCodeOf, FakeTimers, turns } from "../support.ts";
import { acceptAll, drained, serverClose, serverFrame, withRawServer } from "./support.ts";

const test = suite("client loop errors");

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

test("a loop too slow for closeTimeoutMs is told that messages were lost after its own close", async () => {
  const timers = new FakeTimers();
  await withRawServer(acceptAll, async ({ url, peer }) => {
    const socket = await connect(url, { clock: new Clock(timers), closeTimeoutMs: 3000 });
    const loop = socket[Symbol.asyncIterator]();
    const first = loop.next();
    const server = await peer();
    server.send(...Array.from({ length: 40 }, () => serverFrame(2, new Uint8Array(64 * 1024))));
    await first;
    await turns(100);
    socket.close(1000);
    await server.frameCount(1);
    timers.advance(4000);
    const { messages, error } = await drained({ [Symbol.asyncIterator]: () => loop });
    assert.ok(messages.length < 39, `${messages.length} messages`);
    assert.is(error?.code, "WS_ABNORMAL_CLOSURE");
  });
});

test.run();
