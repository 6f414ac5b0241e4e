// A reader that is slow and reads all the time is not silent: docs/limits.md, idleTimeoutMs.

import type { AddressInfo } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Clock, createServer } from "../../bindings/node/index.ts";
import { FakeTimers, turns, until } from "../node/support.ts";
import { Pourer } from "./pours.ts";
import { Reader } from "./readers.ts";

const KIB = 1024;
const MIB = KIB * KIB;

// The system's kernel opens a window by half of what it buffers, up to 3 MiB: that is what may take longest to be seen.
const test = suite("readers / progress");

test("one that takes 256 KiB a second of what waits, without a pause, is not closed for silence", async () => {
  const [pourer, timers] = [new Pourer(), new FakeTimers()];
  const limits = { maxBufferedAmount: 16 * MIB, idleTimeoutMs: 40_000, closeTimeoutMs: 1000 };
  const server = createServer({ ...limits, ...pourer.handlers, clock: new Clock(timers) });
  const { port } = (await server.listen({ port: 0, host: "127.0.0.1" })) as AddressInfo;
  const reader = new Reader({ port, kind: "slow", manner: "heeding", length: 16 * KIB });
  try {
    await reader.ask();
    await until(() => pourer.count === 1);
    for (let dry = 0; dry < 50; await turns(2)) dry = pourer.turn() === 0 ? dry + 1 : 0;
    for (let second = 0; second < 120; second++) {
      const least = reader.octetCount + 256 * KIB;
      while (reader.octetCount < least) {
        reader.read(32 * KIB);
        await turns(2);
      }
      pourer.turn();
      timers.advance(1000);
      await turns(2);
      assert.equal(pourer.ends, [], `after ${second + 1} s in which it has read ${reader.octetCount} octets`);
    }
  } finally {
    reader.socket.destroy();
    for (const socket of server.sockets) socket.terminate();
    await server.close();
  }
});

test.run();
