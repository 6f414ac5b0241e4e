// Floods that make an endpoint answer: pings at a peer that reads slowly, or never. What waits to be sent is bounded, a peer
// that never reads is dropped at the ceiling, and one that reads slowly loses nothing. RFC 6455 §5.5.2.

import * as assert from "uvu/assert";
import { LimitError } from "../../bindings/errors/classes.ts";
import type { Socket } from "../../bindings/node/index.ts";
import { FakeTransport } from "../connection/support.ts";
import { clientFrame, deferred, RawClient, turns, until, withServer } from "../node/support.ts";
import { concat, filled } from "../support/octets.ts";
import { Peer } from "../support/peer.ts";
import { connectionTo, flood, nowhere } from "./floods.ts";
import { growthOf, growthWhile, MIB, NOISE } from "./memory.ts";
import { hostileKernels, kernelServerSuite, kernelSuite } from "./on-kernels.ts";

const LIMIT = 4 * MIB;

for (const tested of hostileKernels) {
  const test = kernelSuite("frames: floods that are answered", tested);

  test("a peer that pings and never reads is dropped at maxBufferedAmount, and memory stays below twice that", () => {
    for (const role of ["server", "client"] as const) {
      const errors: unknown[] = [];
      let pingCount = 0;
      const calls: string[] = [];
      const { all, result } = growthOf(() => {
        const handlers = {
          ping: () => void pingCount++,
          error: (_: unknown, error: unknown) => void errors.push(error),
        };
        const deaf = { ...nowhere, write: () => false, destroy: () => void calls.push("destroy") };
        const connection = connectionTo(deaf, { role, maxBufferedAmount: LIMIT, handlers });
        const ping = new Peer(role).ping(filled(125, 1));
        // One ping short of the most that fits: pongs are 127 octets, a client's 131, in what waits.
        const most = Math.floor(LIMIT / 131) - 1;
        flood(ping, most, "chunks of 64 KiB", (chunk) => connection.receive(chunk));
        return { connection, ping };
      });
      assert.equal([errors, calls], [[], []]);
      assert.ok(all <= 2 * LIMIT + NOISE, `${role}: ${all} octets held for at most ${LIMIT} unsent`);
      const answered = pingCount;
      flood(result.ping, 1e5, "chunks of 64 KiB", (chunk) => result.connection.receive(chunk));
      assert.ok(pingCount - answered < 1100, `${pingCount - answered} more were answered`);
      const [error] = errors as LimitError[];
      assert.is(errors.length, 1);
      assert.instance(error, LimitError);
      assert.equal([error!.code, error!.limit, error!.actual > LIMIT], ["WS_BUFFERED_AMOUNT", LIMIT, true]);
      assert.equal(calls, ["destroy"]);
    }
  });

  test("what a dropped peer had waiting for it is let go", () => {
    const grown = growthOf(() => {
      const connection = connectionTo({ ...nowhere, write: () => false }, { maxBufferedAmount: LIMIT });
      flood(new Peer("server").ping(filled(125, 1)), 1e5, "chunks of 64 KiB", (chunk) => connection.receive(chunk));
      return connection;
    });
    assert.is(grown.result.readyState, 3);
    assert.ok(grown.all <= NOISE, `${grown.all} octets held`);
  });

  test("a peer that pings and reads slowly gets every pong, in order, with the message between", () => {
    const transport = new FakeTransport();
    transport.takes = false;
    const messages: unknown[] = [];
    const handlers = { message: (_: unknown, data: unknown) => void messages.push(data) };
    const connection = connectionTo(transport, { maxBufferedAmount: 20_000, handlers });
    const peer = new Peer("server");
    connection.receive(peer.text("be", false));
    const expected: string[] = [];
    for (let round = 0; round < 200; round++) {
      for (let count = 0; count < 100; count++) {
        const payload = `${round} ${count}`;
        connection.receive(peer.ping(payload));
        expected.push(payload);
      }
      connection.writeCompleted(); // the peer reads what was under way
    }
    connection.receive(peer.more("gin"));
    connection.writeCompleted();
    const { events } = peer.read(transport.octets);
    assert.equal(
      events.map((event) => Buffer.from(event.replace("pong ", "").replaceAll(" ", ""), "hex").toString()),
      expected,
    );
    assert.equal(messages, ["begin"]);
  });

  test.run();
}

for (const tested of hostileKernels) {
  const test = kernelServerSuite("frames: floods that are answered", tested);

  test("a running server drops a peer that pings and never reads, and holds at most what may wait", async () => {
    const errors: unknown[] = [];
    const closed = deferred<number>();
    const options = {
      maxBufferedAmount: LIMIT,
      error: (_: Socket, error: unknown) => void errors.push(error),
      close: (_: Socket, code: number) => closed.resolve(code),
    };
    await withServer(
      options,
      async ({ port, server }) => {
        const pings = concat(...Array.from({ length: 1000 }, () => clientFrame(9, filled(125, 0x70))));
        const client = await RawClient.open(port);
        client.socket.pause();
        const { all } = await growthWhile(async () => {
          let over = false;
          void closed.promise.then(() => (over = true));
          const pour = (): void => {
            if (!over) client.socket.write(pings, () => setImmediate(pour));
          };
          pour();
          assert.is(await closed.promise, 1006);
          await until(() => server.sockets.size === 0);
        });
        assert.ok(all <= 2 * LIMIT + NOISE, `${all} octets held`);
        const [error] = errors as LimitError[];
        assert.equal([errors.length, error!.code], [1, "WS_BUFFERED_AMOUNT"]);
        assert.ok(error!.actual <= LIMIT + 200, `${error!.actual} octets, one pong above ${LIMIT}`);
        const honest = await RawClient.open(port, clientFrame(9, "here?"));
        assert.is((await honest.frameCount(1))[0]!.payload.toString(), "here?");
        honest.destroy();
        client.destroy();
      },
      tested.name,
    );
  });

  test("a running server answers every ping of a peer that reads slowly", async () => {
    await withServer(
      { maxBufferedAmount: LIMIT },
      async ({ port }) => {
        const client = await RawClient.open(port);
        const pings = concat(...Array.from({ length: 1000 }, () => clientFrame(9, filled(125, 0x70))));
        for (let round = 1; round <= 30; round++) {
          client.socket.pause();
          client.send(pings);
          await turns(5);
          client.socket.resume();
          await client.frameCount(round * 1000);
        }
        assert.ok(client.frames.every(({ opcode, payload }) => opcode === 10 && payload.length === 125));
        client.destroy();
      },
      tested.name,
    );
  });

  test.run();
}
