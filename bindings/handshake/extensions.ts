// Sec-WebSocket-Extensions as a list of names and parameters, and back. RFC 6455 §9.1.
// Parameters are an ordered list, never an object: a name may repeat, and `__proto__` is a name like any other.
// Knows no extension: what a parameter means, and whether it may repeat, is for whoever negotiates.

import { checkText } from "./arguments.ts";
import { argumentError, handshakeError, quote } from "./faults.ts";
import { endOfToken, isToken, skipWhitespace } from "./grammar.ts";

export interface ExtensionParameter {
  readonly name: string;
  /** A token, quotes removed; undefined where the parameter has none. */
  readonly value: string | undefined;
}

/** One offer of a client, or what a server accepted. */
export interface Extension {
  readonly name: string;
  readonly parameters: readonly ExtensionParameter[];
}

/**
 * Parses a Sec-WebSocket-Extensions value, several lines of it joined with commas. RFC 6455 §9.1.
 *
 * @throws HandshakeError 400 where it is malformed: an empty element, whitespace around "=", a value that is no token once
 *         its quotes are removed, a quote that is not closed
 * @throws UsageError for what is no string
 */
export function parseExtensions(value: string): Extension[] {
  checkText("parseExtensions: the value", value);
  const extensions = scanExtensions(value);
  if (extensions === undefined) throw handshakeError("WS_HANDSHAKE_EXTENSIONS", quote(value));
  return extensions;
}

/** As parseExtensions; undefined where the value is malformed. */
export function scanExtensions(value: string): Extension[] | undefined {
  const extensions: Extension[] = [];
  let at = 0;
  for (;;) {
    at = skipWhitespace(value, at);
    const nameEnd = endOfToken(value, at);
    if (nameEnd === at) return undefined;
    const parameters: ExtensionParameter[] = [];
    extensions.push({ name: value.slice(at, nameEnd), parameters });

    at = skipWhitespace(value, nameEnd);
    while (value[at] === ";") {
      at = scanParameter(value, skipWhitespace(value, at + 1), parameters);
      if (at === -1) return undefined;
      at = skipWhitespace(value, at);
    }
    if (at === value.length) return extensions;
    if (value[at] !== ",") return undefined;
    at++;
  }
}

/** Reads token [ "=" ( token / quoted-string ) ]; returns its end, or -1 where it is malformed. */
function scanParameter(value: string, start: number, parameters: ExtensionParameter[]): number {
  const nameEnd = endOfToken(value, start);
  if (nameEnd === start) return -1;
  const name = value.slice(start, nameEnd);
  if (value[nameEnd] !== "=") {
    parameters.push({ name, value: undefined });
    return nameEnd;
  }
  if (value[nameEnd + 1] === '"') return scanQuoted(value, nameEnd + 2, name, parameters);
  const end = endOfToken(value, nameEnd + 1);
  if (end === nameEnd + 1) return -1;
  parameters.push({ name, value: value.slice(nameEnd + 1, end) });
  return end;
}

/** Reads a quoted-string after its opening quote. RFC 9110 §5.6.4; RFC 6455 §9.1: unquoted it must be a token. */
function scanQuoted(value: string, start: number, name: string, parameters: ExtensionParameter[]): number {
  let unquoted = "";
  let at = start;
  for (;;) {
    const end = endOfToken(value, at);
    unquoted += value.slice(at, end);
    if (value[end] === '"') {
      if (unquoted === "") return -1;
      parameters.push({ name, value: unquoted });
      return end + 1;
    }
    // a quoted-pair stands for its second character, which must be one a token may hold
    if (value[end] !== "\\" || endOfToken(value, end + 1) === end + 1) return -1;
    unquoted += value[end + 1]!;
    at = end + 2;
  }
}

/**
 * Writes extensions as a Sec-WebSocket-Extensions value. RFC 6455 §9.1.
 *
 * @throws UsageError where a name or a value is no token, or an element no extension
 */
export function serializeExtensions(extensions: readonly Extension[]): string {
  if (!Array.isArray(extensions)) throw argumentError(`extensions must be an array; found ${quote(extensions)}`);
  return extensions.map(serializeExtension).join(", ");
}

function serializeExtension(extension: Extension): string {
  if (!isExtension(extension)) {
    throw argumentError(`extensions: each must have a name and an array of parameters; found ${quote(extension)}`);
  }
  const { name, parameters } = extension;
  let text = token("name", name);
  for (const parameter of parameters) {
    text += `; ${token("parameter", parameter.name)}`;
    if (parameter.value !== undefined) text += `=${token("parameter value", parameter.value)}`;
  }
  return text;
}

/** Tells whether a value has the shape of an extension; whether its words are tokens is not looked at. */
export function isExtension(value: unknown): value is Extension {
  if (typeof value !== "object" || value === null) return false;
  const { name, parameters } = value as Partial<Extension>;
  return typeof name === "string" && Array.isArray(parameters) && parameters.every(isParameter);
}

function isParameter(value: unknown): boolean {
  return typeof value === "object" && value !== null && typeof (value as ExtensionParameter).name === "string";
}

function token(what: string, text: string): string {
  if (typeof text === "string" && isToken(text)) return text;
  throw argumentError(`extensions: a ${what} must be a token; found ${quote(text)}`);
}

/**
 * Checks that what a server accepts, or answered, was offered, each name once; the first that was not, or undefined.
 */
export function notOffered(accepted: readonly Extension[], offers: readonly Extension[]): string | undefined {
  const left = new Set(offers.map((offer) => offer.name));
  for (const { name } of accepted) if (!left.delete(name)) return name;
  return undefined;
}
