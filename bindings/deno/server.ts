// createServer on Deno: the server of every runtime on Deno's own listeners. It needs no permission but to listen.

import { ChunkServer, type ServerOptions } from "../runtime/chunk-server.ts";
import { ConnListener, type ListenTarget } from "./listener.ts";

/** A WebSocket server. */
export class Server<Data = unknown> extends ChunkServer<Data, ListenTarget> {
  /** @throws UsageError for an option that is misspelt or out of range */
  constructor(options: ServerOptions<Data>) {
    super(options, (reception, settings) => new ConnListener(reception, settings.connection.kernel));
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
