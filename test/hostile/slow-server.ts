// The server of slow.ts in a process of its own: it echoes, on the platform's clock or on one that its test moves.

import type { AddressInfo, Socket } from "node:net";
import { Clock, type Server } from "../../bindings/node/index.ts";
import { livingGreetingCountOf, netOf } from "../node/internals.ts";
import { assertTransport, FakeTimers } from "../node/support.ts";
import { createServer } from "../support/adapter.ts";
import { memoryNow } from "./collected.ts";
import { obey } from "./processes.ts";
import type { ServerStart, ServerState } from "./slow.ts";

const timers = new FakeTimers();
let server: Server;
const streams = new Set<Socket>();
let closedCount = 0;
/** How long after its time each unfinished handshake was closed, in ms. */
const lateness: number[] = [];

obey({
  async start({ isManual, handshakeTimeoutMs }: ServerStart): Promise<number> {
    server = createServer({
      handshakeTimeoutMs,
      message: (socket, data) => socket.send(data),
      ...(isManual ? { clock: new Clock(timers) } : {}),
    });
    netOf(server).on("connection", (stream: Socket) => {
      const dueMs = performance.now() + handshakeTimeoutMs;
      streams.add(stream);
      stream.on("close", () => {
        streams.delete(stream);
        closedCount++;
        lateness.push(performance.now() - dueMs);
      });
    });
    const { port } = (await server.listen({ port: 0, host: "127.0.0.1" })) as AddressInfo;
    assertTransport(server);
    return port;
  },
  advance: (byMs: number) => timers.advance(byMs),
  state(): ServerState {
    const greetingCount = livingGreetingCountOf(server);
    const receivedLength = [...streams].reduce((sum, { bytesRead }) => sum + bytesRead, 0);
    return { greetingCount, openCount: server.sockets.size, receivedLength, closedCount, ...memoryNow() };
  },
  lateness: () => lateness.sort((a, b) => a - b),
  close: () => server.close(),
});
