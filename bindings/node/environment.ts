// What the environment of a Node process decides for servers, besides the kernel.

import { UsageError } from "../errors/classes.ts";
import { variable } from "../runtime/variable.ts";

/** How sockets are read: into linear memory, by `data` events, or `"auto"`: into memory where that works. */
export type TransportName = "auto" | "memory" | "data";

export const transportNames = ["auto", "memory", "data"] as const;

/** WSIMD_TRANSPORT, the transport of servers that are not told another. @throws UsageError for one that there is not */
export function environmentTransport(): TransportName {
  const name = variable("WSIMD_TRANSPORT") ?? "auto";
  const known = transportNames.find((transport) => transport === name);
  if (known !== undefined) return known;
  throw new UsageError("WS_OPTION", `WSIMD_TRANSPORT must be "auto", "memory" or "data", not ${name}`);
}
