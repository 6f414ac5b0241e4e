// What the tests see of servers and sockets, and users do not.

import type { Server as NetServer, Socket as NetSocket } from "node:net";
import type { Server, Socket } from "../../bindings/node/index.ts";

/** Octets that the tests count as one read: what loopback brings at once. The input region itself has 256 KiB. */
export const REGION_LENGTH = 65_536;

/** The stream of a socket. */
export const streamOf = (socket: Socket): NetSocket =>
  (socket as unknown as { transport: { stream: NetSocket } }).transport.stream;

/** What a server listens with. */
export const netOf = (server: Server): NetServer => (server as unknown as { net: NetServer }).net;

/** How many connections of a server have not been answered yet. */
export const greetingCountOf = (server: Server): number =>
  (server as unknown as { greetings: Set<unknown> }).greetings.size;
