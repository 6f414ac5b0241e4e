// createServer on Bun: the server of every runtime on Bun's own listeners.

import { ChunkServer, type ServerOptions } from "../runtime/chunk-server.ts";
import { type ListenTarget, SocketListener } from "./listener.ts";

/** A WebSocket server. */
export class Server<Data = unknown> extends ChunkServer<Data, ListenTarget> {
  /** @throws UsageError for an option that is misspelt or out of range */
  constructor(options: ServerOptions<Data>) {
    super(options, (reception) => new SocketListener(reception));
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
