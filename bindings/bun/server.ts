// createServer on Bun: the server of every runtime on Bun's own listeners.

import { platform } from "../runtime/platform.ts";
import { ListeningServer } from "../runtime/server.ts";
import { type ServerOptions, ServerSettings } from "../server/options.ts";
import { Reception } from "../server/reception.ts";
import { type ListenTarget, SocketListener } from "./listener.ts";

/** A WebSocket server. */
export class Server<Data = unknown> extends ListeningServer<Data, ListenTarget> {
  /** @throws UsageError for an option that is misspelt or out of range */
  constructor(options: ServerOptions<Data>) {
    const settings = new ServerSettings<Data>(options as ServerOptions<Data, unknown>, platform);
    const reception = new Reception(settings);
    super(settings, reception, new SocketListener(reception));
  }
}

/**
 * Makes a WebSocket server on Bun's sockets. Handlers and options are documented in ServerOptions and docs/.
 *
 * @throws  UsageError for an option that is misspelt or out of range
 */
export function createServer<Data = unknown>(options: ServerOptions<Data>): Server<Data> {
  return new Server(options);
}
