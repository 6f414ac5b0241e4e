// What stands in for a compressing extension, in wsimd and in ws: a message that begins with RSV1 "inflates" to its octets
// without their top bits, piece by piece. So both sides must agree on every octet, and text is always valid. RFC 7692 §6.

import { RECORD_ASCII, RECORD_COMPRESSED } from "../../assembly/constants.ts";
import type { ConnectionExtension } from "../../bindings/connection/extension.ts";
import type { PieceConsumer } from "../../bindings/connection/pieces.ts";

/** The stand-in's inflation: a copy. */
export function inflated(octets: Uint8Array): Buffer {
  const copy = Buffer.from(octets);
  for (let at = 0; at < copy.length; at++) copy[at]! &= 0x7f;
  return copy;
}

/** For a Connection. */
export const inboundExtension: ConnectionExtension = {
  allowedRsv: 4,
  consume: (next): PieceConsumer => ({
    piece(source, bits, start, end) {
      if ((bits & RECORD_COMPRESSED) === 0) {
        next.piece(source, bits, start, end);
        return;
      }
      const octets = inflated(source.octets.subarray(start, end));
      next.piece({ octets, words: null, partOfChunk: () => null }, bits | RECORD_ASCII, 0, octets.length);
    },
    drop: () => next.drop(),
  }),
};

/** For ws's Receiver. */
export const wsExtensions: object = {
  "permessage-deflate": {
    decompress(data: Buffer, _fin: boolean, callback: (error: Error | null, octets: Buffer) => void): void {
      callback(null, inflated(data));
    },
  },
};
