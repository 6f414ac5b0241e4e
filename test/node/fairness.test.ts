// Turns on real sockets: while one peer's chunk is delivered, others are read and answered. By counting, not by time: the
// clock goes on when it is asked, so that a turn is a number of messages.

import * as assert from "uvu/assert";
import { Clock, type ServerOptions, type Socket } from "../../bindings/node/index.ts";
import { concat } from "../support/octets.ts";
import { serverSuite } from "./server-suite.ts";
import { clientFrame, closeFrame, deferred, FakeTimers, kernelNames, RawClient, until, withServer } from "./support.ts";

/** A clock on which every turn is over at its first look: after 32 messages. */
function fastClock(): Clock {
  const timers = new FakeTimers();
  let ms = 0;
  return new Clock({ now: () => (ms += 0.25), every: timers.every.bind(timers) });
}

const FLOOD_COUNT = 10_000;

/** Small enough for one read: 60,000 octets. */
const flood = concat(...Array.from({ length: FLOOD_COUNT }, () => clientFrame(1)));

/** Round trips of an honest client while a flood is delivered that came at once: how many, if each message had its answer. */
async function roundTrips(
  kernel: (typeof kernelNames)[number],
  way: "handler" | "loop",
): Promise<{ readonly during: number; readonly flooded: number }> {
  let flooded = 0;
  let honest = 0;
  let during = 0;
  const told = (socket: Socket, data: string | Uint8Array): void => {
    if (data === "") {
      if (++flooded === FLOOD_COUNT) during = honest;
      return;
    }
    honest++;
    socket.send(data);
  };
  const options: ServerOptions = {
    clock: fastClock(),
    idleTimeoutMs: Number.POSITIVE_INFINITY,
    closeTimeoutMs: 1e9,
    ...(way === "handler"
      ? { message: told }
      : {
          async open(socket: Socket) {
            for await (const data of socket) told(socket, data);
          },
        }),
  };
  await withServer(
    options,
    async ({ port }) => {
      const [flooding, asking] = await Promise.all([RawClient.open(port), RawClient.open(port)]);
      let isOver = false;
      const over = deferred();
      let next = 1;
      // Asks again from within the answer's own event: nothing but the server decides when the next one comes.
      asking.socket.on("data", () => {
        if (asking.frames.length < next) return;
        next = asking.frames.length + 1;
        if (isOver) over.resolve();
        else asking.send(clientFrame(1, `${next}`));
      });
      asking.send(clientFrame(1, "1"));
      flooding.send(flood);
      await until(() => flooded === FLOOD_COUNT);
      isOver = true;
      await over.promise;
      assert.equal(
        asking.frames.map(({ payload }) => new TextDecoder().decode(payload)),
        Array.from({ length: asking.frames.length }, (_, index) => `${index + 1}`),
      );
      for (const client of [flooding, asking]) {
        client.send(closeFrame(1000));
        client.socket.end();
        await client.closed();
      }
    },
    kernel,
  );
  return { during, flooded };
}

const test = serverSuite("fairness");

for (const kernel of kernelNames) {
  for (const way of ["handler", "loop"] as const) {
    test(`an honest peer is answered while a flood's chunk is delivered / ${way}, ${kernel}`, async () => {
      const { during, flooded } = await roundTrips(kernel, way);
      assert.is(flooded, FLOOD_COUNT);
      assert.ok(during >= 10, `${during} round trips in ${FLOOD_COUNT / 32} turns`);
    });
  }
}

test("everything that came before a peer vanishes is delivered, also what waits for a turn", async () => {
  for (const ending of ["end", "Close", "reset"] as const) {
    let count = 0;
    const closed = deferred<number>();
    const options: ServerOptions = {
      clock: fastClock(),
      idleTimeoutMs: Number.POSITIVE_INFINITY,
      closeTimeoutMs: 1e9,
      message(socket) {
        // The reset is seen while the rest waits: from within the first turn.
        if (++count === 1 && ending === "reset") client.socket.resetAndDestroy();
        socket.send("answer");
      },
      error() {},
      close: (_, code) => closed.resolve(code),
    };
    let client!: RawClient;
    await withServer(options, async ({ port }) => {
      client = await RawClient.open(port);
      client.send(concat(...Array.from({ length: 200 }, () => clientFrame(1, "x"))));
      if (ending === "Close") client.send(closeFrame(1000));
      if (ending !== "reset") client.socket.end();
      assert.is(await closed.promise, ending === "Close" ? 1000 : 1006, ending);
      assert.is(count, 200, ending);
    });
    client.destroy();
  }
});

test.run();
