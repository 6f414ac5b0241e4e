// The listening socket of a server on Bun, with TLS or without.

import { checkOptionNames, wrongOption } from "../options.ts";
import { alreadyListens, type BoundAddress, checkPort, type Listener } from "../runtime/server.ts";
import type { Link } from "../socket/link.ts";
import { type BunListener, bun } from "./runtime.ts";
import { linkHandlers } from "./socket-link.ts";

/** Options of listen: an address, or the path of a Unix socket. */
export interface ListenTarget {
  /** Default 0, which takes a free one. */
  readonly port?: number | undefined;
  /** Left out: every interface of the machine. */
  readonly host?: string | undefined;
  /** Of a Unix socket. */
  readonly path?: string | undefined;
  /** Whether several processes may listen there. */
  readonly reusePort?: boolean | undefined;
  readonly ipv6Only?: boolean | undefined;
  /** Aborted, it ends listening. */
  readonly signal?: AbortSignal | undefined;
  /** To speak TLS. */
  readonly tls?: ListenTls | undefined;
}

/** Bun's TLS options: `key` and `cert` for a start. */
export interface ListenTls {
  readonly key?: unknown;
  readonly cert?: unknown;
  /** Default http/1.1. */
  readonly ALPNProtocols?: readonly string[] | undefined;
  readonly [name: string]: unknown;
}

/** Names of protocols as Bun takes them, and TLS sends them: each behind its length. RFC 7301 §3.1. */
function protocolNames(names: readonly string[]): Uint8Array {
  const encoder = new TextEncoder();
  const parts = names.map((name) => encoder.encode(name));
  return Uint8Array.from(parts.flatMap((part) => [part.length, ...part]));
}

const optionNames: ReadonlySet<string> = new Set(["port", "host", "path", "reusePort", "ipv6Only", "signal", "tls"]);

/** Whoever has a listener. */
export interface Listening {
  /** Takes a connection. */
  greet(link: Link, isSecure: boolean): void;
}

export class SocketListener implements Listener<ListenTarget> {
  private readonly owner: Listening;
  private socket: BunListener | null = null;

  constructor(owner: Listening) {
    this.owner = owner;
  }

  check(where: ListenTarget): void {
    checkOptionNames("listen", where, optionNames);
    checkPort(where);
    const { tls } = where as { readonly tls?: unknown };
    if (tls === undefined) return;
    if (typeof tls !== "object" || tls === null) throw wrongOption("tls", "an object", tls);
    const { ALPNProtocols: names } = tls as { readonly ALPNProtocols?: unknown };
    const isList =
      Array.isArray(names) && names.every((name) => typeof name === "string" && /^[!-~]{1,255}$/.test(name));
    if (names !== undefined && !isList) throw wrongOption("tls.ALPNProtocols", "an array of names", names);
  }

  async start({ tls, host, path, port = 0, signal, ...flags }: ListenTarget): Promise<BoundAddress> {
    signal?.throwIfAborted();
    if (this.socket !== null) throw alreadyListens();
    const where = path === undefined ? { port, hostname: host ?? "::", ...flags } : { unix: path };
    const isSecure = tls !== undefined;
    this.socket = bun().listen({
      ...where,
      allowHalfOpen: true,
      ...(isSecure ? { tls: { ...tls, ALPNProtocols: protocolNames(tls.ALPNProtocols ?? ["http/1.1"]) } } : {}),
      socket: linkHandlers((link) => this.owner.greet(link, isSecure)),
    });
    signal?.addEventListener("abort", () => void this.close(), { once: true });
    return this.address()!;
  }

  address(): BoundAddress | null {
    if (this.socket === null) return null;
    const { unix, hostname, port } = this.socket;
    if (unix !== undefined) return unix;
    return { address: hostname, family: hostname.includes(":") ? "IPv6" : "IPv4", port };
  }

  async close(): Promise<void> {
    this.socket?.stop();
    this.socket = null;
  }
}
