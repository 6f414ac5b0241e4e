// What the test side offers as client, what it answers as server, and what is agreed by that. RFC 7692 §5 and §7.1.
//
// A case has wishes for the peer's compressor, first the dearest. As client the test side offers them all at once; as server
// it grants itself the first that the peer's offer allows.

import type { Role } from "../wire.ts";
import { deflateParameters, NAME, parseExtensions } from "./extensions.ts";

/** What the peer's compressor is to do. */
export interface Wish {
  /** False: each message is compressed by itself. */
  readonly contextTakeover: boolean;
  /** Null asks for nothing. */
  readonly windowBits: number | null;
}

/** How the messages of one side are compressed. */
export interface Direction {
  readonly contextTakeover: boolean;
  readonly windowBits: number;
}

/** What an opening handshake agreed on, by the role of the sender. */
export type Agreed = Readonly<Record<Role, Direction>>;

const WIDEST = 15;
/** zlib has no window of 8 bits: neither is a reply with it accepted nor an offer that asks for it. */
const NARROWEST = 9;

const joined = (parts: readonly (string | false)[]): string => parts.filter((part) => part !== false).join("; ");

function offerOf({ contextTakeover, windowBits }: Wish): string {
  return joined([
    NAME,
    "client_no_context_takeover",
    "client_max_window_bits",
    !contextTakeover && "server_no_context_takeover",
    windowBits !== null && `server_max_window_bits=${windowBits}`,
  ]);
}

/** The header field that a client sends; null for none. */
export function offersOf(wishes: readonly Wish[]): string | null {
  return wishes.length === 0 ? null : wishes.map(offerOf).join(",");
}

/**
 * What a server's answer to `offersOf` agrees on. A parameter server_* that was offered and is missing is not complained of
 * here: its messages are then read as the answer has it.
 *
 * @param field   undefined where there is none
 * @returns       null where no extension is agreed on
 * @throws Error  for an answer that a client must not accept
 */
export function agreedByReply(wishes: readonly Wish[], field: string | undefined): Agreed | null {
  if (field === undefined) return null;
  if (wishes.length === 0) throw new Error("an extension that was not offered");
  const [extension, ...others] = parseExtensions(field);
  if (others.length > 0) throw new Error(`more than one extension: ${field}`);
  if (extension!.name !== NAME) throw new Error(`an extension that was not offered: ${extension!.name}`);
  const reply = deflateParameters(extension!);
  const { server_max_window_bits: serverBits, client_max_window_bits: clientBits } = reply;
  if (clientBits === true) throw new Error("client_max_window_bits without a value in an answer"); // RFC 7692 §7.1.2.2
  for (const bits of [serverBits, clientBits]) {
    if (bits !== null && bits < NARROWEST) throw new Error(`a window of ${bits} bits`);
  }
  return {
    server: { contextTakeover: !reply.server_no_context_takeover, windowBits: serverBits ?? WIDEST },
    client: { contextTakeover: !reply.client_no_context_takeover, windowBits: clientBits ?? WIDEST },
  };
}

/** A server's answer, and what it agrees on. */
export interface Reply {
  readonly field: string;
  readonly agreed: Agreed;
}

/**
 * Answers a client's offers. What it asks of the server is granted always; what is wished of it, where its offer allows.
 *
 * @param field   undefined where there is none
 * @returns       null where nothing fits: no extension is agreed on
 * @throws Error  for offers that cannot be read, or hold what an offer must not
 */
export function replyTo(wishes: readonly Wish[], field: string | undefined): Reply | null {
  if (field === undefined) return null;
  const offers = parseExtensions(field)
    .filter(({ name }) => name === NAME)
    .map(deflateParameters);
  for (const { contextTakeover, windowBits } of wishes) {
    for (const offer of offers) {
      const { server_no_context_takeover, server_max_window_bits, client_max_window_bits } = offer;
      const limit = client_max_window_bits === true ? WIDEST : (client_max_window_bits ?? 0); // §7.1.2.2: not more
      if (windowBits !== null && windowBits > limit) continue;
      if (server_max_window_bits !== null && server_max_window_bits < NARROWEST) continue;
      const parts = [
        NAME,
        server_no_context_takeover && "server_no_context_takeover",
        server_max_window_bits !== null && `server_max_window_bits=${server_max_window_bits}`,
        !contextTakeover && "client_no_context_takeover", // may be asked without an offer, §7.1.1.2
        windowBits !== null && `client_max_window_bits=${windowBits}`,
      ];
      return {
        field: joined(parts),
        agreed: {
          server: { contextTakeover: !server_no_context_takeover, windowBits: server_max_window_bits ?? WIDEST },
          client: { contextTakeover, windowBits: windowBits ?? WIDEST },
        },
      };
    }
  }
  return null;
}
