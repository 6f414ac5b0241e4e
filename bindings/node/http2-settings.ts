// SETTINGS_ENABLE_CONNECT_PROTOCOL: a client may use extended CONNECT only where the server has said that it may. RFC 8441 §3.

import type { Http2Server } from "node:http2";
import type { Server as NetServer } from "node:net";
import { UsageError } from "../errors/classes.ts";

interface Options {
  readonly settings?: { readonly enableConnectProtocol?: boolean };
}

/** Whether a server says so already. Node keeps what it was made with to itself: false where that is not found. */
function isEnabled(server: object): boolean {
  const key = Object.getOwnPropertySymbols(server).find(({ description }) => description === "options");
  const options = key === undefined ? undefined : (server as Record<symbol, Options | undefined>)[key];
  return options?.settings?.enableConnectProtocol === true;
}

/**
 * Makes an HTTP/2 server say so in the sessions to come; its other settings stay.
 *
 * @throws UsageError where it has connections already, which would not hear of it
 */
export function enableConnectProtocol(server: Http2Server): void {
  if (isEnabled(server)) return;
  const { _connections: connectionCount = 0 } = server as NetServer & { readonly _connections?: number };
  if (connectionCount !== 0) {
    throw new UsageError(
      "WS_ARGUMENT",
      "attach: the HTTP/2 server has connections that were not told of extended CONNECT; attach before it listens, or make " +
        "it with { settings: { enableConnectProtocol: true } }",
    );
  }
  server.updateSettings({ enableConnectProtocol: true }); // joins those that it has
}
