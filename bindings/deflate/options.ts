// The options of permessage-deflate, validated once. They read the same in both roles: "ours" is what we send.
// docs/compression.md describes them.

import { booleanOption, checkOptionNames, numberOption, wrongOption } from "../options.ts";
import type { DeflaterSettings, FlateProvider } from "./flate.ts";

/** How messages are compressed, and what is asked of the peer. */
export interface DeflateOptions {
  /** Octets from which a message is compressed; default 64, or 512 without context takeover. */
  readonly threshold?: number | undefined;
  /** Whether what we send may refer to earlier messages; default true. False costs no memory between messages. */
  readonly contextTakeover?: boolean | undefined;
  /** The same of what the peer sends; default true. False keeps no window for it either. */
  readonly peerContextTakeover?: boolean | undefined;
  /** Logarithm of the window that we compress with, 9 to 15; default 15. */
  readonly windowBits?: number | undefined;
  /** The largest that the peer may compress with; default 15. A client that cannot be told is not compressed with. */
  readonly peerWindowBits?: number | undefined;
  /** zlib's level, -1 to 9; default 2: a third to two thirds of the time of 6, for output that is up to 23 % longer. */
  readonly level?: number | undefined;
  /** zlib's memLevel, 1 to 9; default 8. */
  readonly memLevel?: number | undefined;
  /** zlib's strategy, 0 to 4; default 0. */
  readonly strategy?: number | undefined;
  /** What deflates and inflates; default: the platform's zlib. */
  readonly provider?: FlateProvider | undefined;
}

/** Octets from which compressing pays: with a context that knows such messages, and without one. */
const THRESHOLD_WITH_CONTEXT = 64;
const THRESHOLD_WITHOUT = 512;

const optionNames: ReadonlySet<string> = /*#__PURE__*/ new Set([
  "threshold",
  "contextTakeover",
  "peerContextTakeover",
  "windowBits",
  "peerWindowBits",
  "level",
  "memLevel",
  "strategy",
  "provider",
]);

/** Checked options. */
export class DeflateSettings {
  readonly threshold: number;
  readonly contextTakeover: boolean;
  readonly peerContextTakeover: boolean;
  readonly windowBits: number;
  readonly peerWindowBits: number;
  readonly deflater: Omit<DeflaterSettings, "windowBits">;
  readonly provider: FlateProvider;

  /**
   * @param standard  the provider where the options name none
   * @throws          UsageError for an option that is misspelt or out of range, and for one that the provider cannot do
   */
  constructor(options: DeflateOptions, standard: FlateProvider | undefined) {
    checkOptionNames("perMessageDeflate", options, optionNames);
    this.provider = checkProvider(options.provider === undefined ? standard : options.provider);
    const option = (name: keyof DeflateOptions, least: number, most: number, otherwise: number): number =>
      numberOption(`perMessageDeflate.${name}`, options[name], { least, most, otherwise });
    const takeover = (name: "contextTakeover" | "peerContextTakeover"): boolean =>
      booleanOption(`perMessageDeflate.${name}`, options[name], true);
    this.contextTakeover = takeover("contextTakeover");
    this.peerContextTakeover = takeover("peerContextTakeover");
    this.windowBits = option("windowBits", 9, 15, 15);
    this.peerWindowBits = option("peerWindowBits", 9, 15, 15);
    this.threshold = numberOption("perMessageDeflate.threshold", options.threshold, {
      least: 0,
      otherwise: this.contextTakeover ? THRESHOLD_WITH_CONTEXT : THRESHOLD_WITHOUT,
      unlimited: true,
    });
    this.deflater = {
      level: option("level", -1, 9, 2),
      memLevel: option("memLevel", 1, 9, 8),
      strategy: option("strategy", 0, 4, 0),
    };
  }
}

function checkProvider(provider: FlateProvider | undefined): FlateProvider {
  const isProvider = typeof provider?.createDeflater === "function" && typeof provider.createInflater === "function";
  if (isProvider) return provider;
  throw wrongOption("perMessageDeflate.provider", "a FlateProvider", provider);
}
