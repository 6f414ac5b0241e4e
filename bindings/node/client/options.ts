// The options of a client, validated once: how it reaches the server, what it asks for, and what bounds it.
// docs/client.md describes them, docs/limits.md holds the defaults.

import type { Agent as HttpAgent } from "node:http";
import type { Duplex } from "node:stream";
import type { ConnectionOptions as TlsOptions } from "node:tls";
import { functionOption, numberOption, wrongOption } from "../../options.ts";
import { platform } from "../../runtime/platform.ts";
import {
  type ClientHandshakeOptions,
  ClientHandshakeSettings,
  clientHandshakeNames,
} from "../../socket/client-handshake.ts";

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
export interface OpeningOptions extends ClientHandshakeOptions {
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
}

export const openingNames: readonly string[] = [
  ...clientHandshakeNames,
  "tls",
  "socketPath",
  "agent",
  "connect",
  "maxRedirects",
];

function objectOption<T>(name: string, value: T | undefined): T | undefined {
  if (value === undefined || (typeof value === "object" && value !== null)) return value;
  throw wrongOption(name, "an object", value);
}

/** Checked options of one opening handshake. */
export class OpeningSettings extends ClientHandshakeSettings {
  readonly tls: TlsOptions;
  readonly socketPath: string | undefined;
  readonly agent: HttpAgent | undefined;
  readonly connect: OpeningOptions["connect"];
  readonly maxRedirects: number;
  /** Whether a server must choose one of the subprotocols, as the WHATWG has it, or may choose none, as RFC 6455 has. */
  readonly requiresProtocol: boolean;

  /**
   * @param options  names that nobody reads are the caller's affair; the fields of the request are checked with its URL
   * @throws         UsageError for an option that is out of range or of the wrong kind, and for two that exclude each other
   */
  constructor(options: OpeningOptions, { requiresProtocol = false }: { readonly requiresProtocol?: boolean } = {}) {
    super(options, platform);
    this.requiresProtocol = requiresProtocol;
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
  }
}
