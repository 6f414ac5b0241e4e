// What scripts/test.mjs starts for each file, in Node, Deno or Bun: runs the file's suites and writes what came of them into a
// file, as JSON. Not over a channel of the processes: that is not the same in the three, nor in all their versions.
//
//   node scripts/test/child.mjs FILE REPORT

import { writeFileSync } from "node:fs";
import { setTimeout } from "node:timers"; // Deno's own has no unref
import { pathToFileURL } from "node:url";
import { runSuites } from "./suites.mjs";

const CLOSING_TIMEOUT_MS = 15_000;

const [file, reportFile] = process.argv.slice(2);
const report = await runSuites(pathToFileURL(file).href);
writeFileSync(reportFile, JSON.stringify(report));
// What a test left behind keeps the process alive.
setTimeout(() => {
  console.error(`still open after the last test: ${process.getActiveResourcesInfo?.().join(", ") ?? "something"}`);
  process.exit(1);
}, CLOSING_TIMEOUT_MS).unref();
