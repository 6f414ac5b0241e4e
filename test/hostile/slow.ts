// Thousands of handshakes that never end, at once, against a server with an honest client: the parts of slow-handshakes.test.ts,
// which moves the server's clock, and of `npm run hostile:slow`, which measures on the platform's.
//
// Server and attackers are processes of their own: each has the files it may open to itself. Where those are too few for all,
// there are more servers and more attackers.

import type { Memory } from "./collected.ts";
import { HonestClient } from "./peers.ts";
import { Helper, withHelpers } from "./processes.ts";

/** How a server of this file is started. */
export interface ServerStart {
  readonly isManual: boolean;
  readonly handshakeTimeoutMs: number;
}

export interface ServerState extends Memory {
  /** Handshakes that have not ended. */
  readonly greetingCount: number;
  /** WebSockets. */
  readonly openCount: number;
  /** On connections that are not closed. */
  readonly receivedLength: number;
  readonly closedCount: number;
}

/** Files that a process has besides the connections of attackers. */
const OTHER_FILES = 200;

/** Files that a process may open; Infinity where nobody knows. */
function openFileLimit(): number {
  const { userLimits } = process.report.getReport() as unknown as {
    readonly userLimits?: Readonly<Record<string, { readonly hard: number | "unlimited" }>>;
  };
  const hard = userLimits?.open_files?.hard ?? "unlimited";
  return hard === "unlimited" ? Number.POSITIVE_INFINITY : Number(hard); // Node raises its own limit to the hard one
}

/** `total` in parts that a process has files for. */
export function parts(total: number, limit: number = openFileLimit()): number[] {
  const room = Math.max(100, limit - OTHER_FILES);
  const count = Math.max(1, Math.ceil(total / room));
  return Array.from({ length: count }, (_, index) => Math.floor((total + index) / count));
}

/** A server, those who attack it, and one who does not. */
export class Siege {
  readonly attackerCount: number;
  readonly honest: HonestClient;
  readonly port: number;
  readonly server: Helper;
  readonly attackers: Helper;
  /** Before anybody attacked. */
  readonly before: ServerState;

  private constructor(
    count: number,
    port: number,
    server: Helper,
    attackers: Helper,
    honest: HonestClient,
    before: ServerState,
  ) {
    this.attackerCount = count;
    this.port = port;
    this.server = server;
    this.attackers = attackers;
    this.honest = honest;
    this.before = before;
  }

  /** Runs `use` with as many sieges as files allow, all begun. */
  static async lay<Result>(
    total: number,
    start: ServerStart,
    use: (sieges: readonly Siege[]) => Promise<Result>,
    counts: readonly number[] = parts(total),
  ): Promise<Result> {
    const servers = counts.map(() => new Helper("slow-server"));
    const attackers = counts.map(() => new Helper("slow-attackers"));
    return withHelpers([...servers, ...attackers], async () => {
      const sieges = await Promise.all(
        counts.map(async (count, index) => {
          const server = servers[index]!;
          const port = await server.ask<number>("start", start);
          const honest = await HonestClient.open(port);
          return new Siege(count, port, server, attackers[index]!, honest, await server.ask<ServerState>("state"));
        }),
      );
      const result = await use(sieges);
      for (const { honest } of sieges) honest.leave();
      return result;
    });
  }

  state(): Promise<ServerState> {
    return this.server.ask("state");
  }

  /** Opens every attacker's connection. */
  open(): Promise<void> {
    return this.attackers.ask("open", { port: this.port, count: this.attackerCount });
  }

  /** Waits until the server has what the attackers sent, or has closed as many. */
  async until(holds: (state: ServerState) => boolean): Promise<ServerState> {
    for (;;) {
      const state = await this.state();
      if (holds(state)) return state;
    }
  }
}
