// npm run conformance:faults [-- WORDS]: builds a copy of the sources for each deliberate fault, or for those whose name holds
// the words, runs the cases against it in both roles, and writes down which caught it. Cases of 9.* are left out: the others
// tell, and those may wait for minutes.

import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { SourceCopy } from "../support/faults.ts";
import { faults } from "./faults.ts";
import { readFaults, writeFaults } from "./files.ts";
import { type FaultRecord, outcomeOf, shorten } from "./report.ts";
import type { Result } from "./trial.ts";

const subjects = { server: "wsimd", client: "wsimd-connect" } as const;
const chosen = "1,2,3,4,5,6,7,10";

/** The cases that are not as they must be, in each role. */
async function runCases(copy: SourceCopy): Promise<FaultRecord[string]> {
  const out = join(copy.folder, "out.json");
  rmSync(out, { force: true });
  const names = Object.values(subjects).join();
  await copy.run(["build/test/conformance/main.js", "--subject", names, "--cases", chosen, "--json", out]);
  const results = JSON.parse(readFileSync(out, "utf8")) as Readonly<Record<string, readonly Result[]>>;
  const [server, client] = Object.values(results).map((found) =>
    shorten(found.filter((result) => !["OK", "INFORMATIONAL"].includes(outcomeOf(result))).map(({ id }) => id)),
  );
  return { server: server!, client: client! };
}

const words = process.argv.slice(2).join(" ");
const copy = new SourceCopy();
try {
  await copy.build();
  const sound = await runCases(copy);
  if (sound.server !== "" || sound.client !== "") throw new Error(`without a fault: ${JSON.stringify(sound)}`);
  const before = readFaults();
  const record: Record<string, FaultRecord[string]> = {};
  for (const fault of faults) {
    if (!fault.name.includes(words)) {
      record[fault.name] = before[fault.name]!;
      continue;
    }
    const caught = await copy.with(fault, () => runCases(copy));
    record[fault.name] = caught;
    console.log(`${fault.name}\n  server: ${caught.server || "none"}\n  client: ${caught.client || "none"}`);
  }
  writeFaults(record);
} finally {
  copy.remove();
}
