// Ten thousand heads that never end, an octet now and then: all are closed at the handshake timeout, none before, while an
// honest client is served; and what the server keeps for them is bounded. The server's clock is the test's, so that no machine
// is too slow for the verdict.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hostileServerSuite } from "./on-kernels.ts";
import { ending, visit } from "./peers.ts";
import { parts, Siege } from "./slow.ts";

const ATTACKER_COUNT = 10_000;
const handshakeTimeoutMs = 10_000;
/** docs/limits.md: a clock looks around every tenth of the shortest timeout, which is closeTimeoutMs, 5 s. */
const LATENESS_MS = 500;

const test = hostileServerSuite("slow handshakes");

const each = (sieges: readonly Siege[], run: (siege: Siege) => Promise<unknown>): Promise<unknown> =>
  Promise.all(sieges.map(run));

test(
  "10,000 are all closed on time, none before, while the honest are served; and memory is bounded",
  ending(
    () =>
      Siege.lay(ATTACKER_COUNT, { isManual: true, handshakeTimeoutMs }, async (sieges) => {
        await each(sieges, async (siege) => {
          const { server, attackers, attackerCount, honest, port, before } = siege;
          await server.ask("advance", 250); // between two looks of the clock
          await siege.open();
          const began = await siege.until(({ greetingCount }) => greetingCount === attackerCount);
          await honest.echo();

          const kept = (began.inUse - before.inUse) / attackerCount;
          assert.ok(kept < 8192, `${kept} octets a connection`);

          // 1,000 octets of each, in chunks of 200, and one now and then: no octet buys time.
          await attackers.ask("fill", { chunk: 200, times: 5 });
          for (let third = 0; third < 3; third++) {
            await attackers.ask("drip");
            await server.ask("advance", (handshakeTimeoutMs - 1) / 3);
            await honest.echo();
          }
          const sent = attackerCount * ("GET / HTTP/1.1\r\nX: ".length + 1000 + 3);
          const filled = await siege.until(({ receivedLength }) => receivedLength >= sent);
          const perOctet = (filled.inUse - began.inUse) / (filled.receivedLength - began.receivedLength);
          assert.ok(perOctet < 2.5, `${perOctet} octets kept for each received`);
          const resident = filled.rss - before.rss;
          assert.ok(resident < attackerCount * 24_576 + 4 * sent, `${resident} octets resident`);

          // One millisecond is left.
          assert.is(filled.greetingCount, attackerCount, "closed before their time");
          assert.is(await attackers.ask("closedCount"), 0);
          await honest.echo();
          await visit(port);

          await server.ask("advance", 1 + LATENESS_MS);
          assert.is((await siege.state()).greetingCount, 0, "open after their time");
          await attackers.ask("closed", attackerCount);
          await honest.echo();
          await visit(port);
          const after = await siege.until(({ greetingCount, openCount }) => greetingCount === 0 && openCount === 1);
          assert.is(after.closedCount, attackerCount + 2, "the visitors closed too");
          const left = (after.inUse - before.inUse) / attackerCount;
          assert.ok(left < 512, `${left} octets a connection are left`);
        });
      }),
    50_000,
  ),
);

test.run();

// Not of the corpus: how it is carried out.
const counting = suite("slow handshakes / processes");

counting("where a process may open too few files, there are more processes", () => {
  assert.equal(parts(10_000, Number.POSITIVE_INFINITY), [10_000]);
  assert.equal(parts(10_000, 20_000), [10_000]);
  assert.equal(parts(10_000, 4096), [3333, 3333, 3334]);
  assert.is(
    parts(10_000, 1024).reduce((sum, part) => sum + part, 0),
    10_000,
  );
});

counting.run();
