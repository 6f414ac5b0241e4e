// Clients in a process of its own: connect with a `message` handler and no other, and WebSocket without a listener. What
// survival.test.ts answers them must not end it.

import { currentKernel } from "../../bindings/kernel/select.ts";
import { connect, WebSocket } from "../../bindings/node/index.ts";
import { turns } from "../node/support.ts";
import { asked } from "./answers.ts";
import { memoryNow } from "./collected.ts";
import { CORPUS_LIMIT } from "./corpus.ts";
import { obey } from "./processes.ts";

const limits = {
  maxHeadLength: asked.maxHeadLength,
  maxHeaderCount: asked.maxHeaderCount,
  maxMessageLength: CORPUS_LIMIT,
};
const message = (): void => {};

const closed = async (socket: { readonly readyState: number }): Promise<void> => {
  while (socket.readyState !== 3) await turns(1);
};

obey({
  /** Connects, and waits until the connection is closed; "" or the code of what refused it. */
  async connect(url: string): Promise<string> {
    const socket = await connect(url, { ...limits, message }).catch((error: { readonly code?: string }) => error);
    if (!("readyState" in socket)) return socket.code ?? String(socket);
    await closed(socket);
    return "";
  },
  async webSocket(url: string): Promise<string> {
    await closed(new WebSocket(url, limits));
    return "";
  },
  /** An honest conversation. */
  async echo(url: string): Promise<string> {
    const socket = await connect(url, { message: (one, data) => one.close(1000, String(data)) });
    socket.send("honest");
    await closed(socket);
    return socket.closeReport!.sent!.reason;
  },
  remains: () => ({ kernel: currentKernel().name, ...memoryNow() }),
});
