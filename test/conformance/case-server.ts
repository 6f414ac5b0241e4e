// The test side as a server: one case a connection, on /runCase?case=N (N from 1) or ?casetuple=ID, for any client that
// connects. The other resources let a client find its own way: /getCaseCount, /getCaseInfo, /getCaseStatus and
// /updateReports. What it answers there is a case as well: a message, then Close.

import { createServer, type Server, type Socket } from "node:net";
import { close, ourClose, text } from "./builders.ts";
import type { Case } from "./case.ts";
import type { Wish } from "./deflate/negotiation.ts";
import { describeCase } from "./describe.ts";
import { HANDSHAKE_LIMIT_MS, openToClient } from "./handshake.ts";
import { type Result, runTrial } from "./trial.ts";

export interface CaseServerOptions {
  readonly cases: readonly Case[];
  readonly patience: number;
  /** The connection of a case of `agent` is open. */
  started?(agent: string, tested: Case): void;
  /** A case of `agent` is over. */
  finished?(agent: string, result: Result): void;
  /** An agent asks for its report. */
  reportWanted?(agent: string, results: readonly Result[]): void;
}

const partsOf = (resource: string): URL => new URL(resource, "ws://localhost");

export class CaseServer {
  private readonly options: CaseServerOptions;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private readonly results = new Map<string, Map<string, Result>>();

  constructor(options: CaseServerOptions) {
    this.options = options;
    this.server = createServer({ noDelay: true }, (socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
      void this.serve(socket);
    });
  }

  /** Resolves with the URL, without a resource. */
  listen(port = 0): Promise<string> {
    return new Promise((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(port, "127.0.0.1", () => {
        const address = this.server.address() as { readonly port: number };
        resolve(`ws://127.0.0.1:${address.port}`);
      });
    });
  }

  close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private async serve(socket: Socket): Promise<void> {
    const { patience, started, finished } = this.options;
    try {
      const wishesFor = (resource: string): readonly Wish[] => {
        const { pathname, searchParams } = partsOf(resource);
        return pathname === "/runCase" ? (this.caseOf(searchParams)?.compression?.wishes ?? []) : [];
      };
      const opened = await openToClient(socket, HANDSHAKE_LIMIT_MS * patience, wishesFor);
      const { pathname, searchParams } = partsOf(opened.resource);
      const agent = searchParams.get("agent") ?? "";
      if (pathname !== "/runCase") {
        await runTrial(this.answer(pathname, searchParams, agent), "server", opened, patience);
        return;
      }
      const tested = this.caseOf(searchParams);
      if (tested === undefined) throw new Error(`no such case: ${opened.resource}`);
      started?.(agent, tested);
      const result = await runTrial(tested, "server", opened, patience);
      const results = this.results.get(agent) ?? new Map<string, Result>();
      this.results.set(agent, results.set(tested.id, result));
      finished?.(agent, result);
    } catch {
      socket.end(); // not a WebSocket, or no case: nobody waits for a verdict
    }
  }

  private caseOf(parameters: URLSearchParams): Case | undefined {
    const { cases } = this.options;
    const id = parameters.get("casetuple");
    return id === null ? cases[Number(parameters.get("case")) - 1] : cases.find((found) => found.id === id);
  }

  /** What a resource says, as a case whose verdict nobody reads. */
  private answer(pathname: string, parameters: URLSearchParams, agent: string): Case {
    const { cases, reportWanted } = this.options;
    const results = this.results.get(agent);
    const tested = this.caseOf(parameters);
    const say = (value: unknown): Case => ourClose(pathname, [text(JSON.stringify(value)), close(1000)], []);
    switch (pathname) {
      case "/getCaseCount":
        return say(cases.length);
      case "/getCaseInfo":
        if (tested === undefined) throw new Error("no such case");
        return say({ id: tested.id, description: describeCase(tested) });
      case "/getCaseStatus":
        if (tested === undefined) throw new Error("no such case");
        return say({ behavior: results?.get(tested.id)?.behavior ?? "MISSING" });
      case "/updateReports":
        reportWanted?.(agent, [...(results?.values() ?? [])]);
        return ourClose(pathname, [close(1000)], []);
      default:
        throw new Error(`no such resource: ${pathname}`);
    }
  }
}
