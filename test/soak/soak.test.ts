// A short soak of each transport, and of servers that are broken on purpose: each must be found. What memory does takes a long
// run to see: `npm run soak`.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { memoryTrial } from "../../bindings/node/memory-trial.ts";
import { MistakeError } from "../support/command-line.ts";
import { help, plansOf } from "./arguments.ts";
import { faultNames } from "./faults.ts";
import { allowances, growthOf } from "./growth.ts";
import { type SoakPlan, type SoakReport, soak } from "./soak.ts";

const { refusal } = await memoryTrial();
const transports = refusal === null ? (["memory", "data"] as const) : (["data"] as const);
if (refusal !== null) console.error(`sockets cannot be read into memory here: ${refusal.message}`);

const short = { messageCount: 20_000, connectionCount: 300, seconds: 1e6, seed: 0x6455, patienceMs: 30_000 };

const run = (plan: Partial<SoakPlan>): Promise<SoakReport> => soak({ ...short, transport: "data", ...plan }, () => {});

for (const transport of transports) {
  const test = suite(`soak / ${transport}`);

  test("20,000 messages on 300 connections: all come back, in order, each once, and nothing is kept", async () => {
    const { tally, faults, samples } = await run({ transport });
    assert.equal(faults, []);
    assert.ok(tally.messageCount >= 20_000, `${tally.messageCount} messages`);
    assert.ok(tally.connectionCount >= 300, `${tally.connectionCount} connections`);
    assert.ok(
      tally.properCount >= 150 && tally.properCount < tally.connectionCount,
      `${tally.properCount} proper ends`,
    );
    assert.is(samples.length, 10);
  });

  test.run();
}

const broken = suite("soak / broken on purpose");

// How long nothing may come back is short here: where that is too short for a machine, it ends as it should all the same.
for (const fault of faultNames.filter((name) => name !== "leak")) {
  broken(`a server is found out: ${fault}`, async () => {
    const { faults } = await run({ fault, messageCount: 5000, patienceMs: 3000 });
    assert.ok(faults.length > 0, "nothing was found");
    assert.match(faults[0]!, /connection \d+|lost: nothing has come/);
  });
}

broken.run();

const growth = suite("soak / growth");

const samplesOf = (values: readonly number[]): { rss: number; inUse: number }[] =>
  values.map((value) => ({ rss: 5 * value, inUse: value }));

growth("is the median of the last three samples against that of the first three", () => {
  assert.is(growthOf(samplesOf([1, 2, 3, 50, 50, 50, 50, 11, 12, 13]), "inUse"), 10);
  assert.is(growthOf(samplesOf([9, 1, 2, 0, 0, 0, 0, 2, 90, 1]), "inUse"), 0);
  assert.is(growthOf(samplesOf([1, 2, 3, 50, 50, 50, 50, 11, 12, 13]), "rss"), 50);
});

growth("of 300 octets for each of 100,000 connections is more than is allowed", () => {
  const leaking = samplesOf(Array.from({ length: 10 }, (_, index) => 1e7 + index * 10_000 * 300));
  assert.ok(growthOf(leaking, "inUse") > 5 * allowances.inUse.octets);
});

growth.run();

const command = suite("soak / arguments");

command("none: ten million messages and 100,000 connections, both transports", () => {
  const plans = plansOf([]);
  assert.ok(plans !== "help");
  assert.equal(
    plans.map(({ transport, messageCount, connectionCount }) => [transport, messageCount, connectionCount]),
    [
      ["memory", 10_000_000, 100_000],
      ["data", 10_000_000, 100_000],
    ],
  );
});

command("numbers and names are taken as they are", () => {
  const [plan, ...others] = plansOf(
    "--messages 5 --connections 6 --seconds 7 --seed 8 --transport memory --fault swap".split(" "),
  ) as SoakPlan[];
  assert.equal(others, []);
  const { patienceMs: _, ...given } = plan!;
  const expected = { messageCount: 5, connectionCount: 6, seconds: 7, seed: 8, transport: "memory", fault: "swap" };
  assert.equal(given, expected);
});

command("what is wrong is said", () => {
  for (const words of ["--messages x", "--connections -1", "--seconds 0", "--seed 4294967296", "--transport tcp"])
    assert.throws(
      () => plansOf(words.split(" ")),
      (error: unknown) => error instanceof MistakeError,
      words,
    );
  assert.throws(() => plansOf(["--speed"]), /speed/);
  assert.throws(() => plansOf(["--fault", "rust"]), /leak, lose/);
  assert.is(plansOf(["--help"]), "help");
  for (const name of faultNames) assert.ok(help.includes(name));
});

command.run();
