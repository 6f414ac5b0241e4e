// WSIMD_REGISTER: whether anything is replaced, and whether it is told.

import { UsageError } from "../errors/classes.ts";
import { variable } from "../runtime/variable.ts";

/** `"verbose"` tells on stderr what is replaced and what is left alone; `"off"` replaces nothing. */
export type RegisterMode = "quiet" | "verbose" | "off";

const modes = ["quiet", "verbose", "off"] as const;

/** @throws UsageError for a mode that there is not */
export function registerMode(): RegisterMode {
  const name = variable("WSIMD_REGISTER") ?? "quiet";
  const known = modes.find((mode) => mode === name);
  if (known !== undefined) return known;
  throw new UsageError("WS_OPTION", `WSIMD_REGISTER must be "quiet", "verbose" or "off", not ${name}`);
}
