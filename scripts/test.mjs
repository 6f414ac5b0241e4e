// Runs compiled tests: every build/test/**/*.test.js, or those whose path holds the pattern. Those in interop/, edge/ and installed/
// need programs that scripts/peers.mjs installs: they run only where the pattern names their folder.
//
//   node scripts/test.mjs [--runtime NAME] [--json FILE] [pattern]
//   node scripts/test.mjs interop/
//
// Each file runs in a process of its own, two at a time, of the Node that runs this or of the runtime named
// (test/runtimes.mjs); in Chromium in a page of its own. A file fails if a test fails, if it registers none, if a promise rejects
// unheard, if it ends before its tests do, or if something of it is still open when they are done. What is not run on a
// runtime, or known to fail there, is in test/differences.mjs, and said.
// --json writes what came of each file. The last line is "N passed, N failed"; the exit code is 1 unless that says 0 failed.

import { readdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { knownFailuresOf, reasonNotToRun } from "./test/differences.mjs";
import { openRuntime } from "./test/runtimes.mjs";

const root = fileURLToPath(new URL("../build/test/", import.meta.url));
const FILE_TIMEOUT_MS = Number(process.env.WSIMD_TEST_TIMEOUT_MS ?? 240_000);

const onDemand = ["interop", "edge", "installed"];

/** Judges what came of a file: how many of its tests passed, failed, were known to fail and skipped, and what to print. */
function judge({ report, timedOut, ending, stdout, stderr }, known) {
  const { passed = 0, skipped = 0, failures = [], faults = [] } = report ?? {};
  let { failed = 0 } = report ?? {};
  const unexpected = failures.filter(({ title }) => !known.titles.includes(title));
  const knownCount = failures.length - unexpected.length;
  failed -= knownCount;
  const texts = unexpected.map(({ text }) => text);
  texts.push(...faults.map((text) => `  ${text}\n`));
  const fault = (text) => {
    failed++;
    texts.push(`  ${text}\n`);
  };
  if (timedOut) fault(`it did not end within ${FILE_TIMEOUT_MS} ms; it wrote:\n${stdout}`);
  else if (report === null) fault(`it ended before its tests did (${ending ?? "exit code 0"}); it wrote:\n${stdout}`);
  else if (ending !== null && !known.endsBadly) fault(`it ended with ${ending}`);
  else if (passed + failed + knownCount + skipped === 0) fault("it registers no test: does its suite call run()?");
  if (report !== null) {
    for (const title of known.certain) {
      if (!failures.some((failure) => failure.title === title))
        fault(`known to fail here, and it did not: ${JSON.stringify(title)}; see scripts/test/differences.mjs`);
    }
  }
  return { passed, failed, known: knownCount, skipped, texts, stderr };
}

function print({ name, passed, failed, known, skipped, texts, stderr, took }) {
  const counts = [`${passed} passed`];
  if (known !== 0) counts.push(`${known} known to fail`);
  if (skipped !== 0) counts.push(`${skipped} SKIPPED`);
  if (failed !== 0) counts.push(`${failed} FAILED`);
  console.log(`${failed === 0 ? "ok  " : "FAIL"}  ${name}  ${counts.join(", ")}  ${Math.round(took)} ms`);
  for (const text of texts) console.log(text);
  if (failed !== 0 && stderr !== "") console.log(stderr.trimEnd());
  else if (skipped !== 0) console.error(stderr.trimEnd());
}

/** The names of the files meant, those that take longest first, and by reason how many are not run on the runtime. */
function choose(pattern, runtimeName) {
  const isMeant = (name) => {
    const [folder] = name.split("/");
    return name.includes(pattern) && (!onDemand.includes(folder) || pattern.startsWith(folder));
  };
  const meant = readdirSync(root, { recursive: true })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => name.endsWith(".test.js") && isMeant(name))
    .sort();
  const leftOut = new Map();
  const names = meant.filter((name) => {
    const reason = reasonNotToRun(runtimeName, name);
    if (reason !== undefined) leftOut.set(reason, (leftOut.get(reason) ?? 0) + 1);
    return reason === undefined;
  });
  // Those that start programs.
  const isSlow = (name) => /^(browser|package|real)\//.test(name);
  names.sort((a, b) => Number(isSlow(b)) - Number(isSlow(a)));
  return { names, leftOut };
}

async function runAll(pattern, runtimeName, jsonFile) {
  const { names, leftOut } = choose(pattern, runtimeName);
  const runtime = await openRuntime(runtimeName);
  const results = [];
  const total = { passed: 0, failed: 0, known: 0, skipped: 0 };
  const waiting = names.values();
  const worker = async () => {
    for (const name of waiting) {
      const started = performance.now();
      const outcome = await runtime.run(join(root, name), FILE_TIMEOUT_MS);
      const result = { name, ...judge(outcome, knownFailuresOf(runtimeName, name)), took: performance.now() - started };
      print(result);
      results.push(result);
      for (const key of Object.keys(total)) total[key] += result[key];
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
  await runtime.close();
  if (names.length === 0) {
    console.log(`no test file${pattern === "" ? "" : ` whose path holds ${JSON.stringify(pattern)}`} to run`);
    total.failed++;
  }
  for (const [reason, count] of leftOut) console.log(`not run on ${runtimeName}, ${count} files: ${reason}`);
  if (total.known !== 0)
    console.log(`${total.known} known to fail on ${runtimeName}: see scripts/test/differences.mjs`);
  if (total.skipped !== 0) console.log(`${total.skipped} SKIPPED: see above for what is missing`);
  if (jsonFile !== undefined) {
    const files = results.map(({ texts: _, stderr: __, ...counts }) => counts);
    writeFileSync(jsonFile, JSON.stringify({ runtime: runtimeName, ...total, files, leftOut: [...leftOut] }));
  }
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

const { values, positionals } = parseArgs({
  options: { runtime: { type: "string", default: "node" }, json: { type: "string" } },
  allowPositionals: true,
});
try {
  await runAll(positionals[0] ?? "", values.runtime, values.json);
} catch (error) {
  console.error(error.message);
  console.log("0 passed, 1 failed");
  process.exitCode = 1;
}
