// The options of a client, validated once: how it reaches the server, what it asks for, and what bounds it.
// docs/client.md describes them, docs/limits.md holds the defaults.

import type { Agent as HttpAgent } from "node:http";
import type { Duplex } from "node:stream";
import type { ConnectionOptions as TlsOptions } from "node:tls";
import type { DeflateOptions } from "../../deflate/options.ts";
import type { PerMessageDeflate } from "../../deflate/permessage-deflate.ts";
import type { HandshakeRequestOptions } from "../../handshake/index.ts";
import type { HeadLimits } from "../../handshake/limits.ts";
import { HeadBounds } from "../../handshake/limits.ts";
import { functionOption, numberOption, wrongOption } from "../../options.ts";
import { platform } from "../../runtime/platform.ts";
import type { Clock } from "../../socket/clock.ts";
import { clockOption, deflateOption } from "../../socket/options.ts";

/** Where a `connect` function is to connect. */
export interface DialTarget {
  /** A name or an address; an IPv6 address without its brackets. */
  readonly hostname: string;
  readonly port: number;
  /** Whether the WebSocket goes over TLS: a stream that is not encrypted is then wrapped, with the `tls` options. */
  readonly secure: boolean;
  /** Aborted when the opening handshake is given up. */
  readonly signal: AbortSignal;
}

/** How a client opens its connection. */
export interface OpeningOptions extends HeadLimits, Pick<HandshakeRequestOptions, "protocols" | "origin" | "headers"> {
  /** For wss: as Node's `tls.connect` takes them (`ca`, `cert`, `key`, `servername`, `rejectUnauthorized`, …). */
  readonly tls?: TlsOptions | undefined;
  /** The path of a Unix socket, or of a named pipe, to connect to; the URL still says Host and target. */
  readonly socketPath?: string | undefined;
  /** An agent of Node's http or https, a proxy's for one: the request then goes through Node's HTTP client. */
  readonly agent?: HttpAgent | undefined;
  /** Makes the stream in place of `net.connect`. */
  readonly connect?: ((target: DialTarget) => Duplex | Promise<Duplex>) | undefined;
  /** Redirections to follow; default 0, none. Credentials do not go to another host, nor anything from TLS to plain text. */
  readonly maxRedirects?: number | undefined;
  /** Time from the call to the end of the opening handshake, redirections included, in ms; default 10,000. */
  readonly handshakeTimeoutMs?: number | undefined;
  /** Gives the opening handshake up when it is aborted; of no effect afterwards. */
  readonly signal?: AbortSignal | undefined;
  /** Whether to offer compression, RFC 7692, and how; default false. See docs/compression.md. */
  readonly perMessageDeflate?: boolean | DeflateOptions | undefined;
  /** The clock of timeouts; default one for the process. */
  readonly clock?: Clock | undefined;
}

export const openingNames: readonly string[] = [
  "protocols",
  "origin",
  "headers",
  "maxHeadLength",
  "maxHeaderCount",
  "tls",
  "socketPath",
  "agent",
  "connect",
  "maxRedirects",
  "handshakeTimeoutMs",
  "signal",
  "perMessageDeflate",
  "clock",
];

function objectOption<T>(name: string, value: T | undefined): T | undefined {
  if (value === undefined || (typeof value === "object" && value !== null)) return value;
  throw wrongOption(name, "an object", value);
}

function isSignal(signal: Partial<AbortSignal> | null): boolean {
  return typeof signal?.aborted === "boolean" && typeof signal.addEventListener === "function";
}

/** Checked options of one opening handshake. */
export class OpeningSettings {
  readonly request: Pick<HandshakeRequestOptions, "protocols" | "origin" | "headers" | "extensions">;
  /** What is offered; undefined for nothing. */
  readonly deflate: PerMessageDeflate | undefined;
  readonly bounds: HeadBounds;
  readonly tls: TlsOptions;
  readonly socketPath: string | undefined;
  readonly agent: HttpAgent | undefined;
  readonly connect: OpeningOptions["connect"];
  readonly maxRedirects: number;
  readonly handshakeTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock;
  /** Whether a server must choose one of the subprotocols, as the WHATWG has it, or may choose none, as RFC 6455 has. */
  readonly requiresProtocol: boolean;

  /**
   * @param options  names that nobody reads are the caller's affair; the fields of the request are checked with its URL
   * @throws         UsageError for an option that is out of range or of the wrong kind, and for two that exclude each other
   */
  constructor(options: OpeningOptions, { requiresProtocol = false }: { readonly requiresProtocol?: boolean } = {}) {
    this.requiresProtocol = requiresProtocol;
    const { protocols, origin, headers } = options;
    this.deflate = deflateOption(options.perMessageDeflate, platform);
    this.request = { protocols, origin, headers, extensions: this.deflate && [this.deflate.offer] };
    this.bounds = new HeadBounds(options);
    this.tls = objectOption("tls", options.tls) ?? {};
    this.socketPath = options.socketPath;
    if (this.socketPath !== undefined && (typeof this.socketPath !== "string" || this.socketPath === "")) {
      throw wrongOption("socketPath", "a path", this.socketPath);
    }
    this.agent = options.agent;
    if (this.agent !== undefined && typeof (this.agent as Partial<HttpAgent>)?.destroy !== "function") {
      throw wrongOption("agent", "an http.Agent", this.agent);
    }
    this.connect = functionOption("connect", options.connect);
    if (this.connect !== undefined && (this.agent ?? this.socketPath) !== undefined) {
      throw wrongOption("connect", "left out where there is an agent or a socketPath", this.connect);
    }
    this.maxRedirects = numberOption("maxRedirects", options.maxRedirects, { otherwise: 0, least: 0 });
    this.handshakeTimeoutMs = numberOption("handshakeTimeoutMs", options.handshakeTimeoutMs, {
      otherwise: 10_000,
      least: 1,
    });
    this.signal = options.signal;
    if (this.signal !== undefined && !isSignal(this.signal)) {
      throw wrongOption("signal", "an AbortSignal", this.signal);
    }
    this.clock = clockOption(options.clock);
  }
}
