// A server in a process of its own that passes every message on as it arrives, to whoever sent it. `start` gives its port, `idle`
// its resident memory, `growth` by how much that grew at most since.

import { createServer } from "../support/adapter.ts";
import { obey } from "./processes.ts";

/** How often its memory is looked at. */
const LOOK_MS = 5;

const server = createServer({
  maxMessageLength: Number.POSITIVE_INFINITY,
  perMessageDeflate: true,
  stream: (socket, message) => socket.sendStream(message),
  error: (_socket, error) => console.error(error),
});

const resident = (): number => process.memoryUsage.rss();
let before = 0;
let most = 0;

obey({
  start: async () => (await server.listen({ port: 0, host: "127.0.0.1" })).port,
  idle: () => {
    before = most = resident();
    setInterval(() => (most = Math.max(most, resident())), LOOK_MS).unref();
  },
  growth: () => Math.max(most, resident()) - before,
  close: () => server.close(),
});
