// npm run conformance:faults [-- WORDS]: builds a copy of the sources for each deliberate fault, or for those whose name holds
// the words, runs the cases against it in both roles, and writes down which caught it. Cases of 9.* are left out: the others
// tell, and those may wait for minutes.

import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../support/programs.ts";
import { broken, faults } from "./faults.ts";
import { readFaults, writeFaults } from "./files.ts";
import { type FaultRecord, outcomeOf, shorten } from "./report.ts";
import type { Result } from "./trial.ts";

const sources = [
  "assembly",
  "bench",
  "bindings",
  "examples",
  "scripts",
  "test",
  "asconfig.json",
  "package.json",
  "tsconfig.json",
];
const subjects = { server: "wsimd", client: "wsimd-connect" } as const;
const chosen = "1,2,3,4,5,6,7,10";

/** Runs a program of the copy; its output is of interest only where it fails. */
function run(folder: string, words: readonly string[], mayFail: boolean): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: folder, encoding: "utf8" });
  if (status !== 0 && !mayFail) throw new Error(`${words.join(" ")} failed:\n${stdout}${stderr}`);
}

/** The cases that are not as they must be, in each role. */
function runCases(folder: string): FaultRecord[string] {
  run(folder, ["scripts/build.mjs"], false);
  const out = join(folder, "out.json");
  rmSync(out, { force: true });
  const names = Object.values(subjects).join();
  run(folder, ["build/test/conformance/main.js", "--subject", names, "--cases", chosen, "--json", out], true);
  const results = JSON.parse(readFileSync(out, "utf8")) as Readonly<Record<string, readonly Result[]>>;
  const [server, client] = Object.values(results).map((found) =>
    shorten(found.filter((result) => !["OK", "INFORMATIONAL"].includes(outcomeOf(result))).map(({ id }) => id)),
  );
  return { server: server!, client: client! };
}

const words = process.argv.slice(2).join(" ");
const folder = mkdtempSync(join(tmpdir(), "wsimd-faults-"));
try {
  for (const source of sources) cpSync(join(packageRoot, source), join(folder, source), { recursive: true });
  symlinkSync(join(packageRoot, "node_modules"), join(folder, "node_modules"));
  const sound = runCases(folder);
  if (sound.server !== "" || sound.client !== "") throw new Error(`without a fault: ${JSON.stringify(sound)}`);
  const before = readFaults();
  const record: Record<string, FaultRecord[string]> = {};
  for (const fault of faults) {
    if (!fault.name.includes(words)) {
      record[fault.name] = before[fault.name]!;
      continue;
    }
    const path = join(folder, fault.file);
    const text = readFileSync(path, "utf8");
    writeFileSync(path, broken(text, fault));
    const caught = runCases(folder);
    writeFileSync(path, text);
    record[fault.name] = caught;
    console.log(`${fault.name}\n  server: ${caught.server || "none"}\n  client: ${caught.client || "none"}`);
  }
  writeFaults(record);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
