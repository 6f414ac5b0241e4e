// What the test side puts on the wire: frames, right or wrong, with the masking its role asks for; messages cut into frames,
// and frames cut into pieces. RFC 6455 §5. It knows nothing of connections.

import { randomBytes } from "node:crypto";
import { frame } from "../support/frames.ts";
import { lengthOf, octetsOf, type Payload } from "./payload.ts";

/** An endpoint's role. */
export type Role = "client" | "server";

/** A frame of a case. Its length always has the shortest form. */
export interface Frame {
  readonly opcode: number;
  /** Default empty. */
  readonly payload?: Payload;
  /** Default true. */
  readonly fin?: boolean;
  /** RSV1 is 4, RSV2 is 2, RSV3 is 1; default 0. */
  readonly rsv?: number;
}

/** The octets of a frame that an endpoint in `sender` role sends: a client masks with a new key each time. §5.3 */
export function encode({ payload = "", ...bits }: Frame, sender: Role): Uint8Array {
  const octets = octetsOf(payload);
  const maskingKey = sender === "client" ? randomBytes(4) : undefined;
  const header = frame({ ...bits, announced: BigInt(octets.length), ...(maskingKey && { maskingKey }) });
  const whole = new Uint8Array(header.length + octets.length);
  whole.set(header);
  whole.set(octets, header.length);
  if (maskingKey !== undefined) mask(whole.subarray(header.length), maskingKey);
  return whole;
}

/** Masks octets in place. §5.3 */
export function mask(octets: Uint8Array, maskingKey: Uint8Array, phase = 0): void {
  for (let at = 0; at < octets.length; at++) octets[at]! ^= maskingKey[(at + phase) & 3]!;
}

/**
 * A message as frames of `fragmentLength` octets. A message that is longer and a multiple of it ends with an empty frame:
 * its last full frame does not know yet that it is the last. Reserved bits are those of the first frame.
 */
export function fragmented({ opcode, payload = "", rsv = 0 }: Frame, fragmentLength: number): Frame[] {
  const length = lengthOf(payload);
  if (length <= fragmentLength) return [{ opcode, payload, rsv }];
  const octets = octetsOf(payload);
  const frames: Frame[] = [];
  for (let at = 0; at <= length; at += fragmentLength) {
    const end = at + fragmentLength;
    const first = at === 0 ? { opcode, rsv } : { opcode: 0 };
    frames.push({ ...first, fin: end > length, payload: octets.subarray(at, end) });
  }
  return frames;
}

/** Octets cut into pieces of `pieceLength`; the last may be shorter. */
export function chopped(octets: Uint8Array, pieceLength: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < octets.length; at += pieceLength) pieces.push(octets.subarray(at, at + pieceLength));
  return pieces;
}
