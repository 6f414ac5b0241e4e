// An upgrade to something that nobody here speaks, such as curl's h2c: a server may ignore the field and answer the request
// (RFC 9110 §7.8). Node, which has `upgrade` listeners to hand it to, leaves that to them.

import { type Server as HttpServer, type IncomingMessage, ServerResponse } from "node:http";
import type { Socket as NetSocket } from "node:net";
import { CLOSE_TIMEOUT_MS } from "../connection/settings.ts";

/**
 * Has the `request` listeners of an HTTP server answer a request that Node took for an upgrade. The connection is closed
 * behind the answer: Node's parser has left it.
 *
 * @returns  false where there are none, or where there is a body, which nobody would read
 */
export function ignoreUpgrade(server: HttpServer, request: IncomingMessage, socket: NetSocket): boolean {
  const { "content-length": contentLength = "0", "transfer-encoding": coding } = request.headers;
  if (server.listenerCount("request") === 0 || contentLength !== "0" || coding !== undefined) return false;
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  socket.on("error", () => socket.destroy());
  socket.on("drain", () => response.emit("drain")); // Node's own listener went with the parser
  response.on("finish", () => {
    response.detachSocket(socket);
    socket.end();
    socket.setTimeout(CLOSE_TIMEOUT_MS, () => socket.destroy());
    socket.resume(); // to the peer's FIN: what it sends now is read by nobody
  });
  server.emit("request", request, response);
  return true;
}
