// TCP of whatever runs the tests as pairs of streams: Deno's conns, which are some, and Node's sockets by `Duplex.toWeb`, in Bun too.

import { once } from "node:events";
import * as net from "node:net";
import { Duplex } from "node:stream";
import type { DialTarget, StreamPair } from "../../bindings/web/index.ts";
import { runtime } from "./runtime.ts";

/** Takes a connection that was accepted. */
type Take = (pair: StreamPair, remoteAddress: string) => void;

/** A listening socket on loopback. */
export interface ListeningPairs {
  readonly url: string;
  /** Accepts no more. */
  close(): void;
}

interface Conn extends StreamPair {
  readonly remoteAddr: { readonly hostname: string };
  setNoDelay(): void;
}

interface Deno {
  listen(where: { readonly port: number; readonly hostname: string }): AsyncIterable<Conn> & {
    readonly addr: { readonly port: number };
    close(): void;
  };
  connect(where: { readonly port: number; readonly hostname: string }): Promise<Conn>;
}

const { Deno: deno } = globalThis as { readonly Deno?: Deno };

const hostname = "127.0.0.1";

async function listenOnDeno({ listen }: Deno, take: Take): Promise<ListeningPairs> {
  const listener = listen({ port: 0, hostname });
  void (async () => {
    for await (const conn of listener) {
      conn.setNoDelay();
      take(conn, conn.remoteAddr.hostname);
    }
  })();
  return { url: `ws://${hostname}:${listener.addr.port}`, close: () => listener.close() };
}

/**
 * Not of a socket with `allowHalfOpen`: on Node 20 and 22 its readable would end only when both sides have.
 */
const pairOf = (socket: net.Socket): StreamPair => Duplex.toWeb(socket);

async function listenOnNode(take: Take): Promise<ListeningPairs> {
  const listener = net.createServer({ noDelay: true }, (socket) => take(pairOf(socket), socket.remoteAddress!));
  listener.listen(0, hostname);
  await once(listener, "listening");
  const { port } = listener.address() as net.AddressInfo;
  return { url: `ws://${hostname}:${port}`, close: () => void listener.close() };
}

export const listenPairs = (take: Take): Promise<ListeningPairs> =>
  runtime === "deno" ? listenOnDeno(deno!, take) : listenOnNode(take);

/** Makes the streams of a client. */
export async function dialPair({ hostname, port }: Pick<DialTarget, "hostname" | "port">): Promise<StreamPair> {
  if (runtime === "deno") {
    const conn = await deno!.connect({ hostname, port });
    conn.setNoDelay();
    return conn;
  }
  const socket = net.connect({ host: hostname, port, noDelay: true });
  await once(socket, "connect");
  return pairOf(socket);
}
