// npm run hostile:slow [-- ATTACKERS [TIMEOUT_MS]]: thousands of handshakes that never end, on the platform's clock. Prints what
// the server kept for them, when each was closed relative to its deadline, and how long an honest client waited meanwhile.

import { type ServerState, Siege } from "./slow.ts";

const [attackerCount = 10_000, handshakeTimeoutMs = 10_000, ...more] = process.argv.slice(2).map(Number);
if (more.length !== 0 || !(attackerCount > 0) || !(handshakeTimeoutMs > 0)) {
  console.error("Usage: npm run hostile:slow -- [ATTACKERS [TIMEOUT_MS]]");
  process.exit(2);
}

const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
const mib = (octets: number): string => `${(octets / 2 ** 20).toFixed(1)} MiB`;

/** The value that a share of sorted values does not pass. */
const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;

function print(name: string, unsorted: readonly number[]): void {
  const sorted = [...unsorted].sort((a, b) => a - b);
  const shares = [0, 0.5, 0.99, 1].map((share) => ms(quantile(sorted, share)));
  console.log(`${name}: min ${shares[0]}, p50 ${shares[1]}, p99 ${shares[2]}, max ${shares[3]} of ${sorted.length}`);
}

await Siege.lay(attackerCount, { isManual: false, handshakeTimeoutMs }, async (sieges) => {
  console.log(`${attackerCount} attackers, ${sieges.length} servers, handshakeTimeoutMs ${handshakeTimeoutMs}`);
  const latencies = { alone: [] as number[], besieged: [] as number[] };
  let kept: number[] = latencies.alone;
  let isOver = false;
  const talking = sieges.map(async ({ honest }) => {
    while (!isOver) {
      const started = performance.now();
      await honest.echo();
      kept.push(performance.now() - started);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });
  await new Promise((resolve) => setTimeout(resolve, 1000));
  kept = latencies.besieged;
  await Promise.all(sieges.map((siege) => siege.open()));
  await Promise.all(sieges.map(({ attackers }) => attackers.ask("keepDripping")));
  await new Promise((resolve) => setTimeout(resolve, handshakeTimeoutMs / 3));
  const states = await Promise.all(sieges.map((siege) => siege.state()));
  const sum = (value: (state: ServerState) => number, all: readonly ServerState[] = states): number =>
    all.reduce((total, state) => total + value(state), 0);
  const before = sieges.map((siege) => siege.before);
  const waiting = sum(({ greetingCount }) => greetingCount);
  for (const [name, value] of [
    ["resident", (state: ServerState) => state.rss],
    ["in use", (state: ServerState) => state.inUse],
  ] as const) {
    const grown = sum(value) - sum(value, before);
    const each = Math.round(grown / waiting);
    console.log(`${name}: ${mib(sum(value, before))} before, ${mib(sum(value))} with ${waiting}: ${each} octets each`);
  }
  await Promise.all(sieges.map(({ attackers, attackerCount: count }) => attackers.ask("closed", count)));
  isOver = true;
  await Promise.all(talking);
  const lateness = await Promise.all(sieges.map(({ server }) => server.ask<number[]>("lateness")));
  print("closed after the deadline", lateness.flat());
  print("honest echo before", latencies.alone);
  print("honest echo meanwhile", latencies.besieged);
  const after = await Promise.all(sieges.map((siege) => siege.state()));
  console.log(`in use afterwards: ${mib(sum((state) => state.inUse, after))}`);
});
