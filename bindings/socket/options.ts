// The options that servers and clients have in common, and the settings of a connection made of them: limits, timeouts on a
// clock, and the runtime's idea of a tick.

import type { Role } from "../codec/wire.ts";
import {
  type ConnectionHandlers,
  type ConnectionLimits,
  ConnectionSettings,
  handlerNames,
} from "../connection/settings.ts";
import type { DeflateOptions } from "../deflate/options.ts";
import { PerMessageDeflate } from "../deflate/permessage-deflate.ts";
import { functionOption, wrongOption } from "../options.ts";
import { type Clock, processClock } from "./clock.ts";
import type { Platform } from "./platform.ts";

/** Options of a server's connections and of a client's. */
export interface SocketOptions extends ConnectionLimits {
  /** Text as a `"string"` (default) or as validated octets, `"bytes"`. */
  readonly text?: "string" | "bytes" | undefined;
  /** Whether each binary message has an ArrayBuffer of its own; default false. */
  readonly exact?: boolean | undefined;
  /** Octets from which a message goes to the `stream` handler; default 1 MiB beside a `message` handler, else 0. */
  readonly streamFrom?: number | undefined;
  /** Whether messages may be compressed, RFC 7692, and how; default false. See docs/compression.md. */
  readonly perMessageDeflate?: boolean | DeflateOptions | undefined;
  /** The clock of timeouts; default one for the process. */
  readonly clock?: Clock | undefined;
}

export const limitNames = [
  "maxMessageLength",
  "maxBufferedAmount",
  "maxProcessBuffered",
  "idleTimeoutMs",
  "closeTimeoutMs",
] as const;

const connectionNames = ["text", "exact", "streamFrom", ...limitNames] as const;

/** The names of SocketOptions, and of the handlers of a connection. */
export const socketOptionNames: readonly string[] = [...connectionNames, ...handlerNames, "perMessageDeflate", "clock"];

/** Those of an object's fields that have one of the names and a value. */
export function pick<T extends object, K extends keyof T>(source: T, names: readonly K[]): Pick<T, K> {
  const picked: Partial<Pick<T, K>> = {};
  for (const name of names) if (source[name] !== undefined) picked[name] = source[name];
  return picked as Pick<T, K>;
}

/** The clock of the options, a Clock of whichever build. @throws UsageError for anything else */
export function clockOption(clock: Partial<Clock> = processClock): Clock {
  const isClock =
    typeof clock === "object" &&
    clock !== null &&
    (["now", "add", "remove"] as const).every((name) => typeof clock[name] === "function");
  if (!isClock) throw wrongOption("clock", "a Clock", clock);
  return clock as Clock;
}

/** What compresses, as the option says; undefined where nothing does. @throws UsageError for an option that is wrong */
export function deflateOption(
  option: boolean | DeflateOptions | undefined,
  platform: Platform,
): PerMessageDeflate | undefined {
  if (option === undefined || option === false) return undefined;
  if (typeof option !== "object" && option !== true)
    throw wrongOption("perMessageDeflate", "true, false or an object", option);
  return new PerMessageDeflate(option === true ? {} : option, platform.flate());
}

/**
 * Makes the settings of a kind of connection.
 *
 * @param options  validated here, but for names that nobody reads, which are the caller's affair
 * @throws         UsageError for an option that is out of range or of the wrong kind
 */
export function connectionSettings<Context>(
  role: Role,
  options: SocketOptions & ConnectionHandlers<Context>,
  clock: Clock,
  handlers: ConnectionHandlers<Context>,
  platform: Platform,
): ConnectionSettings<Context> {
  platform.prepare(); // the settings take the kernel that the environment chooses
  for (const name of handlerNames) functionOption(name, options[name] as unknown);
  return new ConnectionSettings<Context>(
    {
      maxProcessBuffered: platform.maxProcessBuffered,
      ...pick(options, connectionNames),
      role,
      handlers,
      now: () => clock.now(),
    },
    platform.tickEnd,
    platform.nextTurn,
  );
}
