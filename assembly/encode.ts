// Frames on their way out: one call writes a header before a payload that lies in the scratch region, and masks it.

import { MAX_HEADER_LENGTH } from "./constants.ts";
import { serializeHeader } from "./header.ts";
import { maskOctets } from "./mask.ts";
import { assertInRegion } from "./memory.ts";

/**
 * Makes a frame of a payload that is already in place. RFC 6455 §5.2, §5.3.
 *
 * @param payloadPtr     first payload octet, with MAX_HEADER_LENGTH octets free before it; the payload is masked in place
 * @param payloadLength  octets
 * @param first          FIN, RSV bits and opcode, as they stand on the wire
 * @param masked         1 to mask, as a client must (§5.1)
 * @param maskingKey     octet 0 in the low 8 bits
 * @returns              the frame's first octet; the frame ends with its payload
 */
export function encode(payloadPtr: usize, payloadLength: u32, first: u32, masked: u32, maskingKey: u32): usize {
  assertInRegion(payloadPtr - MAX_HEADER_LENGTH, MAX_HEADER_LENGTH + payloadLength);
  const ptr = serializeHeader(payloadPtr, first, payloadLength, masked !== 0, maskingKey);
  if (masked) maskOctets(payloadPtr, payloadLength, maskingKey);
  return ptr;
}
