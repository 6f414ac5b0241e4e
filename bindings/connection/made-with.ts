// What a connection is made with: options of its own, validated here, or settings that many share and a place for this one.

import { wrongOption } from "../options.ts";
import type { ConnectionExtension } from "./extension.ts";
import { type ConnectionPlace, ConnectionSettings, type SettingsOptions } from "./settings.ts";
import { checkTransport, type Transport, transportOf } from "./transport.ts";

/** Options of a Connection. */
export interface ConnectionOptions<Context> extends SettingsOptions<Context>, ConnectionPlace<Context> {
  /** In place of a transport: takes octets, which are the callee's to keep. Leave both out and call `output`. */
  readonly write?: ((octets: Uint8Array) => unknown) | undefined;
}

/** Everything that a connection is made with. */
interface Made<Context> {
  readonly settings: ConnectionSettings<Context>;
  readonly transport: Transport | undefined;
  readonly extension: ConnectionExtension | undefined;
  readonly context: Context | undefined;
}

/** @throws UsageError for an option that is missing, misspelt or out of range, and for two ways out */
export function madeWith<Context>(
  options: ConnectionOptions<Context> | ConnectionSettings<Context>,
  place: ConnectionPlace<Context>,
): Made<Context> {
  if (options instanceof ConnectionSettings) {
    const { transport, extension, context } = place;
    return { settings: options, transport, extension, context };
  }
  const { transport, context, extension, write, ...rest } = options ?? ({} as ConnectionOptions<Context>);
  const settings = new ConnectionSettings(rest);
  if (transport !== undefined && write !== undefined)
    throw wrongOption("write", "left out where there is a transport", write);
  return { settings, transport: checkTransport(transport) ?? transportOf(write), extension, context };
}
