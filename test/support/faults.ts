// Deliberate faults: one place of the sources changed, a rule dropped or an answer spoilt. A suite that passes everything
// proves nothing until these make it fail. They are made in a copy of the sources, which is built anew for each.

import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "./programs.ts";

/** One change of one source file. */
export interface Fault {
  /** Stands in the table: what the codec no longer does. */
  readonly name: string;
  readonly file: string;
  /** Occurs in the file once. */
  readonly find: string;
  readonly replace: string;
}

/** The file of a fault, with it. */
export function broken(text: string, { name, find, replace }: Fault): string {
  const parts = text.split(find);
  if (parts.length !== 2) throw new Error(`${JSON.stringify(find)} must occur once, for: ${name}`);
  return parts.join(replace);
}

const sources = [
  "assembly",
  "bench",
  "bindings",
  "docs",
  "examples",
  "scripts",
  "test",
  "asconfig.json",
  "package.json",
  "tsconfig.json",
];

/** A copy of the sources, where programs are built and run. */
export class SourceCopy {
  readonly folder: string = mkdtempSync(join(tmpdir(), "wsimd-faults-"));

  constructor() {
    for (const source of sources) cpSync(join(packageRoot, source), join(this.folder, source), { recursive: true });
    symlinkSync(join(packageRoot, "node_modules"), join(this.folder, "node_modules"));
  }

  /** Builds everything. @throws if that fails */
  build(): void {
    const { status, output } = this.run(["scripts/build.mjs"]);
    if (status !== 0) throw new Error(`the build failed:\n${output}`);
  }

  /** Runs a program of the copy to its end. */
  run(words: readonly string[], env: Record<string, string> = {}): { status: number | null; output: string } {
    const options = { cwd: this.folder, encoding: "utf8", env: { ...process.env, ...env } } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, words, options);
    return { status, output: `${stdout}${stderr}` };
  }

  /** Builds the copy with a fault, looks at it, and mends the source. */
  with<Found>(fault: Fault, look: () => Found): Found {
    const path = join(this.folder, fault.file);
    const text = readFileSync(path, "utf8");
    writeFileSync(path, broken(text, fault));
    try {
      this.build();
      return look();
    } finally {
      writeFileSync(path, text);
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
