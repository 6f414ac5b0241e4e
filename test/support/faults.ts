// Deliberate faults: one place of the sources changed, a rule dropped or an answer spoilt. A suite that passes everything
// proves nothing until these make it fail. They are made in a copy of the sources, which is built anew for each.

import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Program, packageRoot } from "./programs.ts";

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
  async build(): Promise<void> {
    const { status, output } = await this.run(["scripts/build.mjs"]);
    if (status !== 0) throw new Error(`the build failed:\n${output}`);
  }

  /** Runs a program of the copy to its end. */
  async run(
    words: readonly string[],
    env: Record<string, string> = {},
  ): Promise<{ status: number | string; output: string }> {
    const program = new Program(process.execPath, words, this.folder, env);
    const status = await program.ended;
    return { status, output: `${program.stdout}${program.stderr}` };
  }

  /** Builds the copy with a fault, looks at it, and mends the source. */
  async with<Found>(fault: Fault, look: () => Promise<Found>): Promise<Found> {
    const path = join(this.folder, fault.file);
    const text = readFileSync(path, "utf8");
    writeFileSync(path, broken(text, fault));
    try {
      await this.build();
      return await look();
    } finally {
      writeFileSync(path, text);
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
