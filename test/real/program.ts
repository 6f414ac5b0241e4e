// Runs a program of programs/ as its author would, and with ws replaced.

import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Program, packageRoot } from "../support/programs.ts";

/** What a program tells of itself: one line of JSON. `isReplaced` is one answer for each socket that it looked at. */
export interface Transcript {
  readonly isReplaced: readonly boolean[];
  readonly [name: string]: unknown;
}

export type Mode = "plain" | "replaced";

const modeArguments: Readonly<Record<Mode, readonly string[]>> = {
  plain: [],
  replaced: ["--import", pathToFileURL(join(packageRoot, "dist/esm/register.js")).href],
};

/**
 * Runs `node programs/NAME ARGUMENTS` to its end.
 *
 * @throws Error with what it wrote where it does not end by itself with exit code 0, or tells nothing
 */
export async function run(name: string, args: readonly string[], mode: Mode): Promise<Transcript> {
  const path = fileURLToPath(new URL(`../../../test/real/programs/${name}.mjs`, import.meta.url));
  const program = Program.node(...modeArguments[mode], path, ...args);
  const exitCode = await program.ended;
  if (exitCode !== 0 || program.stdout === "")
    throw new Error(`${name} (${mode}) ended with ${exitCode}:\n${program.stdout}${program.stderr}`);
  return JSON.parse(program.stdout) as Transcript;
}
