// A server's handshake options, checked once and reused for every request. Knows no request.

import { checkOptionNames } from "../options.ts";
import type { Extension } from "./extensions.ts";
import { optionError, quote } from "./faults.ts";
import { applicationFields } from "./fields.ts";
import type { HeaderPairs, HeaderSource } from "./headers.ts";
import { HeadBounds, type HeadLimits } from "./limits.ts";
import { type AllowedOrigins, originSet } from "./origin.ts";
import type { RequestHead } from "./parse.ts";
import { checkProtocols } from "./protocols.ts";

/**
 * Every function here may throw a HandshakeError, which refuses the request with its status, message and headers. All are
 * synchronous: one that returns a promise is a UsageError.
 */
export interface HandshakeOptions extends HeadLimits {
  /** Subprotocols spoken, the preferred first: the first of them that the client offers is agreed. Default none. */
  readonly protocols?: readonly string[] | undefined;
  /** Picks one of the offered subprotocols, "" or false for none; asked only where some are offered. Not with `protocols`. */
  readonly selectProtocol?: ((offered: readonly string[], request: RequestHead) => string | false) | undefined;
  /** Picks extensions, and their parameters, among those offered; asked only where some are. Default: accepts none. */
  readonly negotiateExtensions?:
    | ((offers: readonly Extension[], request: RequestHead) => readonly Extension[])
    | undefined;
  /** Which web pages may connect; requests without Origin come from no page and are let in. Default: same origin. */
  readonly allowedOrigins?: AllowedOrigins | undefined;
  /** The transport is TLS, ended here: a Host without a port means 443. Default false. */
  readonly secure?: boolean | undefined;
  /** A proxy in front sets X-Forwarded-Host: its first value stands for Host in the origin check. Default false. */
  readonly trustProxy?: boolean | undefined;
  /** Fields to add to the 101 response; not those of the handshake itself. */
  readonly headers?: HeaderSource | ((request: RequestHead) => HeaderSource) | undefined;
}

const optionNames: ReadonlySet<string> = /*#__PURE__*/ new Set([
  "maxHeadLength",
  "maxHeaderCount",
  "protocols",
  "selectProtocol",
  "negotiateExtensions",
  "allowedOrigins",
  "secure",
  "trustProxy",
  "headers",
]);

/** Checked options. Immutable; holds its own copies. */
export class HandshakePolicy extends HeadBounds {
  readonly protocols: readonly string[];
  readonly selectProtocol: HandshakeOptions["selectProtocol"];
  readonly negotiateExtensions: HandshakeOptions["negotiateExtensions"];
  readonly allowedOrigins: AllowedOrigins | undefined;
  /** `allowedOrigins` as keys of `originKey`, where it is a list. @internal */
  readonly originSet: ReadonlySet<string> | undefined;
  readonly secure: boolean;
  readonly trustProxy: boolean;
  readonly headers: HeaderPairs | ((request: RequestHead) => HeaderSource);

  /** @throws UsageError naming the option that is misspelt, or the option and the value that is wrong */
  constructor(options: HandshakeOptions = {}) {
    checkOptionNames("the handshake", options, optionNames);
    super(options);
    this.protocols = checkProtocols("protocols", options.protocols ?? []);
    this.selectProtocol = optionalFunction("selectProtocol", options.selectProtocol);
    if (options.protocols !== undefined && this.selectProtocol !== undefined) {
      throw optionError("protocols and selectProtocol exclude each other");
    }
    this.negotiateExtensions = optionalFunction("negotiateExtensions", options.negotiateExtensions);
    this.originSet = originSet(options.allowedOrigins);
    this.allowedOrigins = options.allowedOrigins;
    this.secure = optionalBoolean("secure", options.secure);
    this.trustProxy = optionalBoolean("trustProxy", options.trustProxy);
    const { headers = [] } = options;
    this.headers = typeof headers === "function" ? headers : applicationFields(headers);
  }

  /** The same policy for connections over TLS that ends here. @internal */
  secured(): HandshakePolicy {
    const copy = Object.assign(Object.create(HandshakePolicy.prototype) as HandshakePolicy, this);
    return Object.assign(copy, { secure: true });
  }

  /** Returns a policy as it is, and makes one of anything else. */
  static from(options: HandshakePolicy | HandshakeOptions): HandshakePolicy {
    return options instanceof HandshakePolicy ? options : new HandshakePolicy(options);
  }
}

function optionalFunction<T>(option: string, value: T): T {
  if (value === undefined || typeof value === "function") return value;
  throw optionError(`${option} must be a function; found ${quote(value)}`);
}

function optionalBoolean(option: string, value: boolean | undefined): boolean {
  if (value === undefined || typeof value === "boolean") return value ?? false;
  throw optionError(`${option} must be true or false; found ${quote(value)}`);
}
