// Attackers of handshakes that take their time: floods meanwhile stay bounded and are counted, whoever holds most is dropped,
// and an honest client is served all along.

import * as assert from "uvu/assert";
import { heldOctets } from "../../../bindings/connection/budget.ts";
import type { ServerOptions, UpgradeDecision } from "../../../bindings/node/index.ts";
import { serverSuite } from "../server-suite.ts";
import { clientFrame, deferred, RawClient, turns, until, upgradeRequest } from "../support.ts";
import { listen, onHttp, onHttp2, type Way } from "./ways.ts";

const KIB = 1024;
const test = serverSuite("hostile / slow upgrades");

/** Never decides on "/slow". */
const slow: ServerOptions = {
  upgrade: ({ target }) => (target === "/slow" ? new Promise<UpgradeDecision>(() => {}) : undefined),
  message: (socket, data) => void socket.send(data),
};

async function assertServed(way: Way, call: Parameters<Parameters<Way["with"]>[1]>[0]["call"]): Promise<void> {
  const honest = await call({ frames: [clientFrame(1, "hello")] });
  assert.is((await honest.answer()).httpStatus, way.accepted);
  assert.is(Buffer.from((await honest.frameCount(1))[0]!.payload).toString(), "hello");
}

for (const way of [listen, onHttp, onHttp2]) {
  test(`${way.name}: floods behind ten handshakes that are never decided are bounded, and let go`, async () => {
    await way.with(slow, async ({ call }) => {
      const attackers = await Promise.all(Array.from({ length: 10 }, () => call({ target: "/slow" })));
      const flood = new Uint8Array(256 * KIB);
      for (let round = 0; round < 40; round++) {
        for (const { socket } of attackers) if (socket.writableLength < 8 * 1024 * KIB) socket.write(flood);
        await turns(2);
      }
      await assertServed(way, call);
      // 64 KiB, the read that passes them and, into memory, the one that was under way: 256 KiB each.
      assert.ok(heldOctets() > 10 * 64 * KIB, `${heldOctets()} octets held`);
      assert.ok(heldOctets() <= 10 * (64 + 2 * 256) * KIB, `${heldOctets()} octets held`);
      for (const { socket } of attackers) assert.ok(socket.writableLength > 0, "the peer is not slowed down");
      for (const attacker of attackers) attacker.destroy();
    });
    assert.is(heldOctets(), 0);
  });

  test(`${way.name}: a flood of single octets costs what it measures`, async () => {
    await way.with(slow, async ({ call }) => {
      const attacker = await call({ target: "/slow" });
      for (let count = 0; count < 300; count++) {
        attacker.socket.write(Uint8Array.of(0));
        await turns(1);
      }
      await until(() => heldOctets() >= 300);
      assert.ok(heldOctets() <= 1024, `${heldOctets()} octets held for 300`);
      attacker.destroy();
    });
    assert.is(heldOctets(), 0);
  });

  test(`${way.name}: what is kept counts in maxProcessBuffered: whoever holds most is dropped`, async () => {
    await way.with({ ...slow, maxProcessBuffered: 500 * KIB }, async ({ call }) => {
      const attackers = await Promise.all(Array.from({ length: 10 }, () => call({ target: "/slow" })));
      for (const { socket } of attackers) socket.write(new Uint8Array(120 * KIB));
      await until(() => attackers.some(({ isEnded, isClosed }) => isEnded || isClosed));
      assert.ok(heldOctets() <= 500 * KIB, `${heldOctets()} octets held`);
      await assertServed(way, call);
      for (const attacker of attackers) attacker.destroy();
    });
    assert.is(heldOctets(), 0);
  });
}

test("octets in the request's own packet, and of a peer that goes on writing, reach it who refuses late", async () => {
  const decision = deferred<UpgradeDecision>();
  await onHttp.with({ upgrade: () => decision.promise }, async ({ port }) => {
    const client = new RawClient(port);
    client.send(upgradeRequest(), clientFrame(2, new Uint8Array(50_000)));
    for (let count = 0; count < 20; count++) client.socket.write(new Uint8Array(100_000));
    await turns();
    decision.resolve({ httpStatus: 403, body: "no" });
    const { httpStatus, body } = await client.answer();
    assert.equal([httpStatus, body], [403, "no"]);
    client.socket.end();
    await client.closed();
    assert.is(client.error, null);
  });
});

test.run();
