// The way to the server: a TCP connection, a Unix socket or a stream of the application's own, with TLS over it where the
// URL asks for it. Knows nothing of HTTP: exchange.ts asks, once the stream is ready.

import { connect as connectNet, isIP, type Socket as NetSocket } from "node:net";
import { Duplex } from "node:stream";
import { connect as connectTls, type TLSSocket, type ConnectionOptions as TlsOptions } from "node:tls";
import type { HandshakeRequest } from "../../handshake/index.ts";
import { wrongOption } from "../../options.ts";
import type { OpeningSettings } from "./options.ts";

/** Makes the stream, which may still be connecting: `whenReady` tells when to write. */
export function dial(
  { hostname, port, secure }: HandshakeRequest,
  { connect, socketPath }: OpeningSettings,
  tls: TlsOptions,
  signal: AbortSignal,
): Duplex | Promise<Duplex> {
  if (connect !== undefined) {
    const made = connect({ hostname, port, secure, signal });
    const take = (stream: Duplex): Duplex => {
      if (!(stream instanceof Duplex)) {
        (stream as Partial<Duplex> | undefined)?.destroy?.();
        throw wrongOption("the result of connect", "a stream of Node's", stream);
      }
      // One that comes too late is not talked to any more: the exchange destroys it.
      if (!secure || (stream as Partial<TLSSocket>).encrypted === true || signal.aborted) return stream;
      try {
        return encrypted({ host: hostname, socket: stream }, tls);
      } catch (error) {
        stream.on("error", () => {}).destroy(); // nobody else has it
        throw error;
      }
    };
    return made instanceof Duplex ? take(made) : Promise.resolve(made).then(take);
  }
  const where = socketPath === undefined ? { host: hostname, port } : { path: socketPath };
  if (secure) return encrypted({ ...where, host: hostname }, tls);
  return connectNet({ ...where, noDelay: true, allowHalfOpen: true });
}

/** RFC 6455 §4.1 item 5: TLS, which names the host unless that is an address (RFC 6066 §3). */
function encrypted(where: TlsOptions & { readonly host: string }, tls: TlsOptions): Duplex {
  const options: TlsOptions & { allowHalfOpen: boolean } = {
    ALPNProtocols: ["http/1.1"],
    ...tls,
    ...where,
    allowHalfOpen: true,
  };
  if (options.servername === undefined && isIP(where.host) === 0) options.servername = where.host;
  const socket = connectTls(options);
  socket.setNoDelay(true);
  // A stream below that is not a socket of Node's keeps its errors to itself.
  where.socket?.on("error", (error) => socket.destroy(error));
  return socket;
}

/** Calls back when octets may be written: connected, and, with TLS, after the server's certificate has been verified. */
export function whenReady(stream: Duplex, ready: () => void): void {
  const { connecting, secureConnecting } = stream as Partial<NetSocket> & { readonly secureConnecting?: boolean };
  if (secureConnecting === true) stream.once("secureConnect", ready);
  else if (connecting === true) stream.once("connect", ready);
  else ready();
}
