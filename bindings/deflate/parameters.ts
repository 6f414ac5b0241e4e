// The parameters of permessage-deflate as they stand in Sec-WebSocket-Extensions. RFC 7692 §7.1. Reads and writes them; what
// they lead to is negotiation.ts's affair.

import type { Extension, ExtensionParameter } from "../handshake/index.ts";

export const EXTENSION_NAME = "permessage-deflate";

/** One offer, or the answer to one. */
export interface DeflateParameters {
  readonly serverNoContextTakeover: boolean;
  readonly clientNoContextTakeover: boolean;
  /** 8 to 15; undefined where it is not there. */
  readonly serverMaxWindowBits: number | undefined;
  /** The same; true where it is there without a value, which only an offer may have. */
  readonly clientMaxWindowBits: number | true | undefined;
}

/** §7.1.2: 8 to 15, without leading zeros. */
const windowBitsByText: ReadonlyMap<string | undefined, number> = /*#__PURE__*/ new Map(
  [8, 9, 10, 11, 12, 13, 14, 15].map((bits) => [String(bits), bits]),
);

/** Reads parameters; undefined where one is unknown, there twice, or has a value that it may not have. §7.1. */
export function readParameters(
  parameters: readonly ExtensionParameter[],
  isOffer: boolean,
): DeflateParameters | undefined {
  const values = new Map(parameters.map(({ name, value }) => [name, value]));
  if (values.size !== parameters.length) return undefined;
  const read = {
    serverNoContextTakeover: values.has("server_no_context_takeover"),
    clientNoContextTakeover: values.has("client_no_context_takeover"),
    serverMaxWindowBits: windowBitsByText.get(values.get("server_max_window_bits")),
    clientMaxWindowBits: clientBits(values, isOffer),
  };
  const known = Object.values(read).filter((value) => value !== undefined && value !== false).length;
  const isPlain = [values.get("server_no_context_takeover"), values.get("client_no_context_takeover")].every(
    (value) => value === undefined,
  );
  return isPlain && known === values.size ? read : undefined;
}

function clientBits(values: ReadonlyMap<string, string | undefined>, isOffer: boolean): number | true | undefined {
  const text = values.get("client_max_window_bits");
  const isBare = isOffer && text === undefined && values.has("client_max_window_bits");
  return isBare ? true : windowBitsByText.get(text);
}

/** Writes parameters; windows of 15 bits, which are what none means, are left out. */
export function writeParameters(parameters: DeflateParameters): Extension {
  const list: ExtensionParameter[] = [];
  const add = (name: string, value?: string): number => list.push({ name, value });
  if (parameters.serverNoContextTakeover) add("server_no_context_takeover");
  if (parameters.clientNoContextTakeover) add("client_no_context_takeover");
  const { serverMaxWindowBits, clientMaxWindowBits } = parameters;
  if (serverMaxWindowBits !== undefined) add("server_max_window_bits", String(serverMaxWindowBits));
  if (clientMaxWindowBits === true) add("client_max_window_bits");
  else if (clientMaxWindowBits !== undefined) add("client_max_window_bits", String(clientMaxWindowBits));
  return { name: EXTENSION_NAME, parameters: list };
}
