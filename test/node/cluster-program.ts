// Two workers of a cluster that echo on one port, and clients of theirs in the primary: says how the workers read their
// sockets, and what comes back.

import cluster from "node:cluster";
import { once } from "node:events";
import { createServer } from "../../bindings/node/index.ts";
import { clientFrame, RawClient } from "./support.ts";

if (cluster.isPrimary) {
  const workers = [cluster.fork(), cluster.fork()];
  const told = await Promise.all(workers.map((worker) => once(worker, "message")));
  const [first] = told as [[{ readonly port: number }]];
  console.log(told.map(([{ transport }]) => transport as string).join(" "));
  const words: string[] = [];
  for (let count = 0; count < 4; count++) {
    const client = await RawClient.open(first[0].port, clientFrame(1, "hello"));
    const [frame] = await client.frameCount(1);
    words.push(Buffer.from(frame!.payload).toString());
    client.destroy();
  }
  console.log(words.join(" "));
  for (const worker of workers) worker.send("close");
} else {
  const server = createServer({ message: (socket, data) => socket.send(data) });
  const { port } = await server.listen({ port: 0, host: "127.0.0.1" });
  process.once("message", async () => {
    await server.close();
    process.disconnect();
  });
  process.send!({ port, transport: server.transport });
}
