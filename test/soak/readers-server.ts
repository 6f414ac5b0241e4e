// The server of `npm run soak:readers` in a process of its own: it echoes and pours (pours.ts), and looks at its memory.

import type { AddressInfo } from "node:net";
import { heldOctets } from "../../bindings/connection/budget.ts";
import type { Server, ServerOptions } from "../../bindings/node/index.ts";
import { memoryNow } from "../hostile/collected.ts";
import { obey } from "../hostile/processes.ts";
import { createServer } from "../support/adapter.ts";
import { type End, type Peaks, Pourer } from "./pours.ts";

export interface PouringStart {
  readonly transport: "memory" | "data";
  readonly limits: Pick<ServerOptions, "maxBufferedAmount" | "maxProcessBuffered" | "idleTimeoutMs" | "closeTimeoutMs">;
}

export interface PouringState {
  readonly ends: readonly End[];
  readonly peaks: Peaks;
  readonly pouredCount: number;
  readonly heldLength: number;
  readonly otherErrors: readonly string[];
}

/** How often a turn is poured, and resident memory looked at. */
const TURN_MS = 2;

const pourer = new Pourer();
let server: Server;
let isPouring = false;

function pour(): void {
  if (isPouring) pourer.turn();
  pourer.look();
}

obey({
  async start({ transport, limits }: PouringStart): Promise<number> {
    server = createServer({ transport, ...limits, ...pourer.handlers });
    const { port } = (await server.listen({ port: 0, host: "127.0.0.1" })) as AddressInfo;
    setInterval(pour, TURN_MS).unref();
    return port;
  },
  /** Forgets what was; returns what is resident. */
  begin(): number {
    pourer.ends.length = 0;
    const { rss } = memoryNow();
    Object.assign(pourer.peaks, { held: heldOctets(), bufferedAmount: 0, rss } satisfies Peaks);
    isPouring = true;
    return rss;
  },
  stop(): void {
    isPouring = false;
    pourer.stop(server);
  },
  state(): PouringState {
    const { ends, peaks, count } = pourer;
    const otherErrors = pourer.otherErrors.map(String);
    return { ends: [...ends], peaks: { ...peaks }, pouredCount: count, heldLength: heldOctets(), otherErrors };
  },
  close: () => server.close(),
});
