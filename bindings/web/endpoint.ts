// A socket over streams that need no opening handshake here: it is done, by whoever made the streams, or both ends have agreed
// to speak frames without one, as over a stream of WebTransport.

import type { Role } from "../codec/wire.ts";
import { inboxHandlers } from "../connection/loops.ts";
import { type ConnectionHandlers, handlerNames } from "../connection/settings.ts";
import { checkOptionNames, choiceOption, wrongOption } from "../options.ts";
import { Clock } from "../socket/clock.ts";
import { Membership } from "../socket/membership.ts";
import { clockOption, connectionSettings, pick, type SocketOptions, socketOptionNames } from "../socket/options.ts";
import { Socket, sinkOf } from "../socket/socket.ts";
import { platform } from "./platform.ts";
import type { StreamPair } from "./streams.ts";
import { StreamsLink } from "./streams-link.ts";

/** Options of endpoint. */
export interface EndpointOptions<Data = unknown>
  extends ConnectionHandlers<Socket<Data>>,
    Omit<SocketOptions, "perMessageDeflate"> {
  /** Which end this is: a client masks its frames. */
  readonly role: Role;
  /** The subprotocol agreed; default "" for none. */
  readonly protocol?: string | undefined;
  /** What the socket's `data` is at first. */
  readonly data?: Data | undefined;
}

const optionNames: ReadonlySet<string> = new Set(
  [...socketOptionNames, "role", "protocol", "data"].filter((name) => name !== "perMessageDeflate"),
);

/**
 * Makes a socket over a pair of streams that carry frames from the first octet on. RFC 6455 §5.
 *
 * @param streams  locked, and the socket's from now on
 * @param options  `role`, handlers and limits; without `message` the socket is iterated over
 * @returns        the open socket; nothing is delivered before this has returned
 * @throws         UsageError for an option that is missing, misspelt or out of range, and for what is no pair of streams
 */
export function endpoint<Data = unknown>(streams: StreamPair, options: EndpointOptions<Data>): Socket<Data> {
  checkOptionNames("endpoint", options, optionNames);
  const role = choiceOption("role", options.role, ["server", "client"]);
  const { protocol = "" } = options;
  if (typeof protocol !== "string") throw wrongOption("protocol", "a string", protocol);
  const clock = options.clock === undefined ? new Clock() : clockOption(options.clock);
  const handlers = inboxHandlers(pick(options, handlerNames));
  const settings = connectionSettings(role, options, clock, handlers, platform);
  const link = new StreamsLink(streams, settings.kernel);
  const socket = new Socket<Data>(link, settings, { protocol, extensions: [] });
  socket.data = options.data;
  socket.keepMessages();
  link.read(sinkOf(socket, new Membership(socket, clock)));
  return socket;
}
