// The listening socket of a server on Deno, with TLS or without.

import type { Kernel } from "../kernel/kernel.ts";
import { checkOptionNames, wrongOption } from "../options.ts";
import { alreadyListens, type BoundAddress, checkPort, type Listener } from "../runtime/server.ts";
import type { Link } from "../socket/link.ts";
import { ConnLink } from "./conn-link.ts";
import { type Conn, type DenoListener, deno } from "./runtime.ts";

/** A key and a certificate, in PEM. */
export interface ListenTls {
  readonly key: string | Uint8Array;
  readonly cert: string | Uint8Array;
  /** Default http/1.1. */
  readonly ALPNProtocols?: readonly string[] | undefined;
}

/** Options of listen: an address, or the path of a Unix socket. */
export interface ListenTarget {
  /** Default 0, which takes a free one. */
  readonly port?: number | undefined;
  /** Left out: every interface of the machine. */
  readonly host?: string | undefined;
  /** Of a Unix socket; Deno asks for the permission to read and write it. */
  readonly path?: string | undefined;
  /** Connections that the system keeps until they are accepted. */
  readonly backlog?: number | undefined;
  /** Whether several processes may listen there. */
  readonly reusePort?: boolean | undefined;
  /** Aborted, it ends listening. */
  readonly signal?: AbortSignal | undefined;
  /** To speak TLS. */
  readonly tls?: ListenTls | undefined;
}

const optionNames: ReadonlySet<string> = new Set(["port", "host", "path", "backlog", "reusePort", "signal", "tls"]);
const tlsNames: ReadonlySet<string> = new Set(["key", "cert", "ALPNProtocols"]);

/** Whoever has a listener. */
export interface Listening {
  /** Takes a connection. */
  greet(link: Link, isSecure: boolean): void;
  /** An error of the listening socket. */
  fault(error: unknown): void;
}

/** How long a listener rests that could not accept, as where the process has too many open files. */
const REST_MS = 100;

const textOf = (pem: string | Uint8Array): string => (typeof pem === "string" ? pem : new TextDecoder().decode(pem));

/** What accepting ends with where the peer has gone in the meantime: nobody's fault here. */
const goneCodes: ReadonlySet<unknown> = new Set(["ENOTCONN", "ECONNABORTED", "ECONNRESET"]);

const isGonePeer = (error: unknown): boolean => goneCodes.has((error as { readonly code?: unknown } | null)?.code);

/** Without a host, every interface: where there is no IPv6, those of IPv4. */
function listenAt(host: string | undefined, where: object, tls: ListenTls | undefined): DenoListener {
  if (host !== undefined) return listenOn({ ...where, hostname: host }, tls);
  try {
    return listenOn({ ...where, hostname: "::" }, tls);
  } catch (error) {
    const { code } = error as { readonly code?: string };
    if (code !== "EAFNOSUPPORT" && code !== "EADDRNOTAVAIL") throw error;
    return listenOn({ ...where, hostname: "0.0.0.0" }, tls);
  }
}

function listenOn(where: object, tls: ListenTls | undefined): DenoListener {
  if (tls === undefined) return deno().listen(where);
  const { key, cert, ALPNProtocols: alpnProtocols = ["http/1.1"] } = tls;
  return deno().listenTls({ ...where, key: textOf(key), cert: textOf(cert), alpnProtocols });
}

export class ConnListener implements Listener<ListenTarget> {
  private readonly owner: Listening;
  private readonly kernel: Kernel;
  private socket: DenoListener | null = null;

  constructor(owner: Listening, kernel: Kernel) {
    this.owner = owner;
    this.kernel = kernel;
  }

  check(where: ListenTarget): void {
    checkOptionNames("listen", where, optionNames);
    checkPort(where);
    const { tls } = where as { readonly tls?: unknown };
    if (tls === undefined) return;
    if (typeof tls !== "object" || tls === null) throw wrongOption("tls", "an object", tls);
    checkOptionNames("tls", tls, tlsNames);
    // To speak plainly there would give away what was meant to be secret.
    if (where.path !== undefined) throw wrongOption("tls", "left out with a path: Deno has TLS on TCP alone", tls);
    for (const name of ["key", "cert"] as const) {
      const pem: unknown = (tls as Partial<ListenTls>)[name];
      if (typeof pem !== "string" && !(pem instanceof Uint8Array)) throw wrongOption(`tls.${name}`, "text in PEM", pem);
    }
  }

  async start({ tls, host, path, port = 0, backlog, reusePort, signal }: ListenTarget): Promise<BoundAddress> {
    signal?.throwIfAborted();
    if (this.socket !== null) throw alreadyListens();
    const socket =
      path === undefined
        ? listenAt(host, { port, tcpBacklog: backlog, reusePort }, tls)
        : deno().listen({ transport: "unix", path });
    this.socket = socket;
    signal?.addEventListener("abort", () => void this.close(), { once: true });
    void this.accept(socket, tls !== undefined);
    return this.address()!;
  }

  address(): BoundAddress | null {
    if (this.socket === null) return null;
    const { addr } = this.socket;
    if (addr.transport === "unix") return addr.path;
    const { hostname, port } = addr;
    return { address: hostname, family: hostname.includes(":") ? "IPv6" : "IPv4", port };
  }

  async close(): Promise<void> {
    this.socket?.close();
    this.socket = null;
  }

  private async accept(socket: DenoListener, isSecure: boolean): Promise<void> {
    while (this.socket === socket) {
      let conn: Conn;
      try {
        conn = await socket.accept();
      } catch (error) {
        if (this.socket !== socket) return;
        if (isGonePeer(error)) continue;
        this.owner.fault(error);
        await new Promise((resolve) => setTimeout(resolve, REST_MS));
        continue;
      }
      conn.setNoDelay?.(true);
      this.owner.greet(new ConnLink(conn, this.kernel), isSecure);
    }
  }
}
