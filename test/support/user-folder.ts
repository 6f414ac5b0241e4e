// A project of a user's: a folder with the package as it is published, installed under node_modules, and sources of its own.

import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { packageRoot } from "./programs.ts";

export class UserFolder {
  readonly path: string = mkdtempSync(join(tmpdir(), "wsimd-user-"));

  /** Makes the folder; what is named, from the package's root, is copied into it. */
  constructor(sources: readonly string[]) {
    const installed = join(this.path, "node_modules/wsimd");
    mkdirSync(installed, { recursive: true });
    for (const name of ["package.json", "dist"])
      cpSync(join(packageRoot, name), join(installed, name), { recursive: true });
    writeFileSync(join(this.path, "package.json"), '{ "name": "user", "private": true, "type": "module" }\n');
    for (const source of sources) cpSync(join(packageRoot, source), join(this.path, basename(source)));
  }

  /** Writes a source of its own. */
  write(name: string, text: string): void {
    writeFileSync(join(this.path, name), text);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
