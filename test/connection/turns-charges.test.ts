// What waits for a turn is charged to its connection until it is delivered or dropped, and costs the work of its own octets.
// turns.test.ts says how long turns are.

import * as assert from "uvu/assert";
import { RECORD_CAPACITY } from "../../assembly/constants.ts";
import { heldOctets } from "../../bindings/connection/budget.ts";
import { builtOnKernel } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled } from "../support/octets.ts";
import { Peer } from "../support/peer.ts";
import { copiedBy, endpoint, settled } from "./support.ts";
import { numbers, RECORDS_PER_LOOK, textsOf, turning } from "./turns-support.ts";

for (const tested of kernels) {
  const test = builtOnKernel("charges of turns", tested);

  test("what waits for a turn counts against maxProcessBuffered (1009), and is let go", () => {
    const { connection, peer, events, turn } = turning({ maxProcessBuffered: 20_000 });
    connection.receive(concat(numbers(peer, 0, RECORDS_PER_LOOK), peer.binary(filled(40_000, 1))));
    assert.equal(events, [...textsOf(0, RECORDS_PER_LOOK), "error WS_PROCESS_BUFFERED"]);
    assert.equal(peer.read(new Uint8Array(0)).events, []);
    assert.is(heldOctets(), 0);
    turn.end();
    assert.is(events.length, RECORDS_PER_LOOK + 1);
    assert.is(connection.readyState, 2);
  });

  test("whoever waits for a turn with most is closed for another, and its turn is nothing then", async () => {
    const limit = { maxProcessBuffered: 80_000 };
    const flood = turning(limit);
    flood.receive(concat(numbers(flood.peer, 0, 40), flood.peer.binary(filled(60_000, 1))));
    const held = heldOctets();
    assert.ok(held > 60_000 && held < 80_000, `${held}`);
    const other = endpoint(limit);
    other.receive(other.peer.binary(filled(20_000, 1), false));
    await settled();
    assert.is(flood.events.at(-1), "error WS_PROCESS_BUFFERED");
    flood.runAll();
    assert.is(flood.events.length, RECORDS_PER_LOOK + 1);
    assert.equal(other.events, []);
    other.connection.terminate();
    flood.connection.terminate();
    assert.is(heldOctets(), 0);
  });

  test("what waits holds at most what came and a region's records", () => {
    const { connection, peer, runAll } = turning();
    const chunk = numbers(peer, 0, 40_000);
    connection.receive(chunk);
    assert.ok(heldOctets() <= chunk.length + RECORD_CAPACITY * 12 + 4096, `${heldOctets()} for ${chunk.length}`);
    runAll();
    assert.is(heldOctets(), 0);
  });

  test("a huge chunk that takes many turns costs as its length", () => {
    for (const mayOverwrite of [false, true]) {
      const costs = [1, 2].map((mebibytes) => {
        const { connection, data, turn } = turning();
        const count = mebibytes * 1024 * 16;
        const peer = new Peer("server");
        const chunk = new Uint8Array(count * 64);
        for (let index = 0; index < count; index++) chunk.set(peer.text(`${index}`.padEnd(64 - 6)), index * 64);
        const copied = copiedBy(() => {
          connection.receive(chunk, { mayOverwrite });
          while (turn.isAwaited) turn.end();
        });
        assert.is(data.length, count);
        assert.ok(data.every((text, index) => Number.parseInt(text as string, 10) === index));
        return copied;
      });
      assert.ok(costs[0]! >= 2 ** 20, "copies are counted");
      assert.ok(costs[1]! <= 2.2 * costs[0]!, `twice as much costs ${costs[1]! / costs[0]!} times as much`);
    }
  });

  test.run();
}
