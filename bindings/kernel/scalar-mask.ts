// Masking an octet at a time, as RFC 6455 §5.3 says it: the scalar twin's.

/** Masks octets in place, RFC 6455 §5.3, and returns their OR after masking: below 0x80 they are ASCII. */
export function maskScalar(octets: Uint8Array, ptr: number, length: number, maskingKey: number, phase: number): number {
  let seen = 0;
  for (let index = 0; index < length; index++) {
    const masked = octets[ptr + index]! ^ ((maskingKey >>> (((index + phase) & 3) << 3)) & 0xff);
    octets[ptr + index] = masked;
    seen |= masked;
  }
  return seen;
}
