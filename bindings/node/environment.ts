// What the environment of a Node process decides for servers and clients. (`wsimd/register` has a variable of its own.)

import { UsageError } from "../errors/classes.ts";
import { initSync } from "../kernel/select.ts";
import { variable } from "./variable.ts";

/** How sockets are read: into linear memory, by `data` events, or `"auto"`: into memory where that works. */
export type TransportName = "auto" | "memory" | "data";

export const transportNames = ["auto", "memory", "data"] as const;

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

/** WSIMD_TRANSPORT, the transport of servers that are not told another. @throws UsageError for one that there is not */
export function environmentTransport(): TransportName {
  const name = variable("WSIMD_TRANSPORT") ?? "auto";
  const known = transportNames.find((transport) => transport === name);
  if (known !== undefined) return known;
  throw new UsageError("WS_OPTION", `WSIMD_TRANSPORT must be "auto", "memory" or "data", not ${name}`);
}
