// tRPC over ws: queries, a subscription that the client leaves, and the server's word to connect again.

import { once } from "node:events";
import { createTRPCClient, createWSClient, wsLink } from "@trpc/client";
import { initTRPC, TRPCError } from "@trpc/server";
import { applyWSSHandler } from "@trpc/server/adapters/ws";
import { WebSocket, WebSocketServer } from "ws";
import { isReplaced, tell, text } from "./support.mjs";

let endlessReturned = false;
const t = initTRPC.create();
const router = t.router({
  hello: t.procedure.input(String).query(({ input }) => `hello ${input}`),
  long: t.procedure.input(String).mutation(({ input }) => input),
  fault: t.procedure.query(() => {
    throw new TRPCError({ code: "FORBIDDEN", message: "not you" });
  }),
  count: t.procedure.input(Number).subscription(async function* ({ input }) {
    for (let number = 1; number <= input; number++) yield number;
  }),
  endless: t.procedure.subscription(async function* () {
    try {
      for (let number = 0; ; number++) {
        yield number;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    } finally {
      endlessReturned = true;
    }
  }),
});

tell(async () => {
  const transcript = { isReplaced: [], atServer: [] };
  const wss = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(wss, "listening");
  wss.on("connection", (socket) => {
    transcript.isReplaced[1] = isReplaced(socket);
    socket.on("close", (code) => transcript.atServer.push(code));
  });
  const handler = applyWSSHandler({
    wss,
    router,
    createContext: () => ({}),
    keepAlive: { enabled: true, pingMs: 1000 },
  });
  let opened = 0;
  class Watched extends WebSocket {
    constructor(...args) {
      super(...args);
      transcript.isReplaced[0] = isReplaced(this);
    }
  }
  const url = `ws://127.0.0.1:${wss.address().port}`;
  const connection = createWSClient({ url, WebSocket: Watched, onOpen: () => opened++, retryDelayMs: () => 10 });
  const client = createTRPCClient({ links: [wsLink({ client: connection })] });

  transcript.query = await client.hello.query("満員");
  transcript.atOnce = await Promise.all(Array.from({ length: 50 }, (_, index) => client.hello.query(`${index}`)));
  transcript.long = (await client.long.mutate(text(100_000))) === text(100_000);
  transcript.fault = await client.fault.query().catch((error) => [error.data.code, error.message]);
  transcript.counted = await new Promise((resolve) => {
    const values = [];
    client.count.subscribe(5, { onData: (value) => values.push(value), onComplete: () => resolve(values) });
  });
  await new Promise((resolve) => {
    const subscription = client.endless.subscribe(undefined, {
      onData: (value) => {
        if (value === 3) resolve(subscription.unsubscribe());
      },
    });
  });
  while (!endlessReturned) await new Promise((resolve) => setTimeout(resolve, 5));

  // Told to, the client opens another connection and drops the first.
  handler.broadcastReconnectNotification();
  while (opened < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  transcript.again = await client.hello.query("again");
  await connection.close();
  while (wss.clients.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => wss.close(resolve));
  return transcript;
});
