// A server's frames, told apart by their headers alone: what comes back compressed has a length that nobody knows before.
// RFC 6455 §5.2. Knows nothing of what is in them.

/** A frame's header, where it has come whole. */
export interface Header {
  readonly first: number;
  readonly headerLength: number;
  readonly payloadLength: number;
}

/** Reads the header at `at`; null where some of it is missing. */
export function readHeader(octets: Uint8Array, at: number, end: number): Header | null {
  if (end - at < 2) return null;
  const short = octets[at + 1]!;
  const headerLength = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (end - at < headerLength) return null;
  let payloadLength = short < 126 ? short : 0;
  for (let index = at + 2; index < at + headerLength; index++) payloadLength = payloadLength * 256 + octets[index]!;
  return { first: octets[at]!, headerLength, payloadLength };
}

const LONGEST_HEADER = 10;

/** Counts the frames of one connection. */
export class FrameCounter {
  /** Octets of the frame under way that are still to come. */
  private missing = 0;
  private readonly cut: Uint8Array = new Uint8Array(LONGEST_HEADER);
  private cutLength = 0;

  /** How many frames end in the first `length` octets. */
  push(octets: Uint8Array, length: number): number {
    let [at, count] = [0, 0];
    while (at < length) {
      if (this.missing === 0) {
        at = this.begin(octets, at, length);
        if (this.cutLength !== 0) return count;
      }
      const taken = Math.min(this.missing, length - at);
      this.missing -= taken;
      at += taken;
      if (this.missing === 0) count++;
    }
    return count;
  }

  /** Reads a header, which may have begun in an earlier chunk; where the payload begins. */
  private begin(octets: Uint8Array, at: number, length: number): number {
    if (this.cutLength === 0) {
      const header = readHeader(octets, at, length);
      if (header !== null) {
        this.missing = header.payloadLength;
        return at + header.headerLength;
      }
    }
    let index = at;
    while (index < length) {
      this.cut[this.cutLength++] = octets[index++]!;
      const header = readHeader(this.cut, 0, this.cutLength);
      if (header === null) continue;
      this.cutLength = 0;
      this.missing = header.payloadLength;
      break;
    }
    return index;
  }
}

/** The whole frames in `octets`, as where their payloads lie and whether RSV1 is set; null where one is not whole. */
export function wholeFrames(octets: Uint8Array): { isCompressed: boolean; payload: Uint8Array }[] | null {
  const frames: { isCompressed: boolean; payload: Uint8Array }[] = [];
  for (let at = 0; at < octets.length; ) {
    const header = readHeader(octets, at, octets.length);
    if (header === null) return null;
    const start = at + header.headerLength;
    const end = start + header.payloadLength;
    if (end > octets.length) return null;
    frames.push({ isCompressed: (header.first & 0x40) !== 0, payload: octets.subarray(start, end) });
    at = end;
  }
  return frames;
}
