// A server in a process of its own that has a `message` handler and no other: what survival.test.ts sends it must not end it.
// Its clock is moved by the test.

import type { AddressInfo } from "node:net";
import { currentKernel } from "../../bindings/kernel/select.ts";
import { Clock } from "../../bindings/node/index.ts";
import { greetingCountOf } from "../node/internals.ts";
import { assertTransport, FakeTimers } from "../node/support.ts";
import { createServer } from "../support/adapter.ts";
import { type Memory, memoryNow } from "./collected.ts";
import { CORPUS_LIMIT } from "./corpus.ts";
import { obey } from "./processes.ts";

/** What is left in the server. */
export interface Remains extends Memory {
  readonly openCount: number;
  readonly greetingCount: number;
  readonly kernel: string;
}

const timers = new FakeTimers();
const server = createServer({
  clock: new Clock(timers),
  maxMessageLength: CORPUS_LIMIT,
  message: (socket, data) => socket.send(data),
});

obey({
  async start(): Promise<number> {
    const { port } = (await server.listen({ port: 0, host: "127.0.0.1" })) as AddressInfo;
    assertTransport(server);
    return port;
  },
  advance: (byMs: number) => timers.advance(byMs),
  remains(): Remains {
    const kernel = currentKernel().name;
    return { openCount: server.sockets.size, greetingCount: greetingCountOf(server), kernel, ...memoryNow() };
  },
  close: () => server.close(),
});
