// The options of createServer, validated once. docs/limits.md holds the defaults.

import { totalmem } from "node:os";
import {
  type ConnectionHandlers,
  type ConnectionLimits,
  ConnectionSettings,
  handlerNames as connectionHandlerNames,
} from "../connection/settings.ts";
import { UsageError } from "../errors/classes.ts";
import { type HandshakeOptions, HandshakePolicy, type RequestHead } from "../handshake/index.ts";
import { initSync } from "../kernel/select.ts";
import { checkOptionNames, functionOption, numberOption, wrongOption } from "../options.ts";
import { type Clock, processClock } from "./clock.ts";
import { nodeFlusher } from "./flusher.ts";
import type { HttpResponse } from "./http-answer.ts";
import type { Socket } from "./socket.ts";

/** What a server does with its connections: one object for all of them. */
export interface ServerHandlers<Data> extends ConnectionHandlers<Socket<Data>> {
  /** A connection whose handshake is done. `request` is not kept: take from it what is needed. */
  open?(socket: Socket<Data>, request: RequestHead): unknown;
  /** Answers plain HTTP, which otherwise gets 426 and a hint. */
  request?(request: RequestHead): HttpResponse | undefined | Promise<HttpResponse | undefined>;
  /** An error of the listening socket, or of `request`; default: a process warning. */
  serverError?(error: unknown): void;
}

/** Options of createServer: handlers, limits, and how handshakes are judged. */
export interface ServerOptions<Data = unknown>
  extends ServerHandlers<Data>,
    ConnectionLimits,
    Omit<HandshakeOptions, "negotiateExtensions" | "secure"> {
  /** Text as a `"string"` (default) or as validated octets, `"bytes"`. */
  readonly text?: "string" | "bytes" | undefined;
  /** Whether each binary message has an ArrayBuffer of its own; default false. */
  readonly exact?: boolean | undefined;
  /** Time for a request's head to come, in ms; default 10,000. */
  readonly handshakeTimeoutMs?: number | undefined;
  /** The clock of timeouts; default one for the process. */
  readonly clock?: Clock | undefined;
}

const handlerNames = [...connectionHandlerNames, "open", "request", "serverError"] as const;
const connectionNames = [
  "text",
  "exact",
  "maxMessageLength",
  "maxBufferedAmount",
  "maxProcessBuffered",
  "idleTimeoutMs",
  "closeTimeoutMs",
] as const;
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
  ...handlerNames,
  ...connectionNames,
  ...handshakeNames,
  "handshakeTimeoutMs",
  "clock",
]);

function pick<T extends object, K extends keyof T>(source: T, names: readonly K[]): Pick<T, K> {
  const picked: Partial<Pick<T, K>> = {};
  for (const name of names) if (source[name] !== undefined) picked[name] = source[name];
  return picked as Pick<T, K>;
}

/** A Clock, of whichever build. */
function isClock(clock: Partial<Clock>): boolean {
  return (
    typeof clock === "object" && clock !== null && typeof clock.now === "function" && typeof clock.add === "function"
  );
}

let environmentRead = false;

/** WSIMD_KERNEL chooses the kernel, once; runtimes that refuse the environment have none. */
function readEnvironment(): void {
  if (environmentRead) return;
  environmentRead = true;
  let kernel: string | undefined;
  try {
    kernel = process.env.WSIMD_KERNEL;
  } catch {
    return;
  }
  if (kernel === undefined || kernel === "") return;
  try {
    initSync({ kernel: kernel as "wasm" | "scalar" | "auto" });
  } catch (cause) {
    const { code, message } = cause as UsageError;
    throw new UsageError(code, `WSIMD_KERNEL=${kernel}: ${message}`);
  }
}

/** Checked options of one server. */
export class ServerSettings<Data> {
  readonly handlers: ServerHandlers<Data>;
  readonly connection: ConnectionSettings<Socket<Data>>;
  readonly policy: HandshakePolicy;
  readonly handshakeTimeoutMs: number;
  readonly clock: Clock;

  /** @throws UsageError for an option that is misspelt or out of range */
  constructor(options: ServerOptions<Data>) {
    checkOptionNames("createServer", options, optionNames);
    readEnvironment();
    for (const name of handlerNames) functionOption(name, options[name] as unknown);
    this.handlers = pick(options, handlerNames);
    this.clock = options.clock ?? processClock;
    if (!isClock(this.clock)) throw wrongOption("clock", "a Clock", this.clock);
    this.connection = new ConnectionSettings<Socket<Data>>(
      {
        maxProcessBuffered: Math.floor(totalmem() / 4),
        ...pick(options, connectionNames),
        role: "server",
        handlers: pick(options, connectionHandlerNames),
        now: () => this.clock.now(),
      },
      nodeFlusher,
    );
    this.policy = new HandshakePolicy(pick(options, handshakeNames));
    this.handshakeTimeoutMs = numberOption("handshakeTimeoutMs", options.handshakeTimeoutMs, {
      otherwise: 10_000,
      least: 1,
    });
  }
}
