// One case: the octets an endpoint receives, how they are cut, what the endpoint is set to and what its handlers do
// meanwhile. Values only: it can be made by hand, by a seed or by fast-check, cut down, and run again.

import { toHex } from "../support/octets.ts";

/** What a handler does when it is told of something. */
export type Action = "nothing" | "pause" | "feed another" | "feed itself" | "send" | "close" | "terminate" | "throw";

/** Those that leave what is told, and the verdict, as they are. */
export const harmlessActions: readonly Action[] = ["nothing", "pause", "feed another", "feed itself", "send"];

export interface StreamCase {
  readonly stream: Uint8Array;
  /** Offsets, in rising order. */
  readonly cuts: readonly number[];
  readonly role: "server" | "client";
  readonly maxMessageLength: number;
  /** What the connection may hold; what it holds depends on the cuts. */
  readonly maxProcessBuffered: number;
  /** Of a FrameDecoder. */
  readonly maxPayloadLength: number;
  /** 4 with an extension that defines RSV1, else 0. */
  readonly allowedRsv: 0 | 4;
  readonly text: "string" | "bytes";
  readonly exact: boolean;
  /** Whether chunks are given away. */
  readonly mayOverwrite: boolean;
  /** The nth event is answered by the nth, from the first again after the last. */
  readonly actions: readonly Action[];
  /** Limits of ws's Receiver that wsimd knows nothing of; 0 for none. */
  readonly wsMaxFragments: number;
  readonly wsMaxBufferedChunks: number;
}

/** A case of a server without limits, whole, whose handlers only listen. */
export const plainCase: StreamCase = {
  stream: new Uint8Array(0),
  cuts: [],
  role: "server",
  maxMessageLength: Number.POSITIVE_INFINITY,
  maxProcessBuffered: Number.POSITIVE_INFINITY,
  maxPayloadLength: Number.POSITIVE_INFINITY,
  allowedRsv: 0,
  text: "string",
  exact: false,
  mayOverwrite: false,
  actions: ["nothing"],
  wsMaxFragments: 0,
  wsMaxBufferedChunks: 0,
};

/** The chunks of a case, each in memory of its own. */
export function* chunksOf({ stream, cuts }: StreamCase): Generator<Uint8Array<ArrayBuffer>, void, void> {
  let start = 0;
  for (let index = 0; index <= cuts.length; index++) {
    const end = index === cuts.length ? stream.length : cuts[index]!;
    yield new Uint8Array(stream.subarray(start, end)); // `slice` of a Buffer would be a view
    start = end;
  }
}

/** The offsets of a cut after every octet. */
export function everyOctet(length: number): number[] {
  return Array.from({ length: Math.max(0, length - 1) }, (_, index) => index + 1);
}

/** Octets as a reader can take them in. */
export function hexOf(octets: Uint8Array, most = 400): string {
  if (octets.length <= most) return toHex(octets);
  return `${toHex(octets.subarray(0, most))} … (${octets.length} octets)`;
}

const MOST_CUTS = 300;

function cutsText(cuts: readonly number[]): string {
  const rest = cuts.length - MOST_CUTS;
  return cuts.slice(0, MOST_CUTS).join(" ") + (rest > 0 ? ` and ${rest} more` : "");
}

/** A case in words; `most` octets of it. */
export function describeCase(given: StreamCase, most?: number): string {
  const { stream, cuts, ...settings } = given;
  const changed = Object.entries(settings).filter(([name, value]) => {
    return name === "role" || String(value) !== String(plainCase[name as keyof typeof settings]);
  });
  const words = changed.map(([name, value]) => `${name} ${Array.isArray(value) ? `[${value.join(", ")}]` : value}`);
  const isCutEverywhere = cuts.length > 3 && cuts.every((cut, index) => cut === index + 1);
  const cutWords = isCutEverywhere ? "octet by octet" : cuts.length === 0 ? "whole" : `cut at ${cutsText(cuts)}`;
  return `  ${words.join("; ")}\n  ${stream.length} octets, ${cutWords}\n  ${hexOf(stream, most)}`;
}
