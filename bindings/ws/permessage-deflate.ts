// permessage-deflate (RFC 7692) with the options, parameters and methods of ws's class: what it negotiates, a connection is
// compressed with; `compress` and `decompress` are for whoever frames messages without one.

import type { ConnectionExtension } from "../connection/extension.ts";
import type { DeflaterSettings } from "../deflate/flate.ts";
import type { DirectionAgreement } from "../deflate/negotiation.ts";
import { PerMessageDeflate as Deflate } from "../deflate/permessage-deflate.ts";
import { zlibProvider } from "../runtime/zlib.ts";
import type { ParsedParameters } from "./extension.ts";
import { FlateRun } from "./flate-run.ts";

/** ws's options of compression. */
export interface DeflateOptions {
  readonly serverNoContextTakeover?: boolean | undefined;
  readonly clientNoContextTakeover?: boolean | undefined;
  readonly serverMaxWindowBits?: boolean | number | null | undefined;
  readonly clientMaxWindowBits?: boolean | number | null | undefined;
  /** Octets from which messages are compressed where our context is not taken over; default 1024. */
  readonly threshold?: number | undefined;
  /** Of zlib's options `level`, `memLevel` and `strategy` count. */
  readonly zlibDeflateOptions?: ZlibOptions | undefined;
  readonly zlibInflateOptions?: object | undefined;
  readonly concurrencyLimit?: number | undefined;
  readonly isServer?: boolean | undefined;
  /** Octets of an inflated message; 0 for no limit. */
  readonly maxPayload?: number | undefined;
}

interface ZlibOptions {
  readonly level?: number | undefined;
  readonly memLevel?: number | undefined;
  readonly strategy?: number | undefined;
}

/** What was negotiated, as it stands in the field; a parameter of an offer may be `true`. */
export interface DeflateParams {
  server_no_context_takeover?: true;
  client_no_context_takeover?: true;
  server_max_window_bits?: number;
  client_max_window_bits?: number | true;
}

const NAME = "permessage-deflate";

/** Octets from which messages are compressed without a context. */
const THRESHOLD = 1024;

/** zlib's own settings, where the application has none: what is sent is as long as with ws. */
const defaults = { level: 6, memLevel: 8, strategy: 0 } as const;

/** Connections that compress alike share streams that are idle. */
const known = new Map<string, Deflate>();

/** Kinds that are kept: an application has a few, unless it counts them up. */
const MOST_KNOWN = 64;

/** @param threshold  undefined for wsimd's own. @throws UsageError for settings that zlib has not */
function deflateWith(settings: Omit<DeflaterSettings, "windowBits">, threshold: number | undefined): Deflate {
  const key = JSON.stringify([settings, threshold]);
  const made = known.get(key) ?? new Deflate({ ...settings, threshold }, zlibProvider());
  if (known.size === MOST_KNOWN) known.clear();
  known.set(key, made);
  return made;
}

export class PerMessageDeflate {
  static get extensionName(): string {
    return NAME;
  }

  /** What was agreed; null before. */
  params: DeflateParams | null = null;
  private readonly options: DeflateOptions;
  private readonly isServer: boolean;
  private deflater: FlateRun | null = null;
  private inflater: FlateRun | null = null;

  constructor(options: DeflateOptions = {}) {
    this.options = options;
    this.isServer = options.isServer === true;
  }

  /** What a client offers. RFC 7692 §5. */
  offer(): DeflateParams {
    const { serverNoContextTakeover, clientNoContextTakeover, serverMaxWindowBits, clientMaxWindowBits } = this.options;
    const offer: DeflateParams = {};
    if (serverNoContextTakeover) offer.server_no_context_takeover = true;
    if (clientNoContextTakeover) offer.client_no_context_takeover = true;
    if (serverMaxWindowBits) offer.server_max_window_bits = serverMaxWindowBits as number;
    if (clientMaxWindowBits) offer.client_max_window_bits = clientMaxWindowBits;
    else if (clientMaxWindowBits === undefined || clientMaxWindowBits === null) offer.client_max_window_bits = true;
    return offer;
  }

  /**
   * Takes the first acceptable of a client's offers, or a server's answer.
   *
   * @throws  Error where there is none, TypeError for a value that a parameter may not have
   */
  accept(configurations: readonly ParsedParameters[]): DeflateParams {
    const read = configurations.map((configuration) => readParams(configuration, this.isServer));
    this.params = this.isServer ? this.acceptOffer(read) : this.acceptAnswer(read[0]!);
    return this.params;
  }

  /** Gives back what `compress` and `decompress` keep. */
  cleanup(): void {
    this.inflater?.close();
    this.deflater?.close();
    this.inflater = this.deflater = null;
  }

  /** Compresses a message, or a part of one: `callback(null, octets)`. RFC 7692 §7.2.1. */
  compress(data: string | Uint8Array, fin: boolean, callback: (error: unknown, octets?: Buffer) => void): void {
    const { windowBits, contextTakeover } = this.directions().outbound;
    this.deflater ??= new FlateRun(
      zlibProvider().createDeflater({ ...this.settings(), windowBits: Math.max(windowBits, 9) }),
    );
    this.deflater.deflate(typeof data === "string" ? Buffer.from(data) : data, fin, fin && !contextTakeover, callback);
  }

  /** Inflates a message, or a part of one. RFC 7692 §7.2.2. */
  decompress(data: Uint8Array, fin: boolean, callback: (error: unknown, octets?: Buffer) => void): void {
    const { windowBits, contextTakeover } = this.directions().inbound;
    this.inflater ??= new FlateRun(zlibProvider().createInflater({ windowBits: Math.max(windowBits, 9) }));
    this.inflater.inflate(data, fin, fin && !contextTakeover, this.options.maxPayload || Infinity, callback);
  }

  /** What was agreed as the extension of a connection. */
  forConnection(): ConnectionExtension {
    const { outbound, inbound } = this.directions();
    const { threshold = THRESHOLD } = this.options;
    const deflate = deflateWith(this.settings(), outbound.contextTakeover ? undefined : threshold);
    return deflate.forAgreement({ outbound, inbound });
  }

  /** Whether a message of so many octets is compressed: short ones are not without a context. */
  takes(length: number): boolean {
    const { threshold = THRESHOLD } = this.options;
    return this.directions().outbound.contextTakeover || length >= threshold;
  }

  /** Throws what a connection would fail of. @throws UsageError for settings that zlib has not */
  check(): void {
    deflateWith(this.settings(), this.options.threshold);
  }

  private settings(): Omit<DeflaterSettings, "windowBits"> {
    const { level, memLevel, strategy } = this.options.zlibDeflateOptions ?? {};
    return {
      level: level ?? defaults.level,
      memLevel: memLevel ?? defaults.memLevel,
      strategy: strategy ?? defaults.strategy,
    };
  }

  /** How each direction is compressed. */
  private directions(): { outbound: DirectionAgreement; inbound: DirectionAgreement } {
    const params = this.params ?? {};
    const clientBits = params.client_max_window_bits;
    const server = {
      contextTakeover: !params.server_no_context_takeover,
      windowBits: params.server_max_window_bits ?? 15,
    };
    const client = {
      contextTakeover: !params.client_no_context_takeover,
      windowBits: typeof clientBits === "number" ? clientBits : 15,
    };
    return this.isServer ? { outbound: server, inbound: client } : { outbound: client, inbound: server };
  }

  private acceptOffer(offers: readonly DeflateParams[]): DeflateParams {
    const { serverNoContextTakeover, clientNoContextTakeover, serverMaxWindowBits, clientMaxWindowBits } = this.options;
    const accepted = offers.find((offer) => this.canDo(offer));
    if (accepted === undefined) throw new Error("no offer of permessage-deflate can be accepted");
    if (serverNoContextTakeover) accepted.server_no_context_takeover = true;
    if (clientNoContextTakeover) accepted.client_no_context_takeover = true;
    if (typeof serverMaxWindowBits === "number") accepted.server_max_window_bits = serverMaxWindowBits;
    if (typeof clientMaxWindowBits === "number") accepted.client_max_window_bits = clientMaxWindowBits;
    // §7.1.2.2: without a value it only says that the client knows it
    else if (accepted.client_max_window_bits === true || clientMaxWindowBits === false)
      delete accepted.client_max_window_bits;
    return accepted;
  }

  /** §7.1: whether an offer asks for nothing that is refused, and allows what is asked for. */
  private canDo(offer: DeflateParams): boolean {
    const { serverNoContextTakeover, serverMaxWindowBits, clientMaxWindowBits } = this.options;
    const { server_max_window_bits: serverBits, client_max_window_bits: clientBits } = offer;
    if (offer.server_no_context_takeover && serverNoContextTakeover === false) return false;
    if (serverBits !== undefined && serverMaxWindowBits === false) return false;
    if (serverBits !== undefined && typeof serverMaxWindowBits === "number" && serverMaxWindowBits > serverBits)
      return false;
    if (typeof clientMaxWindowBits !== "number") return true;
    return typeof clientBits === "number" ? clientMaxWindowBits <= clientBits : clientBits === true;
  }

  private acceptAnswer(answer: DeflateParams): DeflateParams {
    const { clientNoContextTakeover, clientMaxWindowBits } = this.options;
    const { client_max_window_bits: bits } = answer;
    if (answer.client_no_context_takeover && clientNoContextTakeover === false)
      throw new Error("permessage-deflate: client_no_context_takeover was refused, and answered");
    if (bits === undefined) {
      if (typeof clientMaxWindowBits === "number") answer.client_max_window_bits = clientMaxWindowBits;
    } else if (
      clientMaxWindowBits === false ||
      (typeof clientMaxWindowBits === "number" && (bits as number) > clientMaxWindowBits)
    ) {
      throw new Error("permessage-deflate: client_max_window_bits is more than was offered");
    }
    return answer;
  }
}

/** Reads parameters, each of which may be there once. §7.1. @throws Error, TypeError */
function readParams(configuration: ParsedParameters, isOffer: boolean): DeflateParams {
  const params: Record<string, number | true> = {};
  for (const [name, values] of Object.entries(configuration)) {
    if (values.length > 1) throw new Error(`permessage-deflate: the parameter "${name}" is there more than once`);
    params[name] = readValue(name, values[0]!, isOffer);
  }
  return params as DeflateParams;
}

function readValue(name: string, value: string | number | true, isOffer: boolean): number | true {
  const isTakeover = name === "server_no_context_takeover" || name === "client_no_context_takeover";
  const isBits = name === "server_max_window_bits" || name === "client_max_window_bits";
  if (!isTakeover && !isBits) throw new Error(`permessage-deflate: the parameter "${name}" is unknown`);
  const bits = Number(value);
  const mayBeBare = isTakeover || (isOffer && name === "client_max_window_bits");
  if (value === true && mayBeBare) return true;
  if (value !== true && isBits && Number.isInteger(bits) && bits >= 8 && bits <= 15) return bits;
  throw new TypeError(`permessage-deflate: the parameter "${name}" may not be ${JSON.stringify(value)}`);
}
