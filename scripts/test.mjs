// Runs compiled tests: every build/test/**/*.test.js, or those whose path holds the pattern. Those in interop/ need programs
// that scripts/peers.mjs installs: they run only where the pattern names that folder.
//
//   node scripts/test.mjs [--runtime NAME] [pattern]
//   node scripts/test.mjs interop/
//
// Each file runs in a process of its own, two at a time, of the Node that runs this or of the runtime named: see
// test/runtimes.mjs. A file fails if a test fails, if it registers none, if a promise rejects unheard, if it ends before its
// tests do, or if something of it is still open when they are done.
// The last line is "N passed, N failed"; the exit code is 1 unless that says 0 failed.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runtimeOf } from "./test/runtimes.mjs";

const child = fileURLToPath(new URL("test/child.mjs", import.meta.url));
const root = fileURLToPath(new URL("../build/test/", import.meta.url));
const FILE_TIMEOUT_MS = Number(process.env.WSIMD_TEST_TIMEOUT_MS ?? 240_000);

/** Runs one file; resolves with how many of its tests passed, failed and were skipped, and what it wrote. */
function runFile(file, { command, env = {} }, reportFile) {
  return new Promise((resolve) => {
    const started = performance.now();
    const [program, ...options] = command;
    const running = spawn(program, [...options, child, file, reportFile], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: "1" } : {}), ...env },
    });
    let stdout = "";
    let stderr = "";
    let timedOut = false;
    running.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
    running.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
    const timer = setTimeout(() => {
      timedOut = true;
      running.kill("SIGKILL");
    }, FILE_TIMEOUT_MS);
    running.on("close", (exitCode, signal) => {
      clearTimeout(timer);
      const report = existsSync(reportFile) ? JSON.parse(readFileSync(reportFile, "utf8")) : null;
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

async function runAll(pattern, runtime) {
  const isMeant = (name) => name.includes(pattern) && (!name.startsWith("interop/") || pattern.startsWith("interop"));
  const files = readdirSync(root, { recursive: true })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => name.endsWith(".test.js") && isMeant(name))
    .map((name) => join(root, name))
    .sort();
  // Those that start programs take longest: they begin first.
  const isSlow = (file) => /[/\\](browser|package|real)[/\\]/.test(file);
  files.sort((a, b) => Number(isSlow(b)) - Number(isSlow(a)));
  const reports = mkdtempSync(join(tmpdir(), "wsimd-test-"));
  const total = { passed: 0, failed: 0, skipped: 0 };
  const waiting = files.entries();
  const worker = async () => {
    for (const [index, file] of waiting) {
      const result = await runFile(file, runtime, join(reports, `${index}.json`));
      print(result);
      for (const key of Object.keys(total)) total[key] += result[key];
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
  rmSync(reports, { recursive: true, force: true });
  if (files.length === 0) {
    console.log(`no test file${pattern === "" ? "" : ` whose path holds ${JSON.stringify(pattern)}`}`);
    total.failed++;
  }
  if (total.skipped !== 0) console.log(`${total.skipped} SKIPPED: see above for what is missing`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

const { values, positionals } = parseArgs({
  options: { runtime: { type: "string", default: "node" } },
  allowPositionals: true,
});
await runAll(positionals[0] ?? "", runtimeOf(values.runtime));
