// What the tests see of servers and sockets, and users do not.

import type { Server as NetServer, Socket as NetSocket } from "node:net";
import { currentKernel } from "../../bindings/kernel/select.ts";
import type { HandleWriter } from "../../bindings/node/handle-writer.ts";
import type { Server, Socket } from "../../bindings/node/index.ts";

/** Octets that one read brings at most. */
export const REGION_LENGTH: number = currentKernel().inputCapacity;

/** The stream of a socket. */
export const streamOf = (socket: Socket): NetSocket =>
  (socket as unknown as { link: { stream: NetSocket } }).link.stream;

interface Reception {
  readonly answerings: ReadonlySet<{ readonly link: { readonly stream: NetSocket } }>;
  readonly reading: { readonly writer: HandleWriter | null };
}

const receptionOf = (server: Server): Reception => (server as unknown as { reception: Reception }).reception;

/** What a server listens with. */
export const netOf = (server: Server): NetServer =>
  (server as unknown as { listener: { net: NetServer } }).listener.net;

/** How many connections a server has: on Node as its listening socket counts them, elsewhere as we do. */
export async function connectionCountOf(server: Server): Promise<number> {
  const net = netOf(server) as NetServer | undefined;
  if (net === undefined) return greetingCountOf(server) + server.sockets.size;
  return new Promise((resolve, reject) =>
    net.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
  );
}

/** How many connections of a server have not been answered yet. */
export const greetingCountOf = (server: Server): number => receptionOf(server).answerings.size;

/** How many have not said that they speak TLS: elsewhere than on Node they are among the former. */
export const unreadyCountOf = (server: Server): number =>
  (server as unknown as { listener: { unready?: ReadonlyMap<unknown, unknown> } }).listener.unready?.size ??
  greetingCountOf(server);

/** How many of those have a socket still. */
export const livingGreetingCountOf = (server: Server): number =>
  [...receptionOf(server).answerings].filter(({ link }) => !link.stream.destroyed).length;

/** What a server writes past streams with; null where it does not. */
export const writerOf = (server: Server): HandleWriter | null => receptionOf(server).reading.writer;
