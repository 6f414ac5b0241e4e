// What the environment of a process decides for servers and clients of every runtime that has one. (transport-option.ts and
// `wsimd/register` have a variable of their own.)

import { UsageError } from "../errors/classes.ts";
import { initSync } from "../kernel/select.ts";
import { variable } from "./variable.ts";

let isRead = false;

/** WSIMD_KERNEL chooses the kernel, once. @throws UsageError for a kernel there is not */
export function readEnvironment(): void {
  if (isRead) return;
  isRead = true;
  const kernel = variable("WSIMD_KERNEL");
  if (kernel === undefined) return;
  try {
    initSync({ kernel: kernel as "wasm" | "scalar" | "auto" });
  } catch (cause) {
    const { code, message } = cause as UsageError;
    throw new UsageError(code, `WSIMD_KERNEL=${kernel}: ${message}`);
  }
}
