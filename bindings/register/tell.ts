// Where WSIMD_REGISTER=verbose is answered.

import { writeSync } from "node:fs";

/** Writes a line to stderr at once: `process.stderr` of a worker or of the hooks' thread may be lost when the process ends. */
export function tell(line: string): void {
  try {
    writeSync(2, `wsimd/register: ${line}\n`);
  } catch {
    // Closed, or a full pipe: nothing depends on it.
  }
}

export const silence = (): void => {};
