// The address of whoever is at the other end of a stream: a socket knows its own, a stream of HTTP/2 that of its session.

import type { ServerHttp2Stream } from "node:http2";
import type { Socket as NetSocket } from "node:net";
import type { Duplex } from "node:stream";

/** Of streams that are part of another: noted while that is there, for `close` may want them. */
const noted = new WeakMap<Duplex, string>();

/** The peer's address; undefined where it is not known, or no longer. */
export function remoteAddressOf(stream: Duplex): string | undefined {
  return noted.get(stream) ?? (stream as Partial<NetSocket>).remoteAddress;
}

/** Makes the address of a stream's session its own. */
export function noteRemoteAddress(stream: ServerHttp2Stream): void {
  const address = stream.session?.socket.remoteAddress;
  if (address !== undefined) noted.set(stream, address);
}
