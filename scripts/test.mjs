// Runs compiled tests: every build/test/**/*.test.js, or those whose path holds the pattern. Those in interop/ and edge/ need
// programs that scripts/peers.mjs installs: they run only where the pattern names their folder.
//
//   node scripts/test.mjs [pattern]
//   node scripts/test.mjs interop/
//
// Each file runs in a process of its own, two at a time. A file fails if a test fails, if it registers none, if a promise
// rejects unheard, if it ends before its tests do, or if something of it is still open when they are done.
// The last line is "N passed, N failed"; the exit code is 1 unless that says 0 failed.

import { fork } from "node:child_process";
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const self = fileURLToPath(import.meta.url);
const root = fileURLToPath(new URL("../build/test/", import.meta.url));
const FILE_TIMEOUT_MS = Number(process.env.WSIMD_TEST_TIMEOUT_MS ?? 240_000);
const CLOSING_TIMEOUT_MS = 15_000;

// The parent's half: which files, how many at a time, what came of them.

/** Runs one file; resolves with how many of its tests passed, failed and were skipped, and what it wrote. */
function runFile(file) {
  return new Promise((resolve) => {
    const started = performance.now();
    const child = fork(self, ["--file", file], {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: "1" } : {}) },
    });
    let stdout = "";
    let stderr = "";
    let report = null;
    let timedOut = false;
    child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
    child.on("message", (message) => (report = message));
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill("SIGKILL");
    }, FILE_TIMEOUT_MS);
    child.on("close", (exitCode, signal) => {
      clearTimeout(timer);
      const { passed = 0, skipped = 0, errors = [] } = report ?? {};
      const failures = [...errors];
      let failed = report?.failed ?? 0;
      const fault = (text) => {
        failed++;
        failures.push(`  ${text}\n`);
      };
      if (timedOut) fault(`it did not end within ${FILE_TIMEOUT_MS} ms; it wrote:\n${stdout}`);
      else if (report === null)
        fault(`it ended before its tests did (exit code ${exitCode}, ${signal ?? "no signal"}); it wrote:\n${stdout}`);
      else if (exitCode !== 0) fault(`it ended with exit code ${exitCode}, ${signal ?? "no signal"}`);
      else if (passed + failed + skipped === 0) fault("it registers no test: does its suite call run()?");
      resolve({ file, passed, failed, skipped, failures, stderr, took: performance.now() - started });
    });
  });
}

function print({ file, passed, failed, skipped, failures, stderr, took }) {
  const name = relative(root, file);
  const counts = [`${passed} passed`];
  if (skipped !== 0) counts.push(`${skipped} SKIPPED`);
  if (failed !== 0) counts.push(`${failed} FAILED`);
  console.log(`${failed === 0 ? "ok  " : "FAIL"}  ${name}  ${counts.join(", ")}  ${Math.round(took)} ms`);
  for (const failure of failures) console.log(failure);
  if (failed !== 0 && stderr !== "") console.log(stderr.trimEnd());
  else if (skipped !== 0) console.error(stderr.trimEnd());
}

async function runAll(pattern) {
  const ofOthers = ["interop", "edge"].filter((folder) => !pattern.startsWith(folder));
  const isMeant = (name) => name.includes(pattern) && !ofOthers.some((folder) => name.startsWith(`${folder}/`));
  const files = readdirSync(root, { recursive: true })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => name.endsWith(".test.js") && isMeant(name))
    .map((name) => join(root, name))
    .sort();
  // Those that start programs take longest: they begin first.
  const isSlow = (file) => /[/\\](browser|package|real)[/\\]/.test(file);
  files.sort((a, b) => Number(isSlow(b)) - Number(isSlow(a)));
  const total = { passed: 0, failed: 0, skipped: 0 };
  const waiting = [...files];
  const worker = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const result = await runFile(file);
      print(result);
      for (const key of Object.keys(total)) total[key] += result[key];
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
  if (files.length === 0) {
    console.log(`no test file${pattern === "" ? "" : ` whose path holds ${JSON.stringify(pattern)}`}`);
    total.failed++;
  }
  if (total.skipped !== 0) console.log(`${total.skipped} SKIPPED: see above for what is missing`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

// The child's half: one file, whose suites uvu queues instead of running them.

async function runSuites(file) {
  globalThis.UVU_DEFER = 1;
  globalThis.UVU_QUEUE = [[]];
  await import(pathToFileURL(file));
  const report = { passed: 0, failed: 0, skipped: 0, errors: [] };
  for (const run of globalThis.UVU_QUEUE[0]) {
    const [errors, passed, skipped, total] = await run();
    report.passed += passed;
    report.failed += total - passed;
    report.skipped += skipped;
    if (typeof errors === "string") report.errors.push(errors);
    else if (passed !== total)
      report.errors.push(`  ${total - passed} tests did not run: a hook of their suite threw\n`);
  }
  // What a test left behind keeps the process alive.
  setTimeout(() => {
    console.error(`still open after the last test: ${process.getActiveResourcesInfo().join(", ")}`);
    process.exit(1);
  }, CLOSING_TIMEOUT_MS).unref();
  process.send(report, () => process.disconnect());
}

const [first, second] = process.argv.slice(2);
if (first === "--file") await runSuites(second);
else await runAll(first ?? "");
