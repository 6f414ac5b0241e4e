// createServer over pairs of streams: whoever has one, from a listener of Deno's, a worker's socket, a WebTransport session or a
// test, gives it to `serve`. Each pair has a reception and a clock of its own, so that nothing is shared by requests.

import type { OctetSource } from "../codec/octets.ts";
import { type MessageOptions, type PreparedMessage, prepareMessage } from "../connection/prepared.ts";
import { UsageError } from "../errors/classes.ts";
import { booleanOption, checkOptionNames } from "../options.ts";
import { type ServerOptions, ServerSettings } from "../server/options.ts";
import { Clock } from "../socket/clock.ts";
import type { Socket } from "../socket/socket.ts";
import { Place } from "./place.ts";
import { platform } from "./platform.ts";
import type { StreamPair } from "./streams.ts";
import { StreamsLink } from "./streams-link.ts";

/** What is known of a pair of streams. */
export interface ServedFrom {
  /** Whether it came over TLS, which decides the scheme of a page's own origin; default false. */
  readonly secure?: boolean | undefined;
  /** The peer's address, for the application. */
  readonly remoteAddress?: string | undefined;
}

const placeNames: ReadonlySet<string> = new Set(["secure", "remoteAddress"]);

/** A WebSocket server. */
export class Server<Data = unknown> {
  private readonly settings: ServerSettings<Data>;
  private readonly ownClock: Clock | undefined;
  private readonly places = new Set<Place<Data>>();
  private closed: Promise<void> | null = null;

  /** @throws UsageError for an option that is misspelt or out of range */
  constructor(options: ServerOptions<Data>) {
    this.settings = new ServerSettings<Data>(options as ServerOptions<Data, unknown>, platform);
    this.ownClock = options.clock;
  }

  /** The open connections, as they are now. */
  get sockets(): ReadonlySet<Socket<Data>> {
    return new Set([...this.places].flatMap(({ open }) => [...open]));
  }

  /**
   * Serves one connection whose first octets are its opening handshake.
   *
   * @param streams  locked, and this server's from now on
   * @returns        once the connection is over and `close` was told, whatever came of it; never rejects
   * @throws         UsageError for what is no pair of streams, or is locked, and where the server is closed: the streams are
   *                 the caller's then
   */
  serve(streams: StreamPair, from: ServedFrom = {}): Promise<void> {
    checkOptionNames("serve", from, placeNames);
    const isSecure = booleanOption("secure", from.secure, false);
    if (this.closed !== null) throw new UsageError("WS_NOT_OPEN", "the server is closed");
    const link = new StreamsLink(streams, this.settings.connection.kernel, from.remoteAddress);
    const place = new Place<Data>(this.settings, this.ownClock ?? new Clock());
    this.places.add(place);
    place.greet(link, isSecure);
    return place.over.then(() => {
      this.places.delete(place);
      if (link.lostFor instanceof UsageError && !place.wasOpen) place.fault(link.lostFor); // nobody else was told
    });
  }

  /** Encodes a message once, to be sent to any number of sockets; see prepareMessage. */
  prepare(data: string | OctetSource, options?: MessageOptions): PreparedMessage {
    return prepareMessage(data, options);
  }

  /**
   * Stops: serves no more, sends every connection 1001, and drops after `closeTimeoutMs` those that do not answer.
   *
   * @returns  once every connection is closed; calling it again returns the same promise
   */
  close(): Promise<void> {
    this.closed ??= this.shutDown();
    return this.closed;
  }

  private async shutDown(): Promise<void> {
    const closing = [...this.places].flatMap((place) => [place.close(), place.over]);
    await Promise.all(closing);
  }
}

/**
 * Makes a WebSocket server over pairs of streams. Handlers and options are documented in ServerOptions and docs/.
 *
 * @throws  UsageError for an option that is misspelt or out of range
 */
export function createServer<Data = unknown>(options: ServerOptions<Data>): Server<Data> {
  return new Server(options);
}
