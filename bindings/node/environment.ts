// What the environment of a Node process decides. Nothing else reads it; runtimes that refuse it have none.

import { UsageError } from "../errors/classes.ts";
import { initSync } from "../kernel/select.ts";

let isRead = false;

/** WSIMD_KERNEL chooses the kernel, once. @throws UsageError for a kernel there is not */
export function readEnvironment(): void {
  if (isRead) return;
  isRead = true;
  let kernel: string | undefined;
  try {
    kernel = process.env.WSIMD_KERNEL;
  } catch {
    return;
  }
  if (kernel === undefined || kernel === "") return;
  try {
    initSync({ kernel: kernel as "wasm" | "scalar" | "auto" });
  } catch (cause) {
    const { code, message } = cause as UsageError;
    throw new UsageError(code, `WSIMD_KERNEL=${kernel}: ${message}`);
  }
}
