// Test files in processes of Node, Deno or Bun, one each.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const child = fileURLToPath(new URL("child.mjs", import.meta.url));

/** A file that hangs is ended with the programs that it started, which would keep its output open: they are its group. */
const hasGroups = process.platform !== "win32";

function end({ pid }) {
  process.kill(hasGroups ? -pid : pid, "SIGKILL");
}

const alive = new Set();

// A group of its own hears nothing of Ctrl+C.
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    for (const running of alive) end(running);
    process.kill(process.pid, signal);
  });
}

/** What runs files, each by the command and with the variables given, until it is closed. */
export function openProcesses({ command, env = {} }) {
  const reports = mkdtempSync(join(tmpdir(), "wsimd-test-"));
  let count = 0;

  /** Runs a file; resolves with its report, if it wrote one, how it ended, and what it wrote besides. */
  const run = (file, timeoutMs) =>
    new Promise((resolve) => {
      const reportFile = join(reports, `${count++}.json`);
      const [program, ...options] = command;
      const running = spawn(program, [...options, child, file, reportFile], {
        stdio: ["ignore", "pipe", "pipe"],
        detached: hasGroups,
        env: { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: "1" } : {}), ...env },
      });
      let stdout = "";
      let stderr = "";
      let timedOut = false;
      running.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
      running.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
      const timer = setTimeout(() => {
        timedOut = true;
        end(running);
      }, timeoutMs);
      alive.add(running);
      running.on("close", (exitCode, signal) => {
        clearTimeout(timer);
        alive.delete(running);
        const report = existsSync(reportFile) ? JSON.parse(readFileSync(reportFile, "utf8")) : null;
        const ending = exitCode === 0 ? null : `exit code ${exitCode}, ${signal ?? "no signal"}`;
        resolve({ report, timedOut, ending, stdout, stderr });
      });
    });

  return { run, close: () => rmSync(reports, { recursive: true, force: true }) };
}
