// createServer on Deno: the server of every runtime on Deno's own listeners. It needs no permission but to listen.

import { platform } from "../runtime/platform.ts";
import { ListeningServer } from "../runtime/server.ts";
import { type ServerOptions, ServerSettings } from "../server/options.ts";
import { Reception } from "../server/reception.ts";
import { ConnListener, type ListenTarget } from "./listener.ts";

/** A WebSocket server. */
export class Server<Data = unknown> extends ListeningServer<Data, ListenTarget> {
  /** @throws UsageError for an option that is misspelt or out of range */
  constructor(options: ServerOptions<Data>) {
    const settings = new ServerSettings<Data>(options as ServerOptions<Data, unknown>, platform);
    const reception = new Reception(settings);
    super(settings, reception, new ConnListener(reception, settings.connection.kernel));
  }
}

/**
 * Makes a WebSocket server on Deno's sockets. Handlers and options are documented in ServerOptions and docs/.
 *
 * @throws  UsageError for an option that is misspelt or out of range
 */
export function createServer<Data = unknown>(options: ServerOptions<Data>): Server<Data> {
  return new Server(options);
}
