// The options of createServer, validated once. docs/limits.md holds the defaults.

import { inboxHandlers } from "../connection/loops.ts";
import { type ConnectionHandlers, type ConnectionSettings, handlerNames } from "../connection/settings.ts";
import type { PerMessageDeflate } from "../deflate/permessage-deflate.ts";
import { type HandshakeOptions, HandshakePolicy, type RequestHead } from "../handshake/index.ts";
import { checkOptionNames, functionOption, numberOption } from "../options.ts";
import type { Clock } from "../socket/clock.ts";
import {
  clockOption,
  connectionSettings,
  deflateOption,
  pick,
  type SocketOptions,
  socketOptionNames,
} from "../socket/options.ts";
import type { Platform } from "../socket/platform.ts";
import type { Socket } from "../socket/socket.ts";
import type { HttpResponse } from "./http-answer.ts";
import type { UpgradeDecision, UpgradeOffer } from "./upgrade-offer.ts";

/** What a server does with its connections: one object for all of them. `Incoming` is what UpgradeOffer has of it. */
export interface ServerHandlers<Data, Incoming = undefined> extends ConnectionHandlers<Socket<Data>> {
  /** A connection whose handshake is done. `request` is not kept: take from it what is needed. */
  open?(socket: Socket<Data>, request: RequestHead): unknown;
  /**
   * Decides on a handshake that is valid, before it is answered: nothing accepts. `request` and `offer` are not kept.
   * Throwing a HandshakeError refuses; anything else that is thrown is 500, and `serverError` is told.
   */
  upgrade?(request: RequestHead, offer: UpgradeOffer<Incoming>): UpgradeDecision<Data> | Promise<UpgradeDecision<Data>>;
  /** Answers plain HTTP, which otherwise gets 426 and a hint. */
  request?(request: RequestHead): HttpResponse | undefined | Promise<HttpResponse | undefined>;
  /** An error of the listening socket, of `request` or of `upgrade`; default: a warning. */
  serverError?(error: unknown): void;
}

/** Options of createServer: handlers, limits, and how handshakes are judged. */
export interface ServerOptions<Data = unknown, Incoming = undefined>
  extends ServerHandlers<Data, Incoming>,
    SocketOptions,
    Omit<HandshakeOptions, "negotiateExtensions" | "secure"> {
  /** Time for a request's head to come, in ms; default 10,000. */
  readonly handshakeTimeoutMs?: number | undefined;
}

const ownHandlerNames = ["open", "upgrade", "request", "serverError"] as const;
const handshakeNames = [
  "maxHeadLength",
  "maxHeaderCount",
  "protocols",
  "selectProtocol",
  "allowedOrigins",
  "trustProxy",
  "headers",
] as const;

const optionNames: ReadonlySet<string> = new Set<string>([
  ...socketOptionNames,
  ...ownHandlerNames,
  ...handshakeNames,
  "handshakeTimeoutMs",
]);

/** Checked options of one server. */
export class ServerSettings<Data> {
  readonly handlers: ServerHandlers<Data, unknown>;
  readonly connection: ConnectionSettings<Socket<Data>>;
  readonly policy: HandshakePolicy;
  readonly deflate: PerMessageDeflate | undefined;
  /** The same for what comes over TLS that ends here. */
  readonly securePolicy: HandshakePolicy;
  readonly handshakeTimeoutMs: number;
  readonly clock: Clock;
  readonly platform: Platform;

  /**
   * @param ownNames  options that the runtime's own server has besides, and reads itself
   * @throws          UsageError for an option that is misspelt or out of range
   */
  constructor(options: ServerOptions<Data, unknown>, platform: Platform, ownNames: readonly string[] = []) {
    checkOptionNames("createServer", options, new Set([...optionNames, ...ownNames]));
    this.platform = platform;
    for (const name of ownHandlerNames) functionOption(name, options[name] as unknown);
    this.handlers = pick(options, [...handlerNames, ...ownHandlerNames]);
    this.clock = clockOption(options.clock);
    this.connection = connectionSettings(
      "server",
      options,
      this.clock,
      inboxHandlers(pick(options, handlerNames)),
      platform,
    );
    this.deflate = deflateOption(options.perMessageDeflate, platform);
    this.policy = new HandshakePolicy({
      ...pick(options, handshakeNames),
      negotiateExtensions: this.deflate?.negotiate,
    });
    this.securePolicy = this.policy.secured();
    this.handshakeTimeoutMs = numberOption("handshakeTimeoutMs", options.handshakeTimeoutMs, {
      otherwise: 10_000,
      least: 1,
    });
  }

  /** The shortest timeout, in ms: what a clock has to look for. */
  get shortestTimeoutMs(): number {
    const { closeTimeoutMs, idleTimeoutMs } = this.connection;
    return Math.min(this.handshakeTimeoutMs, closeTimeoutMs, idleTimeoutMs / 2);
  }
}
