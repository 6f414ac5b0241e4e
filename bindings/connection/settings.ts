// What all connections of one kind have in common: role, handlers, limits, clock; validated once. docs/limits.md holds the
// table of defaults, and a test keeps the two equal.

import { type Role, type WireRules, wireConfig } from "../codec/wire.ts";
import { UsageError } from "../errors/classes.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { currentKernel } from "../kernel/select.ts";
import {
  booleanOption,
  checkOptionNames,
  choiceOption,
  functionOption,
  numberOption,
  wrongOption,
} from "../options.ts";
import type { ConnectionExtension } from "./extension.ts";
import { type Later, microtasks } from "./later.ts";
import type { MessageStream } from "./message-stream.ts";
import type { Transport } from "./transport.ts";

/** What the application does with what arrives. `context` is the connection, or what its shell put in its place. */
export interface ConnectionHandlers<Context> {
  /** A message: a string for text (octets with `text: "bytes"`), octets for binary. The octets are the handler's to keep. */
  message?(context: Context, data: string | Uint8Array, isBinary: boolean): unknown;
  /**
   * A message as it arrives: every one where there is no `message` handler, else those of `streamFrom` octets and more. What
   * follows on the connection waits until a loop over it has ended; where none was begun when this is over, it is dropped.
   */
  stream?(context: Context, message: MessageStream): unknown;
  /** A ping; its pong is sent already. */
  ping?(context: Context, data: Uint8Array): unknown;
  pong?(context: Context, data: Uint8Array): unknown;
  /** Output has fallen to half of `maxBufferedAmount` after a `send` returned false. */
  drain?(context: Context): unknown;
  /** What the peer did wrong, a limit that was passed, or what a handler threw. `close` follows. */
  error?(context: Context, error: unknown): unknown;
  /** The connection is closed: 1005 where the peer's Close had no code, 1006 where none came. Only `error` for a promise that
   * rejects later may follow. */
  close?(context: Context, code: number, reason: string): unknown;
}

/** Limits and timeouts; lengths in octets. */
export interface ConnectionLimits {
  /** Octets in a message; default 16 MiB, Infinity for no limit. Text is also bounded by the engine's longest string. */
  readonly maxMessageLength?: number | undefined;
  /** Octets sent that the transport did not take; default 64 MiB, Infinity for no limit. */
  readonly maxBufferedAmount?: number | undefined;
  /**
   * Octets that wait in all connections of the thread: unfinished messages, what a pause or a loop holds back, unsent output.
   * Where they are more, whoever holds most is closed. Default 1 GiB, on Node a quarter of the memory; Infinity for no limit.
   */
  readonly maxProcessBuffered?: number | undefined;
  /** Silence after which the connection is closed; a ping is sent at half. Default 120,000; Infinity for never. */
  readonly idleTimeoutMs?: number | undefined;
  /** Time for the peer to answer a Close and for the transport to end; default 5,000. */
  readonly closeTimeoutMs?: number | undefined;
}

/** Options of a Connection, apart from what concerns one connection alone. */
export interface SettingsOptions<Context> extends ConnectionLimits {
  readonly role: Role;
  readonly handlers?: ConnectionHandlers<Context> | undefined;
  /** Text as a `"string"` (default) or as validated octets, `"bytes"`. */
  readonly text?: "string" | "bytes" | undefined;
  /** Whether each binary message has an ArrayBuffer of its own; default false: small ones share. */
  readonly exact?: boolean | undefined;
  /** Whether text is delivered without being validated; default false. Only with `text: "bytes"`: of a peer that is trusted. */
  readonly skipUtf8Validation?: boolean | undefined;
  /** Octets from which a message goes to `stream`; default 1 MiB beside a `message` handler, else 0. */
  readonly streamFrom?: number | undefined;
  /** Milliseconds on a clock that never goes back; default performance.now. */
  readonly now?: (() => number) | undefined;
}

/** Longest string that every engine makes: V8's limit, the lowest. */
const MAX_STRING_LENGTH = 2 ** 29 - 24;

const MIB = 1024 * 1024;

/** The default of `closeTimeoutMs`. */
export const CLOSE_TIMEOUT_MS = 5_000;

const optionNames: ReadonlySet<string> = new Set([
  "role",
  "handlers",
  "text",
  "exact",
  "skipUtf8Validation",
  "streamFrom",
  "now",
  "maxMessageLength",
  "maxBufferedAmount",
  "maxProcessBuffered",
  "idleTimeoutMs",
  "closeTimeoutMs",
]);

/** The handlers of a connection. */
export const handlerNames = ["message", "stream", "ping", "pong", "drain", "error", "close"] as const;

/** A function that no event calls is a misspelt handler; other fields are the application's own. */
function checkHandlerNames(handlers: object): void {
  const known: readonly string[] = handlerNames;
  const unknown = Object.entries(handlers).find(
    ([name, value]) => typeof value === "function" && !known.includes(name),
  );
  if (unknown === undefined) return;
  throw new UsageError("WS_OPTION", `handlers has no ${unknown[0]}: there are ${known.join(", ")}`);
}

function checkLater(name: string, later: Later): Later {
  if (typeof later === "object" && typeof later?.add === "function") return later;
  throw wrongOption(name, "a Later", later);
}

/** Validated settings, shared by any number of connections. */
export class ConnectionSettings<Context> {
  readonly kernel: Kernel = currentKernel();
  readonly role: Role;
  readonly rules: WireRules;
  readonly handlers: ConnectionHandlers<Context>;
  readonly textAsOctets: boolean;
  readonly exact: boolean;
  readonly skipUtf8: boolean;
  readonly streamFrom: number;
  readonly now: () => number;
  /** When what is sent outside a batch leaves together. */
  readonly tickEnd: Later;
  /** When a connection goes on that took long; null where its shell has nobody else to serve. */
  readonly nextTurn: Later | null;
  readonly maxTextLength: number;
  readonly maxBufferedAmount: number;
  readonly maxProcessBuffered: number;
  readonly idleTimeoutMs: number;
  readonly closeTimeoutMs: number;

  /** @throws UsageError for an option that is missing, misspelt or out of range */
  constructor(options: SettingsOptions<Context>, tickEnd: Later = microtasks, nextTurn: Later | null = null) {
    checkOptionNames("Connection", options, optionNames);
    this.role = choiceOption("role", options.role, ["server", "client"]);
    const { handlers = {} } = options;
    if (typeof handlers !== "object" || handlers === null) throw wrongOption("handlers", "an object", handlers);
    this.handlers = handlers;
    checkHandlerNames(this.handlers);
    for (const name of handlerNames) functionOption(`handlers.${name}`, this.handlers[name]);
    this.textAsOctets = choiceOption("text", options.text, ["string", "bytes"], "string") === "bytes";
    this.exact = booleanOption("exact", options.exact, false);
    this.skipUtf8 = booleanOption("skipUtf8Validation", options.skipUtf8Validation, false);
    if (this.skipUtf8 && !this.textAsOctets)
      throw wrongOption("skipUtf8Validation", 'false where text is a "string"', options.skipUtf8Validation);
    this.streamFrom = numberOption("streamFrom", options.streamFrom, {
      otherwise: this.handlers.message === undefined ? 0 : MIB,
      least: 0,
    });
    if (options.streamFrom !== undefined && this.handlers.stream === undefined)
      throw wrongOption("streamFrom", "left out where there is no `stream` handler", options.streamFrom);
    this.now = functionOption("now", options.now) ?? (() => performance.now());
    this.tickEnd = checkLater("tickEnd", tickEnd);
    this.nextTurn = nextTurn === null ? null : checkLater("nextTurn", nextTurn);
    const maxMessageLength = numberOption("maxMessageLength", options.maxMessageLength, {
      otherwise: 16 * MIB,
      least: 1,
      unlimited: true,
    });
    this.rules = {
      config: wireConfig(this.role, 0, this.skipUtf8),
      maxFrameLength: Number.POSITIVE_INFINITY,
      maxMessageLength,
    };
    this.maxTextLength = this.textAsOctets ? maxMessageLength : Math.min(maxMessageLength, MAX_STRING_LENGTH);
    const amount = (name: "maxBufferedAmount" | "maxProcessBuffered", otherwise: number): number =>
      numberOption(name, options[name], { otherwise, least: 1, unlimited: true });
    this.maxBufferedAmount = amount("maxBufferedAmount", 64 * MIB);
    this.maxProcessBuffered = amount("maxProcessBuffered", 1024 * MIB);
    this.idleTimeoutMs = numberOption("idleTimeoutMs", options.idleTimeoutMs, {
      otherwise: 120_000,
      least: 1,
      unlimited: true,
    });
    this.closeTimeoutMs = numberOption("closeTimeoutMs", options.closeTimeoutMs, {
      otherwise: CLOSE_TIMEOUT_MS,
      least: 1,
    });
  }
}

/** What concerns one connection: its transport, and what its handlers are called with. */
export interface ConnectionPlace<Context> {
  readonly transport?: Transport | undefined;
  readonly context?: Context | undefined;
  /** What the handshake agreed that changes what the peer may send. */
  readonly extension?: ConnectionExtension | undefined;
}
