// What the two ends agree on: a server's answer to offers, a client's offer and its reading of the answer. RFC 7692 §5, §7.1.

import { type Extension, handshakeError, serializeExtensions } from "../handshake/index.ts";
import type { DeflateSettings } from "./options.ts";
import { type DeflateParameters, EXTENSION_NAME, readParameters, writeParameters } from "./parameters.ts";

/** How one direction is compressed. */
export interface DirectionAgreement {
  readonly contextTakeover: boolean;
  readonly windowBits: number;
}

/** How both are. */
export interface DeflateAgreement {
  readonly outbound: DirectionAgreement;
  readonly inbound: DirectionAgreement;
}

/** The bits of the smallest window that zlib has. */
export const LEAST_BITS = 9;

/** Accepts the first offer that we can do; none where there is none. For `negotiateExtensions`. §7.1. */
export function acceptOffers(offers: readonly Extension[], settings: DeflateSettings): Extension[] {
  for (const { name, parameters } of offers) {
    if (name !== EXTENSION_NAME) continue;
    const offer = readParameters(parameters, true);
    const answer = offer === undefined ? undefined : answerOffer(offer, settings);
    if (answer !== undefined) return [writeParameters(answer)];
  }
  return [];
}

/** §7.1.1, §7.1.2: the answer to one offer; undefined where it asks for more than we can do, or offers less than we ask for. */
function answerOffer(offer: DeflateParameters, settings: DeflateSettings): DeflateParameters | undefined {
  const { windowBits, peerWindowBits } = settings;
  const serverBits = Math.min(windowBits, offer.serverMaxWindowBits ?? 15);
  const offered = offer.clientMaxWindowBits;
  const clientBits = Math.min(peerWindowBits, typeof offered === "number" ? offered : 15);
  if (serverBits < LEAST_BITS) return undefined;
  // §7.1.2.2: a client that does not know the parameter must not be sent it
  if (clientBits < 15 && offered === undefined) return undefined;
  return {
    serverNoContextTakeover: offer.serverNoContextTakeover || !settings.contextTakeover,
    clientNoContextTakeover: !settings.peerContextTakeover,
    serverMaxWindowBits: offer.serverMaxWindowBits !== undefined || serverBits < 15 ? serverBits : undefined,
    clientMaxWindowBits: clientBits < 15 ? clientBits : undefined,
  };
}

/** What a client offers. */
export function makeOffer({
  contextTakeover,
  peerContextTakeover,
  windowBits,
  peerWindowBits,
}: DeflateSettings): Extension {
  return writeParameters({
    serverNoContextTakeover: !peerContextTakeover,
    clientNoContextTakeover: !contextTakeover,
    serverMaxWindowBits: peerWindowBits < 15 ? peerWindowBits : undefined,
    clientMaxWindowBits: windowBits < 15 ? windowBits : true,
  });
}

/** What a server has accepted, as `acceptOffers` has it; undefined where permessage-deflate is not among it. */
export function agreementOfServer(accepted: readonly Extension[]): DeflateAgreement | undefined {
  const answer = readAnswer(accepted);
  return answer && { outbound: serversDirection(answer), inbound: clientsDirection(answer) };
}

/**
 * What a server answered to `makeOffer`; undefined where it declined. §7.1.
 *
 * @throws HandshakeError for an answer that does not fit the offer
 */
export function agreementOfClient(
  answered: readonly Extension[],
  settings: DeflateSettings,
  httpStatus: number,
): DeflateAgreement | undefined {
  if (!answered.some(({ name }) => name === EXTENSION_NAME)) return undefined;
  const answer = readAnswer(answered);
  const { peerContextTakeover, peerWindowBits, windowBits } = settings;
  const fits =
    answer !== undefined &&
    (peerContextTakeover || answer.serverNoContextTakeover) &&
    (answer.serverMaxWindowBits ?? 15) <= peerWindowBits &&
    // §7.1.2.2: no more than was offered
    (typeof answer.clientMaxWindowBits !== "number" || answer.clientMaxWindowBits <= windowBits);
  if (!fits) {
    const found = `Sec-WebSocket-Extensions is ${JSON.stringify(serializeExtensions(answered))}`;
    throw handshakeError("WS_HANDSHAKE_RESPONSE_EXTENSIONS", found, httpStatus);
  }
  const ours = clientsDirection(answer);
  const outbound = {
    contextTakeover: ours.contextTakeover && settings.contextTakeover,
    windowBits: Math.min(ours.windowBits, windowBits),
  };
  return { outbound, inbound: serversDirection(answer) };
}

function readAnswer(extensions: readonly Extension[]): DeflateParameters | undefined {
  const [answer, ...others] = extensions.filter(({ name }) => name === EXTENSION_NAME);
  return answer && others.length === 0 ? readParameters(answer.parameters, false) : undefined;
}

function serversDirection(answer: DeflateParameters): DirectionAgreement {
  return { contextTakeover: !answer.serverNoContextTakeover, windowBits: answer.serverMaxWindowBits ?? 15 };
}

function clientsDirection(answer: DeflateParameters): DirectionAgreement {
  const bits = answer.clientMaxWindowBits;
  return { contextTakeover: !answer.clientNoContextTakeover, windowBits: typeof bits === "number" ? bits : 15 };
}
