// Sec-WebSocket-Extensions and Sec-WebSocket-Protocol in the shapes that ws gives them: parameters by name, each a list of
// values, `true` for one without; a Set of names. RFC 6455 §9.1, §4.1.

import { type Extension, type ExtensionParameter, parseExtensions } from "../handshake/index.ts";
import { parseProtocols } from "../handshake/protocols.ts";

/** Values of a parameter, in the order in which they came. */
export type ParameterValues = (string | number | true)[];

/** Parameters of an extension, as they are given to `format`: lists, or single values. */
export type Parameters = Record<string, ParameterValues | string | number | true>;

/** As they are parsed. */
export type ParsedParameters = Record<string, ParameterValues>;

/** Adds to the list that a record has under a name. */
function push<T>(record: Record<string, T[]>, name: string, value: T): void {
  record[name] ??= [];
  record[name].push(value);
}

/** A record that no name is in, not even `constructor`. */
const empty = <T>(): Record<string, T> => Object.create(null) as Record<string, T>;

function parametersOf(parameters: readonly ExtensionParameter[]): ParsedParameters {
  const record = empty<ParameterValues>();
  for (const { name, value } of parameters) push(record, name, value ?? true);
  return record;
}

export const extension = {
  /** Parses a field's value. @throws SyntaxError where it is malformed */
  parse(header: string): Record<string, ParsedParameters[]> {
    let parsed: Extension[];
    if (header.trim() !== header) throw new SyntaxError(`whitespace around a field's value: ${JSON.stringify(header)}`);
    try {
      parsed = parseExtensions(header);
    } catch (cause) {
      throw new SyntaxError((cause as Error).message, { cause });
    }
    const offers = empty<ParsedParameters[]>();
    for (const { name, parameters } of parsed) push(offers, name, parametersOf(parameters));
    return offers;
  },

  /** Writes a field's value; what is not a list stands for one element. */
  format(extensions: Record<string, Parameters | readonly Parameters[]>): string {
    const words: string[] = [];
    for (const [name, offers] of Object.entries(extensions)) {
      for (const parameters of Array.isArray(offers) ? offers : [offers]) words.push(formatOffer(name, parameters));
    }
    return words.join(", ");
  },
};

function formatOffer(name: string, parameters: Parameters): string {
  const words = [name];
  for (const [parameter, values] of Object.entries(parameters)) {
    for (const value of Array.isArray(values) ? values : [values])
      words.push(value === true ? parameter : `${parameter}=${value}`);
  }
  return words.join("; ");
}

export const subprotocol = {
  /** Parses a field's value. @throws SyntaxError where it is no list of tokens, or one is there twice */
  parse(header: string): Set<string> {
    const names = header.trim() === header ? parseProtocols(header) : undefined;
    if (names === undefined) throw new SyntaxError(`not a list of different subprotocols: ${JSON.stringify(header)}`);
    return new Set(names);
  },
};
