// From UTF-8 to UTF-16 for the scalar twin, a character at a time. Valid text only.

/**
 * Writes the characters of `length` octets as UTF-16LE from `target` on, RFC 3629 §3 and RFC 2781 §2.1, and returns the
 * number of code units; see KernelFunctions.
 */
export function transcode(octets: Uint8Array, ptr: number, length: number, target: number): number {
  const end = ptr + length;
  let to = target;
  for (let at = ptr; at < end; ) {
    let point = octets[at++]!;
    if (point >= 0x80) {
      if (point < 0xe0) {
        point = ((point & 0x1f) << 6) | (octets[at++]! & 0x3f);
      } else if (point < 0xf0) {
        point = ((point & 0x0f) << 12) | ((octets[at++]! & 0x3f) << 6) | (octets[at++]! & 0x3f);
      } else {
        point = ((point & 0x07) << 18) | ((octets[at++]! & 0x3f) << 12) | ((octets[at++]! & 0x3f) << 6);
        point = (point | (octets[at++]! & 0x3f)) - 0x10000;
        const high = 0xd800 | (point >> 10);
        octets[to++] = high;
        octets[to++] = high >> 8;
        point = 0xdc00 | (point & 0x3ff);
      }
    }
    octets[to++] = point;
    octets[to++] = point >> 8;
  }
  return (to - target) >> 1;
}
