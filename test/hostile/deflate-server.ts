// A server in a process of its own that echoes, and compresses: what deflate-server.test.ts sends it is held against the memory
// that it took at most.

import type { AddressInfo } from "node:net";
import { assertTransport } from "../node/support.ts";
import { createServer } from "../support/adapter.ts";
import { obey } from "./processes.ts";

/** More than a message may have, and less than the machine has: without the limit on messages this one ends a bomb. */
const MOST = 2 ** 29;

const server = createServer({
  perMessageDeflate: true,
  maxMessageLength: Number(process.env.WSIMD_HOSTILE_LIMIT),
  maxProcessBuffered: MOST,
  message: (socket, data) => socket.send(data),
});

obey({
  async start(): Promise<number> {
    const { port } = (await server.listen({ port: 0, host: "127.0.0.1" })) as AddressInfo;
    assertTransport(server);
    return port;
  },
  /** Octets of resident memory at most, since the process began. */
  most: () => process.resourceUsage().maxRSS * 1024,
  openCount: () => server.sockets.size,
  close: () => server.close(),
});
