// Frame headers in ordinary memory, RFC 6455 §5.2: written for frames that are sent, read for errors. The hot parsing is
// the kernel's.

import {
  FIN_BIT,
  LENGTH_16,
  LENGTH_64,
  LENGTH_BITS,
  MASK_BIT,
  MAX_CONTROL_LENGTH,
  OPCODE_BITS,
} from "../../assembly/constants.ts";
import type { FrameHeader } from "../errors/classes.ts";

/** Octets of the header of a frame with this payload. */
export function headerLength(payloadLength: number, masked: boolean): number {
  const field = payloadLength <= MAX_CONTROL_LENGTH ? 2 : payloadLength <= 0xffff ? 4 : 10;
  return masked ? field + 4 : field;
}

/** Octets of the header that begins with these octets. */
export function encodedHeaderLength(octets: Uint8Array): number {
  const second = octets[1]!;
  const length = second & LENGTH_BITS;
  const field = length < LENGTH_16 ? 2 : length === LENGTH_16 ? 4 : 10;
  return second & MASK_BIT ? field + 4 : field;
}

/**
 * Writes a header without its masking key and returns the octet after it.
 *
 * @param first          FIN, RSV bits and opcode, as they stand on the wire
 * @param payloadLength  octets
 * @param maskBit        MASK_BIT or 0
 */
export function writeHeader(
  target: Uint8Array,
  at: number,
  first: number,
  payloadLength: number,
  maskBit: number,
): number {
  target[at] = first;
  if (payloadLength <= MAX_CONTROL_LENGTH) {
    target[at + 1] = maskBit | payloadLength;
    return at + 2;
  }
  if (payloadLength <= 0xffff) {
    target[at + 1] = maskBit | LENGTH_16;
    target[at + 2] = payloadLength >>> 8;
    target[at + 3] = payloadLength;
    return at + 4;
  }
  target[at + 1] = maskBit | LENGTH_64;
  const high = Math.floor(payloadLength / 2 ** 32);
  for (let index = 0; index < 4; index++) {
    target[at + 2 + index] = high >>> (24 - index * 8);
    target[at + 6 + index] = payloadLength >>> (24 - index * 8);
  }
  return at + 10;
}

/** Writes a masking key, octet 0 from its low 8 bits, and returns the octet after it. §5.3. */
export function writeMaskingKey(target: Uint8Array, at: number, maskingKey: number): number {
  target[at] = maskingKey;
  target[at + 1] = maskingKey >>> 8;
  target[at + 2] = maskingKey >>> 16;
  target[at + 3] = maskingKey >>> 24;
  return at + 4;
}

/** The payload length that a header announces; undefined where its length field does not end before `end`. */
function payloadLengthAt(octets: Uint8Array, at: number, end: number): number | undefined {
  const length = octets[at + 1]! & LENGTH_BITS;
  if (length < LENGTH_16) return length;
  const fieldEnd = at + (length === LENGTH_16 ? 4 : 10);
  if (fieldEnd > end) return undefined;
  let value = 0;
  for (let index = at + 2; index < fieldEnd; index++) value = value * 256 + octets[index]!;
  return value;
}

/** A header made of its parts. */
export function frameHeader(first: number, masked: boolean, payloadLength: number | undefined): FrameHeader {
  return {
    fin: (first & FIN_BIT) !== 0,
    rsv1: (first & 0x40) !== 0,
    rsv2: (first & 0x20) !== 0,
    rsv3: (first & 0x10) !== 0,
    opcode: first & OPCODE_BITS,
    masked,
    payloadLength,
  };
}

/** Reads the header whose first two octets stand at `at`, and the rest of it as far as `end`. */
export function readHeader(octets: Uint8Array, at: number, end: number): FrameHeader {
  return frameHeader(octets[at]!, (octets[at + 1]! & MASK_BIT) !== 0, payloadLengthAt(octets, at, end));
}
