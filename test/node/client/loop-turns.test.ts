// A loop and the connection take turns: what the loop answers at once leaves before what follows is looked at; a loop that
// takes its time is not waited for.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { KernelName } from "../../../bindings/kernel/kernel.ts";
import type { Socket } from "../../../bindings/node/index.ts";
import { closeCodeOf, deferred, kernelNames, type ReceivedFrame, turns } from "../support.ts";
import { acceptAll, connectOn, type RawAccepted, serverClose, serverFrame, withRawServer } from "./support.ts";

const test = suite("client loop turns");

const textOf = ({ opcode, payload }: ReceivedFrame): string => `${opcode} ${Buffer.from(payload)}`;

/** A loop that notes what it sees and does something with each message, and a server that sends one batch. */
async function looping(
  kernel: KernelName,
  body: (socket: Socket, message: unknown) => unknown,
  use: (socket: Socket, seen: readonly unknown[], server: RawAccepted) => Promise<void>,
): Promise<void> {
  await withRawServer(acceptAll, async ({ url, peer }) => {
    const socket = await connectOn(kernel, url);
    const seen: unknown[] = [];
    const loop = (async () => {
      for await (const message of socket) {
        seen.push(message);
        await body(socket, message);
      }
    })();
    await use(socket, seen, await peer());
    socket.terminate();
    await loop;
  });
}

/** Lets promises settle in long chains. */
async function hops(count: number): Promise<void> {
  for (let hop = 0; hop < count; hop++) await undefined;
}

for (const kernel of kernelNames) {
  for (const isWithAnswer of [true, false]) {
    const when = isWithAnswer ? "in the packet of the 101" : "later";
    for (const [name, end, closeCode] of [
      ["a violation", serverFrame(3), 1002],
      ["a Close", serverClose(1000), 1000],
    ] as const) {
      test(`the loop's answers leave before ${name} behind them is answered; all came ${when} / ${kernel}`, async () => {
        const batch = [serverFrame(1, "a"), serverFrame(9, "p"), serverFrame(1, "b"), end];
        await withRawServer(
          (peer) => peer.accept({}, ...(isWithAnswer ? batch : [])),
          async ({ url, peer }) => {
            const socket = await connectOn(kernel, url);
            const loop = (async () => {
              for await (const message of socket) {
                await hops(10);
                socket.send(`re: ${message as string}`);
              }
            })().catch(() => {});
            const server = await peer();
            if (!isWithAnswer) server.send(...batch);
            const frames = await server.frameCount(4);
            assert.equal(frames.slice(0, 3).map(textOf), ["1 re: a", "10 p", "1 re: b"]);
            assert.is(closeCodeOf(frames[3]!), closeCode);
            server.socket.end();
            await loop;
          },
        );
      });
    }
  }

  test(`the answers to a batch of 64 leave in a few writes / ${kernel}`, async () => {
    await looping(
      kernel,
      (socket, message) => void socket.send(message as string),
      async (_socket, _seen, server) => {
        let chunkCount = 0;
        server.socket.on("data", () => chunkCount++);
        server.send(...Array.from({ length: 64 }, (_, index) => serverFrame(1, `${index}`)));
        const frames = await server.frameCount(64);
        assert.equal(
          frames.map(textOf),
          frames.map((_, index) => `1 ${index}`),
        );
        assert.ok(chunkCount <= 4, `${chunkCount} chunks`);
      },
    );
  });

  test(`pings are answered while the loop waits for something else, and messages gather / ${kernel}`, async () => {
    const mayGo = deferred();
    await looping(
      kernel,
      (_socket, message) => (message === "a" ? mayGo.promise : undefined),
      async (_socket, seen, server) => {
        server.send(serverFrame(1, "a"), serverFrame(1, "b"), serverFrame(9, "p"), serverFrame(1, "c"));
        assert.equal((await server.frameCount(1)).map(textOf), ["10 p"]);
        server.send(serverFrame(9, "q"), serverFrame(1, "d"));
        assert.equal((await server.frameCount(2)).map(textOf), ["10 p", "10 q"]);
        await turns();
        assert.equal(seen, ["a"]);
        mayGo.resolve();
        await turns();
        assert.equal(seen, ["a", "b", "c", "d"]);
      },
    );
  });

  test(`pause() in the loop's body stops what follows in the batch, resume() brings it / ${kernel}`, async () => {
    await looping(
      kernel,
      (socket, message) => (message === "b" ? socket.pause() : undefined),
      async (socket, seen, server) => {
        server.send(serverFrame(1, "a"), serverFrame(1, "b"), serverFrame(1, "c"), serverFrame(9, "p"));
        await turns();
        server.send(serverFrame(1, "d"));
        await turns();
        assert.equal(seen, ["a", "b"]);
        assert.is(server.frames.length, 0);
        socket.resume();
        await turns();
        assert.equal(seen, ["a", "b", "c", "d"]);
        assert.equal((await server.frameCount(1)).map(textOf), ["10 p"]);
      },
    );
  });

  test(`terminate() in the loop's body ends it, and nothing more is seen / ${kernel}`, async () => {
    await looping(
      kernel,
      (socket) => socket.terminate(),
      async (_socket, seen, server) => {
        server.send(serverFrame(1, "a"), serverFrame(1, "b"));
        await server.ended();
        assert.equal(seen, ["a"]);
      },
    );
  });
}

test.run();
