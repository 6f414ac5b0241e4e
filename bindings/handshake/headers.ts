// Header fields as a read-only multimap, and the one way in for fields that another parser has already read.
// A Map keyed by lower-case names: `__proto__` and `constructor` are names like any other.
// Knows no field by name; which may appear only once is request.ts's and check.ts's affair.

import type { UsageError } from "../errors/classes.ts";
import { isPlain } from "../options.ts";
import { handshakeError, optionError, quote } from "./faults.ts";
import { isFieldValue, isToken, trimWhitespace } from "./grammar.ts";
import { hush, isPromise } from "./promises.ts";

/** Field lines in order. */
export type HeaderPairs = readonly (readonly [name: string, value: string])[];

/**
 * Header fields from anywhere: a WHATWG `Headers` or any other iterable of pairs, Node's `rawHeaders`, Node's `headers`.
 * Prefer `rawHeaders` to `headers` on Node: the latter drops a second Host before it can be refused.
 */
export type HeaderSource =
  | HeaderFields
  | Iterable<readonly [string, string]>
  | readonly string[]
  | Readonly<Record<string, string | readonly string[] | undefined>>;

const none: readonly string[] = [];

/** The fields of one head; names in any case, values trimmed and decoded as ISO 8859-1. RFC 9110 §5. */
export class HeaderFields {
  readonly #valuesByName: ReadonlyMap<string, readonly string[]>;

  /** @param valuesByName  lower-case names to values in order of arrival; kept, not copied: `headerFields` copies */
  constructor(valuesByName: ReadonlyMap<string, readonly string[]>) {
    this.#valuesByName = valuesByName;
  }

  /** The field's values joined with ", ", as a list field may be; null where there is none. RFC 9110 §5.3. */
  get(name: string): string | null {
    const values = this.#valuesByName.get(name.toLowerCase());
    return values === undefined ? null : values.join(", ");
  }

  /** The field's values, one a line, in order; empty where there is none. */
  getAll(name: string): readonly string[] {
    return this.#valuesByName.get(name.toLowerCase()) ?? none;
  }

  /** How many lines the field has. */
  count(name: string): number {
    return this.getAll(name).length;
  }

  has(name: string): boolean {
    return this.#valuesByName.has(name.toLowerCase());
  }

  /** Lower-case names with one line's value each; the lines of one name follow one another. */
  *[Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    for (const [name, values] of this.#valuesByName) for (const value of values) yield [name, value];
  }
}

/**
 * Reads header fields that another parser produced; the result is the same as for the head they came in.
 *
 * @param source      borrowed until the call returns
 * @param httpStatus  what an error carries: a client passes the status it received. Default 400
 * @throws HandshakeError for a name that is no token or a value with control characters. RFC 9110 §5.1, §5.5
 * @throws UsageError where `source` is none of the shapes of HeaderSource
 */
export function headerFields(source: HeaderSource, httpStatus?: number): HeaderFields {
  if (source instanceof HeaderFields) return source;
  const valuesByName = new Map<string, string[]>();
  for (const [name, value] of headerPairs(source)) {
    if (!isToken(name) || !isFieldValue(value)) {
      throw handshakeError("WS_HANDSHAKE_HEAD_MALFORMED", `field ${quote(name)}: ${quote(value)}`, httpStatus);
    }
    addField(valuesByName, name, trimWhitespace(value));
  }
  return new HeaderFields(valuesByName);
}

/** Adds one line to a map under construction. */
export function addField(valuesByName: Map<string, string[]>, name: string, value: string): void {
  const key = name.toLowerCase();
  const values = valuesByName.get(key);
  if (values === undefined) valuesByName.set(key, [value]);
  else values.push(value);
}

/**
 * Flattens any HeaderSource to pairs, their contents unchecked.
 *
 * @throws UsageError where the shape is none of HeaderSource's
 */
export function headerPairs(source: HeaderSource): [name: string, value: string][] {
  if (typeof source !== "object" || source === null || isPromise(source)) throw wrongShape(source);
  const pairs: [string, string][] = [];
  const add = (name: unknown, value: unknown): void => {
    if (typeof name !== "string" || typeof value !== "string") throw wrongShape(value);
    pairs.push([name, value]);
  };
  if (Array.isArray(source) && typeof source[0] === "string") {
    for (let at = 0; at < source.length; at += 2) add(source[at], source[at + 1]);
  } else if (Symbol.iterator in source) {
    for (const pair of source as Iterable<readonly [string, string]>) {
      if (!Array.isArray(pair) || pair.length !== 2) throw wrongShape(pair);
      add(pair[0], pair[1]);
    }
  } else {
    const names = Object.keys(source);
    // an object of another kind, a Date for one, holds no fields: it is a mistake, not a head without any
    if (names.length === 0 && !isPlain(source)) throw wrongShape(source);
    for (const name of names) {
      const value = source[name];
      if (Array.isArray(value)) for (const one of value) add(name, one);
      else if (value !== undefined) add(name, value);
    }
  }
  return pairs;
}

/** The error for what is no source of fields; where that is a promise, its rejection is heard. */
function wrongShape(found: unknown): UsageError {
  const isAwaited = isPromise(found);
  if (isAwaited) hush(found);
  return optionError(
    `headers must be a Headers object, an array of names and values, or an object of strings; found ${isAwaited ? "a promise" : quote(found)}`,
  );
}
