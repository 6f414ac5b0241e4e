// The echo server whose instructions are counted: all that it does in user space for a message, its part of Node's and libuv's
// included. It counts messages and cuts by itself; whoever dials keeps it busy until it ends.

import type { AddressInfo } from "node:net";
import { BLOCKS, cut, WARM_UP_BLOCKS } from "./blocks.ts";
import { importNode } from "./published.ts";
import type { Workload } from "./workloads.ts";

/** Listens, and writes its port to standard output. */
export async function serve({ count, runs }: Workload): Promise<void> {
  const { createServer } = await importNode();
  const block = count * runs;
  const first = WARM_UP_BLOCKS * block;
  let received = 0;
  const server = createServer({
    message(socket, data, isBinary) {
      if (++received >= first && received % block === 0) {
        cut();
        if (received === first + BLOCKS * block) process.exit();
      }
      socket.send(data, { binary: isBinary });
    },
  });
  const { port } = (await server.listen({ port: 0, host: "127.0.0.1" })) as AddressInfo;
  console.log(port);
}
