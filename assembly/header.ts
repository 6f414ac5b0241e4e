// Frame headers, RFC 6455 §5.2: judged by their first two octets, measured, written. Reads and writes octets at addresses;
// knows nothing of chunks, pieces or records.
//
//   octet 0   FIN RSV1 RSV2 RSV3 opcode(4)
//   octet 1   MASK length(7)           0-125: the length; 126: 16 bits follow; 127: 64 bits follow
//             [length: 2 or 8 octets, network order]  [masking key: 4 octets]

import {
  CONFIG_EXPECT_MASK,
  CONTROL_BIT,
  FIN_BIT,
  LENGTH_16,
  LENGTH_64,
  LENGTH_BITS,
  MASK_BIT,
  MAX_CONTROL_LENGTH,
  OPCODE_BITS,
  OPCODE_CONTINUATION,
  RSV_BITS,
  RSV1_BIT,
  VIOLATION_CONTINUATION_EXPECTED,
  VIOLATION_CONTINUATION_UNEXPECTED,
  VIOLATION_CONTROL_FRAGMENTED,
  VIOLATION_CONTROL_TOO_LONG,
  VIOLATION_LENGTH_NOT_MINIMAL,
  VIOLATION_LENGTH_TOP_BIT,
  VIOLATION_MASK_FORBIDDEN,
  VIOLATION_MASK_MISSING,
  VIOLATION_NONE,
  VIOLATION_RESERVED_BIT,
  VIOLATION_RESERVED_OPCODE,
  VIOLATION_RSV1_MISPLACED,
} from "./constants.ts";

/**
 * Applies every rule that the first two octets settle.
 *
 * @param config       CONFIG_* bits, the allowed RSV bits among them
 * @param messageOpen  whether a fragmented message is in progress
 * @returns            a VIOLATION_* number
 */
export function judgeHeader(first: u32, second: u32, config: u32, messageOpen: bool): u32 {
  const opcode = first & OPCODE_BITS;
  if (first & RSV_BITS & ~config) return VIOLATION_RESERVED_BIT; // §5.2
  if ((opcode & 7) > 2) return VIOLATION_RESERVED_OPCODE; // §5.2: 3-7 and 11-15
  const masked = (second & MASK_BIT) !== 0;
  const expectMask = (config & CONFIG_EXPECT_MASK) !== 0;
  if (masked !== expectMask) return expectMask ? VIOLATION_MASK_MISSING : VIOLATION_MASK_FORBIDDEN; // §5.1
  if (opcode & CONTROL_BIT) {
    if (first & RSV1_BIT) return VIOLATION_RSV1_MISPLACED; // RFC 7692 §6.1
    if (!(first & FIN_BIT)) return VIOLATION_CONTROL_FRAGMENTED; // §5.5
    if (<i32>(second & LENGTH_BITS) > MAX_CONTROL_LENGTH) return VIOLATION_CONTROL_TOO_LONG; // §5.5
    return VIOLATION_NONE;
  }
  if (opcode !== OPCODE_CONTINUATION) return messageOpen ? VIOLATION_CONTINUATION_EXPECTED : VIOLATION_NONE; // §5.4
  if (!messageOpen) return VIOLATION_CONTINUATION_UNEXPECTED; // §5.4
  return first & RSV1_BIT ? VIOLATION_RSV1_MISPLACED : VIOLATION_NONE;
}

/** Octets from a header's start to its masking key, or to its payload where it has none: 2, 4 or 10. */
export function lengthFieldEnd(second: u32): u32 {
  const length = <i32>(second & LENGTH_BITS);
  return length < LENGTH_16 ? 2 : length === LENGTH_16 ? 4 : 10;
}

/** The payload length of the header at `ptr`, whose length field is complete; octets, unsigned. */
export function payloadLengthAt(ptr: usize): u64 {
  const length = <i32>load<u8>(ptr, 1) & LENGTH_BITS;
  if (length < LENGTH_16) return length;
  if (length === LENGTH_16) return bswap<u16>(load<u16>(ptr, 2));
  return bswap<u64>(load<u64>(ptr, 2));
}

/** Applies the rules of the length field: shortest form, top bit clear. §5.2. Returns a VIOLATION_* number. */
export function judgeLength(second: u32, payloadLength: u64): u32 {
  const length = <i32>(second & LENGTH_BITS);
  if (length === LENGTH_16) return payloadLength < <u64>LENGTH_16 ? VIOLATION_LENGTH_NOT_MINIMAL : VIOLATION_NONE;
  if (length !== LENGTH_64) return VIOLATION_NONE;
  if (<i64>payloadLength < 0) return VIOLATION_LENGTH_TOP_BIT;
  return payloadLength < 0x10000 ? VIOLATION_LENGTH_NOT_MINIMAL : VIOLATION_NONE;
}

/**
 * Writes a header so that it ends at `payloadPtr`. §5.2.
 *
 * @param first          FIN, RSV bits and opcode, as they stand on the wire
 * @param payloadLength  octets
 * @param masked         whether `maskingKey` is written, octet 0 from its low 8 bits
 * @returns              the header's first octet
 */
export function serializeHeader(
  payloadPtr: usize,
  first: u32,
  payloadLength: u32,
  masked: bool,
  maskingKey: u32,
): usize {
  let ptr = payloadPtr;
  if (masked) {
    ptr -= 4;
    store<u32>(ptr, maskingKey);
  }
  let second: u32 = payloadLength;
  if (payloadLength > 0xffff) {
    second = LENGTH_64;
    ptr -= 8;
    store<u64>(ptr, bswap<u64>(payloadLength));
  } else if (payloadLength > <u32>MAX_CONTROL_LENGTH) {
    second = LENGTH_16;
    ptr -= 2;
    store<u16>(ptr, bswap<u16>(<u16>payloadLength));
  }
  ptr -= 2;
  store<u8>(ptr, first);
  store<u8>(ptr, masked ? second | MASK_BIT : second, 1);
  return ptr;
}
