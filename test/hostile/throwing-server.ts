// Servers in a process of their own, one handler of which fails once. What the process hears of it is told to throwing.test.ts.

import type { AddressInfo } from "node:net";
import type { ServerOptions } from "../../bindings/node/index.ts";
import { assertTransport } from "../node/support.ts";
import { createServer } from "../support/adapter.ts";
import { obey } from "./processes.ts";

/** Which handler fails, in which way, and whether somebody is there to be told. */
export interface Failing {
  readonly handler: "open" | "message" | "ping" | "pong" | "drain" | "error" | "close" | "request";
  readonly how: "throws" | "rejects";
  /** Whether there are handlers of `error` and `serverError`. */
  readonly isHeard: boolean;
}

/** What the process heard, each by its message. */
export interface Told {
  readonly errors: readonly string[];
  readonly serverErrors: readonly string[];
  readonly uncaught: readonly string[];
  readonly warnings: readonly string[];
}

const told = {
  errors: [] as string[],
  serverErrors: [] as string[],
  uncaught: [] as string[],
  warnings: [] as string[],
};

const LARGE = new Uint8Array(2 ** 24);

/** A server whose handler fails the first time. */
function optionsOf({ handler, how, isHeard }: Failing): ServerOptions {
  let isArmed = true;
  const fail = (): unknown => {
    if (!isArmed) return undefined;
    isArmed = false;
    const error = new Error(`${handler} ${how}`);
    if (how === "throws") throw error;
    return Promise.reject(error);
  };
  const message: ServerOptions["message"] = (socket, data) => {
    if (handler === "drain" && isArmed) socket.send(LARGE);
    else socket.send(data);
    return handler === "message" ? fail() : undefined;
  };
  return {
    maxBufferedAmount: 1000, // a lone message is always admitted, and `drain` follows
    ...(isHeard ? { error: (_socket, error) => void told.errors.push(String((error as Error).message)) } : {}),
    ...(isHeard ? { serverError: (error) => void told.serverErrors.push(String((error as Error).message)) } : {}),
    ...(handler === "message" ? {} : { [handler]: fail }),
    message,
  };
}

obey({
  async start(failing: Failing): Promise<number> {
    const server = createServer(optionsOf(failing));
    const { port } = (await server.listen({ port: 0, host: "127.0.0.1" })) as AddressInfo;
    assertTransport(server);
    return port;
  },
  /** Has the process go on after an uncaught exception. */
  survive() {
    process.on("uncaughtException", (error) => told.uncaught.push(error.message));
    process.on("warning", (warning) => told.warnings.push(warning.message));
  },
  /** What was told since this was asked last. */
  told(): Told {
    const copy = structuredClone(told);
    for (const list of Object.values(told)) list.length = 0;
    return copy;
  },
});
