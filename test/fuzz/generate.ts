// Cases from seeds: the same seed gives the same case, in every run and on every machine. What a seed makes is in the seed
// itself, so that a case needs no other word to be run again.

import { concat, Random } from "../support/octets.ts";
import { draftConversation, octetsOf } from "./conversation.ts";
import { breakFrame, damageOctets } from "./damage.ts";
import { type Action, everyOctet, harmlessActions, type StreamCase } from "./stream-case.ts";

/** What cases are made of; the index is the seed's remainder. */
export const kinds = ["arbitrary", "valid", "mutated", "damaged", "handshake"] as const;
export type Kind = (typeof kinds)[number];

export function kindOf(seed: number): Kind {
  return kinds[seed % kinds.length]!;
}

/** The nth seed of a run, of one kind or of any. */
export function seedOf(runSeed: number, index: number, only: Kind | undefined): number {
  let mixed = Math.imul(runSeed ^ Math.imul(index + 1, 0x9e3779b1), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  const seed = (mixed ^ (mixed >>> 16)) >>> 0;
  if (only === undefined) return seed;
  return Math.floor(seed / 8) * kinds.length + kinds.indexOf(only);
}

/** Octets that look like headers oftener than chance has it. */
const headerOctets = [
  0x00, 0x01, 0x02, 0x08, 0x09, 0x0a, 0x80, 0x81, 0x82, 0x83, 0x84, 0x88, 0x89, 0x8a, 0xc1, 0xc2, 0x7d, 0x7e, 0x7f,
  0xfd, 0xfe, 0xff,
];

function arbitraryOctets(random: Random): Uint8Array {
  const length = random.below(random.pick([6, 40, 300]));
  const likeness = random.below(4);
  const octets = random.octets(length);
  for (let at = 0; at < length; at++) if (random.below(4) < likeness) octets[at] = random.pick(headerOctets);
  return octets;
}

/** Frames whose headers are right one by one, in any order: what is wrong is in their sequence and their payloads. */
function arbitraryFrames(random: Random, role: "server" | "client"): Uint8Array {
  const frames = Array.from({ length: 1 + random.below(12) }, () => {
    const opcode = random.pick([0, 0, 0, 1, 1, 2, 8, 9, 10]);
    const payload = random.octets(random.pick([0, 1, 2, 3, 9, 30])).map((octet) => octet & random.pick([0x7f, 0xff]));
    const draft = { opcode, payload, fin: opcode >= 8 || random.below(2) === 0 };
    return octetsOf(role === "client" ? draft : { ...draft, maskingKey: random.octets(4) });
  });
  return concat(...frames);
}

function streamOf(kind: Kind, random: Random, role: "server" | "client", allowedRsv: number): Uint8Array {
  if (kind === "arbitrary") return random.below(2) === 0 ? arbitraryOctets(random) : arbitraryFrames(random, role);
  const drafts = draftConversation(random, role, allowedRsv);
  if (kind === "mutated") for (let count = random.pick([1, 1, 1, 2, 3]); count > 0; count--) breakFrame(drafts, random);
  let octets: Uint8Array = concat(...drafts.map(octetsOf));
  if (kind === "damaged") {
    if (random.below(3) === 0) octets = concat(octets, arbitraryOctets(random));
    for (let count = random.pick([1, 1, 2, 5]); count > 0; count--) octets = damageOctets(octets, random);
  }
  return octets;
}

/** Streams up to this are cut after every octet. */
const OCTETWISE_LENGTH = 2500;

/** Where a stream is cut. */
export function cutsOf(random: Random, length: number): number[] {
  const style = random.below(8);
  if (style === 0 || length < 2) return [];
  if (style <= 3 && length <= OCTETWISE_LENGTH) return everyOctet(length);
  const cuts: number[] = [];
  // The longest pass the input region, which is filled more than once for one chunk.
  const most = length > OCTETWISE_LENGTH ? random.pick([300, 5000, 66000, 200000]) : random.pick([2, 3, 8, 30, 150]);
  for (let at = 1 + random.below(most); at < length; at += 1 + random.below(most)) cuts.push(at);
  return cuts;
}

const violentActions: readonly Action[] = ["close", "terminate", "throw"];

function actionsOf(random: Random): readonly Action[] {
  const style = random.below(12);
  if (style < 5) return ["nothing"];
  const actions = Array.from({ length: 1 + random.below(7) }, () => random.pick(harmlessActions));
  if (style === 11) actions.push(random.pick(violentActions));
  return actions;
}

/** Makes the case of a seed. */
export function streamCaseOf(seed: number): StreamCase {
  const random = new Random(seed);
  const role = random.pick(["server", "client"] as const);
  const allowedRsv = random.below(4) === 0 ? 4 : 0;
  const stream = streamOf(kindOf(seed), random, role, allowedRsv);
  const cuts = cutsOf(random, stream.length);
  const limit = (): number => random.pick([Number.POSITIVE_INFINITY, 2 ** 40, 70000, 1000, 200, 126, 125]);
  const isLimited = random.below(4) === 0;
  return {
    stream,
    cuts,
    role,
    maxMessageLength: isLimited ? limit() : random.below(2) === 0 ? 16 * 2 ** 20 : Number.POSITIVE_INFINITY,
    maxProcessBuffered: random.below(12) === 0 ? random.pick([1, 2000, 5000, 70000, 200000]) : Number.POSITIVE_INFINITY,
    maxPayloadLength: isLimited ? limit() : Number.POSITIVE_INFINITY,
    allowedRsv,
    text: random.below(4) === 0 ? "bytes" : "string",
    exact: random.below(4) === 0,
    mayOverwrite: random.below(3) === 0,
    actions: actionsOf(random),
    wsMaxFragments: random.below(16) === 0 ? 3 : 0,
    wsMaxBufferedChunks: random.below(16) === 0 ? 8 : 0,
  };
}
