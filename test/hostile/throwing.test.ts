// Handlers of the application that throw or reject, each of them: that connection fails with 1011, `error` is told, and where
// nobody is, the platform's path for uncaught exceptions; nothing is swallowed, and the next connection is served.

import * as assert from "uvu/assert";
import { ask, clientFrame, closeCodeOf, closeFrame, RawClient } from "../node/support.ts";
import { hostileServerSuite } from "./on-kernels.ts";
import { ending, visit } from "./peers.ts";
import { Helper, withHelpers } from "./processes.ts";
import type { Failing, Told } from "./throwing-server.ts";

const test = hostileServerSuite("handlers that throw");

/** What brings each handler about. */
const triggers: Readonly<Record<Failing["handler"], Uint8Array>> = {
  open: clientFrame(1, "x"),
  message: clientFrame(1, "x"),
  ping: clientFrame(9),
  pong: clientFrame(10),
  drain: clientFrame(1, "x"),
  error: clientFrame(3),
  close: closeFrame(1000),
  request: new Uint8Array(0),
};

const ways = ["throws", "rejects"] as const;
const nothing: Told = { errors: [], serverErrors: [], uncaught: [], warnings: [] };

/** Runs `use` with a process that goes on after uncaught exceptions. */
const withSurvivor = (use: (helper: Helper) => Promise<void>): Promise<void> => {
  const helper = new Helper("throwing-server");
  return withHelpers([helper], async () => {
    await helper.ask("survive");
    await use(helper);
  });
};

/** The code of the Close that a peer gets when it has brought the handler about. */
async function closeCodeAfter(port: number, handler: Failing["handler"]): Promise<number> {
  const client = await RawClient.open(port);
  client.send(triggers[handler]);
  await client.ended();
  const code = closeCodeOf(client.frames.at(-1)!);
  client.socket.end();
  await client.closed();
  assert.is(client.error, null);
  return code;
}

/** Waits until the process was told as much as is expected, and holds it against that. */
async function assertTold(helper: Helper, expected: Partial<Told>, described: string): Promise<void> {
  const found = structuredClone(nothing) as Record<keyof Told, string[]>;
  const count = (told: Partial<Told>): number => Object.values(told).flat().length;
  while (count(found) < count(expected)) {
    const more = await helper.ask<Told>("told");
    for (const name of Object.keys(found) as (keyof Told)[]) found[name].push(...more[name]);
  }
  assert.equal(found, { ...nothing, ...expected }, described);
  assert.equal(await helper.ask("told"), nothing, `${described}: told twice`);
}

const failsConnection = ["open", "message", "ping", "pong", "drain"] as const;

test(
  "open, message, ping, pong and drain: 1011, error is told, and the next connection works",
  ending((at) =>
    withSurvivor(async (helper) => {
      for (const handler of failsConnection) {
        for (const how of ways) {
          at(`${handler} ${how}`);
          const port = await helper.ask<number>("start", { handler, how, isHeard: true } satisfies Failing);
          assert.is(await closeCodeAfter(port, handler), 1011, `${handler} ${how}`);
          await assertTold(helper, { errors: [`${handler} ${how}`] }, `${handler} ${how}`);
          await visit(port);
        }
      }
    }),
  ),
);

test(
  "open, message, ping, pong and drain, and nobody told: 1011, and an uncaught exception",
  ending((at) =>
    withSurvivor(async (helper) => {
      for (const handler of failsConnection) {
        for (const how of ways) {
          at(`${handler} ${how}`);
          const port = await helper.ask<number>("start", { handler, how, isHeard: false } satisfies Failing);
          assert.is(await closeCodeAfter(port, handler), 1011, `${handler} ${how}`);
          await assertTold(helper, { uncaught: [`${handler} ${how}`] }, `${handler} ${how}`);
          await visit(port);
        }
      }
      assert.is(helper.stderr, "");
    }),
  ),
);

test(
  "close and error: an uncaught exception, whoever is told of others, and the peer notices nothing",
  ending((at) =>
    withSurvivor(async (helper) => {
      for (const [handler, code] of [
        ["close", 1000],
        ["error", 1002],
      ] as const) {
        for (const how of ways) {
          for (const isHeard of [true, false]) {
            at(`${handler} ${how}`);
            const port = await helper.ask<number>("start", { handler, how, isHeard } satisfies Failing);
            assert.is(await closeCodeAfter(port, handler), code, `${handler} ${how}`);
            await assertTold(helper, { uncaught: [`${handler} ${how}`] }, `${handler} ${how}`);
            await visit(port);
          }
        }
      }
    }),
  ),
);

test(
  "request: 500, serverError is told, or where it is left out a warning, and the next connection works",
  ending((at) =>
    withSurvivor(async (helper) => {
      for (const how of ways) {
        for (const isHeard of [true, false]) {
          at(`request ${how}`);
          const port = await helper.ask<number>("start", { handler: "request", how, isHeard } satisfies Failing);
          const { httpStatus } = await ask(port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
          assert.is(httpStatus, 500);
          const message = [`request ${how}`];
          await assertTold(helper, isHeard ? { serverErrors: message } : { warnings: message }, `request ${how}`);
          await visit(port);
        }
      }
    }),
  ),
);

test(
  "a process that listens to no uncaught exception ends by one, and says which",
  ending(async () => {
    for (const how of ways) {
      const helper = new Helper("throwing-server");
      await withHelpers([helper], async () => {
        const port = await helper.ask<number>("start", { handler: "message", how, isHeard: false } satisfies Failing);
        const client = await RawClient.open(port);
        client.socket.on("error", () => {});
        client.send(triggers.message);
        assert.is(await helper.ended, 1);
        assert.match(helper.stderr, new RegExp(`error: message ${how}`, "i"));
        client.destroy();
      });
    }
  }),
);

test.run();
