// What connect() and the WebSocket class have in common: an opening handshake that leads to a Socket, and its life on the
// process's clock. Each keeps to its own way of telling.

import { ReadyState } from "../../connection/life.ts";
import type { ConnectionSettings } from "../../connection/settings.ts";
import type { ResponseHead } from "../../handshake/index.ts";
import { flushAtExit, forgetAtExit } from "../../runtime/exit.ts";
import type { Clock, Timed } from "../../socket/clock.ts";
import { connectionOf, Socket, type SocketKeeper, sinkOf } from "../../socket/socket.ts";
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
  const sink = sinkOf(socket, new Membership(socket, clock, settings));
  link.read(sink);
  owner.opened(socket, response);
  if (rest.length !== 0) sink.arrived(rest);
}

/** A client's place on the clock, and among those whose output is flushed at exit. */
class Membership<Data> implements SocketKeeper<Data>, Timed {
  readonly shortestTimeoutMs: number;
  private readonly socket: Socket<Data>;
  private readonly clock: Clock;

  constructor(socket: Socket<Data>, clock: Clock, settings: ConnectionSettings<Socket<Data>>) {
    this.socket = socket;
    this.clock = clock;
    this.shortestTimeoutMs = Math.min(settings.closeTimeoutMs, settings.idleTimeoutMs / 2);
    clock.add(this);
    flushAtExit(socket);
  }

  tick(nowMs: number): void {
    connectionOf(this.socket).tick(nowMs);
    if (this.socket.readyState === ReadyState.CLOSED) this.forget(this.socket); // not every stream tells that it is closed
  }

  forget(socket: Socket<Data>): void {
    this.clock.remove(this);
    forgetAtExit(socket);
  }
}
