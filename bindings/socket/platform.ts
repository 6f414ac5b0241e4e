// What servers and clients ask of a runtime besides octets. Each runtime has one object of this kind.

import type { Later } from "../connection/later.ts";
import type { FlateProvider } from "../deflate/flate.ts";

export interface Platform {
  /** After the microtasks that the present work leaves, and those that they leave, before the next event. */
  readonly tickEnd: Later;
  /** After everybody else whose octets are there has been served; null where every chunk is a turn of its own. */
  readonly nextTurn: Later | null;
  /** The default of `maxProcessBuffered`, in octets; undefined for that of Connection. */
  readonly maxProcessBuffered: number | undefined;
  /** What compresses where the options name nothing; undefined where the runtime has no zlib. */
  flate(): FlateProvider | undefined;
  /** Reads what the environment decides. @throws UsageError for a value there is not */
  prepare(): void;
  /** Says something that no handler takes: the application's fault, or the listening socket's. */
  warn(error: unknown): void;
}
