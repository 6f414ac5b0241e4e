// The listening socket of a server, with TLS or without. What it accepts is handed on; handshakes of TLS that are under way
// are its own affair, and are dropped when they take too long.

import type { AddressInfo, ListenOptions, Server as NetServer, Socket as NetSocket } from "node:net";
import { createServer as createNetServer } from "node:net";
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from "node:tls";
import { checkOptionNames, wrongOption } from "../options.ts";
import type { Listener } from "../runtime/server.ts";

/** Where a server listens: an address, or the path of a Unix socket. */
export type BoundAddress = AddressInfo | string;

/** Options of listen. */
export interface ListenTarget extends ListenOptions {
  /** Those of Node's `tls.createServer`, to speak TLS: `key` and `cert` for a start. ALPN is http/1.1 unless it is among them. */
  readonly tls?: TlsOptions | undefined;
}

const listenOptionNames: ReadonlySet<string> = new Set([
  "port",
  "host",
  "path",
  "backlog",
  "exclusive",
  "readableAll",
  "writableAll",
  "ipv6Only",
  "reusePort",
  "signal",
  "tls",
]);

/** Whoever has a listener. */
export interface Listening {
  readonly handshakeTimeoutMs: number;
  now(): number;
  /** Takes a stream that is ready to be read. */
  greetStream(stream: NetSocket, isSecure: boolean): void;
  /** An error of the listening socket. */
  fault(error: unknown): void;
}

const netOptions = { allowHalfOpen: true, noDelay: true } as const;

export class NetListener implements Listener<ListenTarget> {
  private readonly owner: Listening;
  private net: NetServer;
  /** Connections whose TLS is not ready, and when they are dropped. */
  private readonly unready = new Map<NetSocket, number>();

  constructor(owner: Listening) {
    this.owner = owner;
    this.net = createNetServer(netOptions, (stream) => owner.greetStream(stream, false));
  }

  /** @throws UsageError for an option that Node does not know, and for `tls` that is no object */
  check(where: ListenTarget): void {
    checkOptionNames("listen", where, listenOptionNames);
    const { tls } = where as { readonly tls?: unknown };
    if (tls !== undefined && (typeof tls !== "object" || tls === null)) throw wrongOption("tls", "an object", tls);
  }

  /** Listens; rejects with Node's error where that fails. */
  start({ tls, ...where }: ListenTarget): Promise<BoundAddress> {
    return new Promise((resolve, reject) => {
      // A second call is Node's to refuse.
      if (tls !== undefined && !this.net.listening) this.net = this.makeSecure(tls);
      const { net } = this;
      const settle = (error?: unknown): void => {
        net.off("error", settle);
        net.off("close", stopped);
        net.off("listening", ready);
        if (error !== undefined) reject(error);
      };
      const ready = (): void => {
        settle();
        net.on("error", (error) => this.owner.fault(error));
        resolve(net.address()!);
      };
      const stopped = (): void => settle(where.signal?.reason ?? new Error("the listening socket was closed"));
      net.once("error", settle);
      net.once("close", stopped);
      net.once("listening", ready);
      try {
        net.listen(where);
      } catch (error) {
        settle(error); // Node throws for arguments it cannot read
      }
    });
  }

  /** The bound address; null unless listening. */
  address(): BoundAddress | null {
    return this.net.address();
  }

  tick(nowMs: number): void {
    for (const [stream, deadlineMs] of this.unready) if (nowMs >= deadlineMs) stream.destroy();
  }

  /** Accepts no more; resolves when all that was accepted is gone. */
  close(): Promise<void> {
    const { net } = this;
    const closed = net.listening ? new Promise<void>((resolve) => net.close(() => resolve())) : Promise.resolve();
    for (const stream of this.unready.keys()) stream.destroy();
    return closed;
  }

  private makeSecure(tls: TlsOptions): NetServer {
    const { owner, unready } = this;
    const server = createTlsServer({ ALPNProtocols: ["http/1.1"], ...tls, ...netOptions }, (stream) => {
      const { _parent: parent } = stream as TLSSocket & { readonly _parent?: NetSocket };
      if (parent !== undefined) unready.delete(parent);
      owner.greetStream(stream, true);
    });
    server.on("connection", (stream: NetSocket) => {
      unready.set(stream, owner.now() + owner.handshakeTimeoutMs);
      stream.once("close", () => unready.delete(stream));
    });
    server.on("tlsClientError", (_error, stream) => stream.destroy()); // the peer's fault, and its alone
    return server;
  }
}
