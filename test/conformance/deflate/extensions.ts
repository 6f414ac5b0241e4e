// The header field Sec-WebSocket-Extensions: its grammar (RFC 6455 §9.1), and the four parameters of permessage-deflate
// (RFC 7692 §7.1). Who may agree to what is negotiation.ts.

/** An element of the field. */
export interface Extension {
  readonly name: string;
  /** In their order; null where there is no value. */
  readonly parameters: readonly (readonly [name: string, value: string | null])[];
}

/** The parameters of permessage-deflate, as an offer or a reply has them. */
export interface DeflateParameters {
  readonly server_no_context_takeover: boolean;
  readonly client_no_context_takeover: boolean;
  /** Null where it is left out. */
  readonly server_max_window_bits: number | null;
  /** True where it has no value. */
  readonly client_max_window_bits: number | true | null;
}

export const NAME = "permessage-deflate";

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
/** A name, perhaps a value, and what follows: more of the element, another element, or the end. */
const item = new RegExp(
  `[ \\t]*(${token})(?:[ \\t]*=[ \\t]*(?:(${token})|"((?:${token}|\\\\[!-~])+)"))?[ \\t]*(;|,|$)`,
  "y",
);

/** @throws Error for what is not in the grammar; empty elements are not */
export function parseExtensions(field: string): Extension[] {
  const extensions: { name: string; parameters: (readonly [string, string | null])[] }[] = [];
  let isParameter = false;
  let at = 0;
  for (let separator = ","; separator !== ""; ) {
    item.lastIndex = at;
    const match = item.exec(field);
    if (match === null) throw new Error(`extensions that cannot be read: ${JSON.stringify(field)}`);
    const [, name, plain, quoted] = match as unknown as readonly [
      string,
      string,
      string | undefined,
      string | undefined,
    ];
    const value = plain ?? quoted?.replace(/\\(.)/g, "$1") ?? null;
    if (isParameter) extensions.at(-1)!.parameters.push([name, value]);
    else if (value === null) extensions.push({ name, parameters: [] });
    else throw new Error(`an extension with a value: ${JSON.stringify(field)}`);
    separator = match[4]!;
    isParameter = separator === ";";
    at = item.lastIndex;
  }
  return extensions;
}

/** Which values a parameter may have. RFC 7692 §7.1.1 and §7.1.2 */
const mayHave: Readonly<Record<keyof DeflateParameters, { readonly none: boolean; readonly bits: boolean }>> = {
  server_no_context_takeover: { none: true, bits: false },
  client_no_context_takeover: { none: true, bits: false },
  server_max_window_bits: { none: false, bits: true },
  client_max_window_bits: { none: true, bits: true },
};

const isKnown = (name: string): name is keyof DeflateParameters => Object.hasOwn(mayHave, name);

/** @throws Error for a parameter that is unknown, comes twice or has a value it may not have in an offer */
export function deflateParameters({ parameters }: Extension): DeflateParameters {
  const found: { -readonly [Name in keyof DeflateParameters]: DeflateParameters[Name] | true } = {
    server_no_context_takeover: false,
    client_no_context_takeover: false,
    server_max_window_bits: null,
    client_max_window_bits: null,
  };
  const seen = new Set<string>();
  for (const [name, value] of parameters) {
    if (!isKnown(name)) throw new Error(`${NAME} has no parameter ${name}`);
    if (seen.has(name)) throw new Error(`${name} twice`);
    seen.add(name);
    const isGood = value === null ? mayHave[name].none : mayHave[name].bits && /^(?:[89]|1[0-5])$/.test(value);
    if (!isGood) throw new Error(`${name} ${value === null ? "without a value" : `with the value ${value}`}`);
    Object.assign(found, { [name]: value === null ? true : Number(value) });
  }
  return found as DeflateParameters;
}
