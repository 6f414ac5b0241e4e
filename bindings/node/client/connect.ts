// connect(): a client whose socket is the one that a server's handlers get. Its messages go to a handler, or to a loop.

import { inboxHandlers } from "../../connection/loops.ts";
import { handlerNames } from "../../connection/settings.ts";
import { checkOptionNames, functionOption } from "../../options.ts";
import { platform } from "../../runtime/platform.ts";
import { connectionSettings, pick, type SocketOptions, socketOptionNames } from "../../socket/options.ts";
import { type ClientHandlers, connectionOf, type Socket } from "../../socket/socket.ts";
import { openSocket } from "./client.ts";
import { type OpeningOptions, OpeningSettings, openingNames } from "./options.ts";

/** Options of connect. */
export interface ConnectOptions<Data = unknown> extends ClientHandlers<Data>, SocketOptions, OpeningOptions {
  /** What the socket's `data` is at first. */
  readonly data?: Data | undefined;
}

const optionNames: ReadonlySet<string> = new Set([...socketOptionNames, ...openingNames, "open", "data"]);

/**
 * Connects to a WebSocket server. RFC 6455 §4.1.
 *
 * @param url      ws, wss, http or https
 * @param options  handlers, limits, and how to reach the server
 * @returns        the open socket. Rejects with a UsageError for a URL or an option that is wrong, with a HandshakeError for an
 *                 answer that is, with the platform's error where there is no connection, and with the signal's reason
 */
export async function connect<Data = unknown>(
  url: string | URL,
  options: ConnectOptions<Data> = {},
): Promise<Socket<Data>> {
  checkOptionNames("connect", options, optionNames);
  functionOption("open", options.open as unknown);
  const opening = new OpeningSettings(options);
  const handlers = inboxHandlers(pick(options, handlerNames));
  const settings = connectionSettings("client", options, opening.clock, handlers, platform);
  return new Promise((resolve, reject) => {
    openSocket<Data>(url, opening, settings, {
      opened: (socket, response) => {
        socket.data = options.data;
        connectionOf(socket).run(() => options.open?.(socket, response));
        resolve(socket);
      },
      failed: reject,
    });
  });
}
