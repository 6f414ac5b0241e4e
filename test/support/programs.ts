// Programs in processes of their own, as a user starts them.

import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the package. */
export const packageRoot: string = fileURLToPath(new URL("../../../", import.meta.url));

/** The path of a module with this source. Node runs a text too; Deno and Bun want a file, and find packages by where it is. */
export function programFile(source: string): string {
  const folder = join(packageRoot, "build/programs");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${createHash("sha256").update(source).digest("hex").slice(0, 16)}.mjs`);
  writeFileSync(file, source);
  return file;
}

/** A program that runs, and what it has written. */
export class Program {
  readonly child: ChildProcess;
  stdout = "";
  stderr = "";
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  private hasEnded = false;
  private wake: () => void = () => {};

  constructor(
    command: string,
    args: readonly string[],
    cwd: string = packageRoot,
    env: Record<string, string> = {},
    input: "ignore" | "pipe" = "ignore",
  ) {
    this.child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: [input, "pipe", "pipe"] });
    this.child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
      this.wake();
    });
    this.child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
      this.wake();
    });
    this.ended = new Promise((resolve, reject) => {
      this.child.on("error", reject);
      this.child.on("close", (code, signal) => {
        this.hasEnded = true;
        this.wake();
        resolve(code ?? signal ?? "");
      });
    });
  }

  static node(...args: readonly string[]): Program {
    return new Program(process.execPath, args);
  }

  /** Waits for a line of its output and returns the match; rejects if the program ends before. */
  async line(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.stdout);
      if (match !== null) return match;
      if (this.hasEnded) throw new Error(`it ended without writing ${pattern}:\n${this.stdout}${this.stderr}`);
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  /** Ends it by a signal; returns as `ended`. */
  stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | string> {
    this.child.kill(signal);
    return this.ended;
  }
}
