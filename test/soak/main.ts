// `npm run soak`: see arguments.ts and README.md.

import { MistakeError } from "../support/command-line.ts";
import { help, plansOf } from "./arguments.ts";
import { type SoakPlan, soak } from "./soak.ts";

async function run(plan: SoakPlan): Promise<boolean> {
  const { transport, seed, fault } = plan;
  const broken = fault === undefined ? "" : `, broken on purpose: ${fault}`;
  console.log(`\ntransport ${transport}, seed ${seed}, Node ${process.versions.node}${broken}`);
  const startedMs = performance.now();
  const { tally, faults } = await soak(plan, console.log);
  const seconds = (performance.now() - startedMs) / 1000;
  const rate = Math.round(tally.messageCount / seconds);
  console.log(
    `${tally.messageCount} messages came back right, ${tally.connectionCount} connections are over, ` +
      `${tally.properCount} of them by a closing handshake, the longest of those that came and went after ${(tally.longestMs / 1000).toFixed(1)} s; ${Math.round(seconds)} s, ${rate} messages/s`,
  );
  for (const line of faults.slice(0, 20)) console.log(`WRONG: ${line}`);
  if (faults.length === 0) console.log("nothing is lost, doubled or out of order, and nothing is kept");
  return faults.length === 0;
}

try {
  const plans = plansOf(process.argv.slice(2));
  if (plans === "help") console.log(help);
  else for (const plan of plans) if (!(await run(plan))) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof MistakeError)) throw error;
  console.error(`${error.message}\n\n${help}`);
  process.exitCode = 2;
}
