// What connect() and the WebSocket class have in common: an opening handshake that leads to a Socket, and its life on the
// process's clock. Each keeps to its own way of telling.

import type { ConnectionSettings } from "../../connection/settings.ts";
import type { ResponseHead } from "../../handshake/index.ts";
import { flushAtExit, forgetAtExit } from "../../runtime/exit.ts";
import type { Clock } from "../../socket/clock.ts";
import { Membership } from "../../socket/membership.ts";
import { Socket, sinkOf } from "../../socket/socket.ts";
import { readingByEvents, StreamLink } from "../stream-link.ts";
import { type Opened, Opening } from "./opening.ts";
import type { OpeningSettings } from "./options.ts";

/** Whom a client tells, once. */
export interface ClientOwner<Data> {
  /** The connection is open; what came with the server's answer is delivered when this has returned. */
  opened(socket: Socket<Data>, response: ResponseHead): void;
  failed(error: unknown): void;
}

/**
 * Opens a connection.
 *
 * @returns  the opening, which has begun: what it leads to is told to `owner`, never before this returns
 * @throws   UsageError for a URL, or a field of the request, that cannot be sent
 */
export function openSocket<Data>(
  url: string | URL,
  opening: OpeningSettings,
  connection: ConnectionSettings<Socket<Data>>,
  owner: ClientOwner<Data>,
): Opening {
  const attempt = new Opening(url, opening, {
    opened: (result) => join(result, opening.clock, connection, owner),
    failed: (error) => owner.failed(error),
  });
  attempt.start();
  return attempt;
}

function join<Data>(
  { stream, agreed, extension, response, rest }: Opened,
  clock: Clock,
  settings: ConnectionSettings<Socket<Data>>,
  owner: ClientOwner<Data>,
): void {
  const link = new StreamLink(stream, readingByEvents);
  const socket = new Socket<Data>(link, settings, { ...agreed, extension });
  const sink = sinkOf(socket, new ProcessMembership(socket, clock));
  link.read(sink);
  owner.opened(socket, response);
  if (rest.length !== 0) sink.arrived(rest);
}

/** What waits in a client's output is written before the process exits. */
class ProcessMembership<Data> extends Membership<Data> {
  constructor(socket: Socket<Data>, clock: Clock) {
    super(socket, clock);
    flushAtExit(socket);
  }

  override forget(socket: Socket<Data>): void {
    super.forget(socket);
    forgetAtExit(socket);
  }
}
