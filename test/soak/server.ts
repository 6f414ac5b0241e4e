// The server of the soak in a process of its own: it echoes, and says what it holds.

import type { AddressInfo } from "node:net";
import { heldOctets } from "../../bindings/connection/budget.ts";
import type { Server, Socket } from "../../bindings/node/index.ts";
import { memoryNow } from "../hostile/collected.ts";
import { obey } from "../hostile/processes.ts";
import { netOf } from "../node/internals.ts";
import { createServer } from "../support/adapter.ts";
import { type FaultName, leak, withFault } from "./faults.ts";

export interface ServerStart {
  readonly transport: "memory" | "data";
  readonly fault: FaultName | undefined;
}

/** What the server has been told since it began. */
export interface ServerTally {
  readonly openCount: number;
  readonly messageCount: number;
  /** How many connections ended with each code. */
  readonly closeCodes: Readonly<Record<string, number>>;
  readonly errors: readonly string[];
}

/** What the server holds while nobody speaks. */
export interface Sample {
  readonly rss: number;
  /** The heap and what is beside it, after a collection. */
  readonly inUse: number;
  readonly heldLength: number;
  readonly socketCount: number;
  /** What keeps the process alive, by kind. */
  readonly handles: Readonly<Record<string, number>>;
}

const kept: unknown[] = [];
const closeCodes: Record<string, number> = {};
const errors: string[] = [];
let openCount = 0;
let messageCount = 0;
let server: Server;

function countOf(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** Waits until `count` connections are left, WebSockets and others. */
async function until(count: number): Promise<void> {
  const net = netOf(server);
  const connections = (): Promise<number> =>
    new Promise((resolve, reject) => net.getConnections((error, found) => (error ? reject(error) : resolve(found))));
  while (server.sockets.size !== count || (await connections()) !== count)
    await new Promise((resolve) => setTimeout(resolve, 5));
}

obey({
  async start({ transport, fault }: ServerStart): Promise<{ port: number; transport: string }> {
    const echo = (socket: Socket, data: string | Uint8Array, isBinary: boolean): void => {
      socket.send(data, { binary: isBinary });
    };
    const answer = fault === undefined ? echo : withFault(fault, echo);
    server = createServer({
      transport,
      open() {
        openCount++;
        if (fault === "leak") leak(kept);
      },
      message(socket, data, isBinary) {
        messageCount++;
        answer(socket, data, isBinary);
      },
      error: (_, error) => void errors.push(String(error)),
      close(_, code) {
        closeCodes[code] = (closeCodes[code] ?? 0) + 1;
      },
    });
    const { port } = (await server.listen({ port: 0, host: "127.0.0.1", backlog: 1024 })) as AddressInfo;
    return { port, transport: server.transport };
  },
  tally: (): ServerTally => ({ openCount, messageCount, closeCodes, errors }),
  /** Once as many connections are left as are meant to stay. */
  async sample(connectionCount: number): Promise<Sample> {
    await until(connectionCount);
    const { rss, inUse } = memoryNow();
    const handles = countOf(process.getActiveResourcesInfo());
    return { rss, inUse, heldLength: heldOctets(), socketCount: server.sockets.size, handles };
  },
  close: () => server.close(),
});
