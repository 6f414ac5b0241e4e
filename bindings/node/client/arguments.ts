// What the WebSocket class is called with, converted as Web IDL says and judged as the standard says.
// Web IDL §3.2, WebSockets Standard §3.1.

import type { ConnectionLimits } from "../../connection/settings.ts";
import { UsageError } from "../../errors/classes.ts";
import { isToken } from "../../handshake/grammar.ts";
import { checkOptionNames } from "../../options.ts";
import { limitNames } from "../../socket/options.ts";
import { type OpeningOptions, openingNames } from "./options.ts";

/** What the constructor takes beyond the standard, in place of the subprotocols or after them. */
export interface WebSocketOptions extends OpeningOptions, ConnectionLimits {}

const optionNames: ReadonlySet<string> = new Set([...openingNames, ...limitNames]);

/** A constructor's arguments, judged. */
export interface ConstructorArguments {
  readonly url: URL;
  readonly protocols: readonly string[];
  readonly options: WebSocketOptions;
}

/**
 * Reads the constructor's arguments: every conversion comes before the first judgement.
 *
 * @throws  TypeError for a symbol; UsageError for options that are none, or twice; DOMException SyntaxError for a URL that
 *          is none, or not a WebSocket's, and for a subprotocol that is no token, or there twice
 */
export function readArguments(url: unknown, second: unknown, third: unknown): ConstructorArguments {
  const text = domString(url);
  const isSecond = isOptions(second);
  if (isSecond && third !== undefined) throw new UsageError("WS_OPTION", "WebSocket: the options are there twice");
  const options = isSecond ? second : third === undefined ? {} : (third as WebSocketOptions);
  const protocols = isSecond || second === undefined ? [] : protocolList(second);
  checkOptionNames("WebSocket", options, optionNames);
  if (options.protocols !== undefined) {
    if (!isSecond && second !== undefined)
      throw new UsageError("WS_OPTION", "WebSocket: the subprotocols are there twice");
    protocols.push(...protocolList(options.protocols));
  }
  const parsed = parseUrl(text);
  checkProtocols(protocols);
  return { url: parsed, protocols, options };
}

/** Web IDL §3.2.10. @throws TypeError for a symbol, which String() would take */
export function domString(value: unknown): string {
  return `${value as string}`;
}

/** Web IDL §3.2.4.9, `[Clamp] unsigned short`: to the nearest, a half to the even one. @throws TypeError for a BigInt */
export function clampedShort(value: unknown): number {
  const clamped = Math.min(Math.max(+(value as number), 0), 65535);
  if (Number.isNaN(clamped)) return 0;
  const rounded = Math.round(clamped);
  return rounded - clamped === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded;
}

/** The constructor's steps on its URL. */
function parseUrl(text: string): URL {
  if (!URL.canParse(text))
    throw new DOMException(`WebSocket: ${JSON.stringify(text)} is no absolute URL`, "SyntaxError");
  const url = new URL(text);
  if (url.protocol === "http:") url.protocol = "ws:";
  else if (url.protocol === "https:") url.protocol = "wss:";
  if (url.protocol !== "ws:" && url.protocol !== "wss:") {
    throw new DOMException(`WebSocket: ${url.protocol} is neither ws: nor wss:`, "SyntaxError");
  }
  // A fragment may be empty, and `hash` does not show it.
  if (url.href.includes("#")) throw new DOMException("WebSocket: the URL has a fragment", "SyntaxError");
  return url;
}

/** Web IDL §3.2.24, a union with a sequence: what has an iterator. */
function isSequence(value: unknown): value is Iterable<unknown> {
  const isObject = (typeof value === "object" && value !== null) || typeof value === "function";
  return isObject && (value as Partial<Iterable<unknown>>)[Symbol.iterator] != null;
}

/** An object that is no list of subprotocols. */
function isOptions(value: unknown): value is WebSocketOptions {
  return typeof value === "object" && value !== null && !isSequence(value);
}

function protocolList(value: unknown): string[] {
  return isSequence(value) ? Array.from(value, domString) : [domString(value)];
}

/** RFC 6455 §4.1: tokens, each once. */
function checkProtocols(protocols: readonly string[]): void {
  const wrong = protocols.find((protocol, index) => !isToken(protocol) || protocols.indexOf(protocol) !== index);
  if (wrong === undefined) return;
  throw new DOMException(`WebSocket: ${JSON.stringify(wrong)} is no subprotocol, or asked for twice`, "SyntaxError");
}
