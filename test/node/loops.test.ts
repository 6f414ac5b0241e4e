// `for await` over a server's sockets: `open` may loop where there is no `message` handler.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Socket } from "../../bindings/node/index.ts";
import { filled } from "../support/octets.ts";
import { clientFrame, closeFrame, deferred, kernelNames, RawClient, turns, until, withServer } from "./support.ts";

const test = suite("loops");

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
