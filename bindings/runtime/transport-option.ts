// How a server reads its sockets: the option of createServer, and the variable of the environment that stands in for it.

import { UsageError } from "../errors/classes.ts";
import { choiceOption } from "../options.ts";
import { variable } from "./variable.ts";

/** How sockets are read: into linear memory, by chunks of the runtime's, or `"auto"`: into memory where that works. */
export type TransportName = "auto" | "memory" | "data";

const transportNames = ["auto", "memory", "data"] as const;

/** Options that servers have which read sockets. */
export interface TransportOptions {
  /**
   * How sockets are read: straight into the module's memory (`"memory"`), by chunks that the runtime brings (`"data"`), or the
   * first where it works (`"auto"`, the default): on Node. Sockets read into memory are written to past their streams where
   * that works too. With `"memory"`, `listen` rejects where it does not work.
   */
  readonly transport?: TransportName | undefined;
}

/** WSIMD_TRANSPORT, the transport of servers that are not told another. @throws UsageError for one that there is not */
export function environmentTransport(): TransportName {
  const name = variable("WSIMD_TRANSPORT") ?? "auto";
  const known = transportNames.find((transport) => transport === name);
  if (known !== undefined) return known;
  throw new UsageError("WS_OPTION", `WSIMD_TRANSPORT must be "auto", "memory" or "data", not ${name}`);
}

/** The transport that a server is told. @throws UsageError for one that there is not */
export function transportOption({ transport }: TransportOptions): TransportName {
  return choiceOption("transport", transport, transportNames, environmentTransport());
}

/** The error of a server that was told to read into memory where that does not work. */
export function transportRefused(cause: { readonly message: string }): UsageError {
  const error = new UsageError("WS_TRANSPORT_REFUSED", `sockets cannot be read into memory here: ${cause.message}`);
  error.cause = cause;
  return error;
}
