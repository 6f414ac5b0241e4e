// permessage-deflate, RFC 7692: options once, then what is offered or accepted, then an extension for each connection.

import type { ConnectionExtension } from "../connection/extension.ts";
import type { Flow, PieceConsumer } from "../connection/pieces.ts";
import type { Extension } from "../handshake/index.ts";
import { Context, StreamPool } from "./context.ts";
import { Deflating } from "./deflating.ts";
import type { FlateProvider } from "./flate.ts";
import { Inflating } from "./inflating.ts";
import {
  acceptOffers,
  agreementOfClient,
  agreementOfServer,
  type DeflateAgreement,
  type DirectionAgreement,
  LEAST_BITS,
  makeOffer,
} from "./negotiation.ts";
import { type DeflateOptions, DeflateSettings } from "./options.ts";

/** Streams of one thread that share settings, by their window's bits. */
type Pools = Map<number, StreamPool>;

export class PerMessageDeflate {
  private readonly settings: DeflateSettings;
  private readonly deflaters: Pools = new Map();
  private readonly inflaters: Pools = new Map();

  /**
   * @param options   see DeflateOptions
   * @param provider  what deflates where the options do not say
   * @throws          UsageError for an option that is misspelt or out of range
   */
  constructor(options: DeflateOptions = {}, provider?: FlateProvider) {
    this.settings = new DeflateSettings(options, provider);
  }

  /** What a client offers, for the `extensions` of createHandshakeRequest. */
  get offer(): Extension {
    return makeOffer(this.settings);
  }

  /** What a server accepts of a client's offers: for `negotiateExtensions`. */
  readonly negotiate = (offers: readonly Extension[]): Extension[] => acceptOffers(offers, this.settings);

  /** The extension of a server's connection; undefined where `accepted`, what `negotiate` gave, has none. */
  forServer(accepted: readonly Extension[]): ConnectionExtension | undefined {
    return this.extension(agreementOfServer(accepted));
  }

  /**
   * The extension of a client's connection; undefined where the server declined.
   *
   * @param answered    the extensions of the answer
   * @param httpStatus  what an error carries
   * @throws            HandshakeError for an answer that does not fit the offer
   */
  forClient(answered: readonly Extension[], httpStatus = 101): ConnectionExtension | undefined {
    return this.extension(agreementOfClient(answered, this.settings, httpStatus));
  }

  private extension(agreement: DeflateAgreement | undefined): ConnectionExtension | undefined {
    return agreement && this.forAgreement(agreement);
  }

  /** The extension of a connection whose ends have agreed, whoever negotiated that. @internal */
  forAgreement(agreement: DeflateAgreement): ConnectionExtension {
    const { provider, deflater, threshold } = this.settings;
    const { inbound, outbound } = agreement;
    const context = (pools: Pools, { windowBits, contextTakeover }: DirectionAgreement, make: () => StreamPool) => {
      const pool = pools.get(windowBits) ?? make();
      pools.set(windowBits, pool);
      return new Context(pool, contextTakeover);
    };
    const inflater = context(this.inflaters, inbound, () => {
      const windowBits = Math.max(inbound.windowBits, LEAST_BITS);
      return new StreamPool(() => provider.createInflater({ windowBits }));
    });
    // A window that zlib has not: nothing is compressed, which is always allowed (§6).
    const isPossible = outbound.windowBits >= LEAST_BITS;
    const deflating = isPossible
      ? new Deflating(
          context(
            this.deflaters,
            outbound,
            () => new StreamPool(() => provider.createDeflater({ ...deflater, windowBits: outbound.windowBits })),
          ),
          threshold,
        )
      : undefined;
    return {
      allowedRsv: 4,
      consume: (next: PieceConsumer, flow: Flow): PieceConsumer => new Inflating(next, flow, inflater),
      outbound: deflating,
      drop: () => deflating?.drop(),
    };
  }
}
