// Frames for contestants to decode, and a reader of the frames they encode. RFC 6455 §5.2, written for plainness: it judges
// them, so it shares no code with any.

/** One frame, as read back. */
export interface Frame {
  /** FIN, RSV bits and opcode. */
  readonly first: number;
  readonly masked: boolean;
  readonly payload: Buffer;
}

function xor(octets: Uint8Array, key: Uint8Array): Buffer {
  return Buffer.from(octets.map((octet, index) => octet ^ key[index % 4]!));
}

function maskedFrame(opcode: number, payload: Uint8Array, key: Uint8Array): Buffer {
  const { length } = payload;
  const field = length < 126 ? 0 : length < 65536 ? 2 : 8;
  const header = Buffer.alloc(2 + field);
  header[0] = 0x80 | opcode;
  header[1] = 0x80 | (field === 0 ? length : field === 2 ? 126 : 127);
  if (field === 2) header.writeUInt16BE(length, 2);
  if (field === 8) header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, key, xor(payload, key)]);
}

/** A client's chunk: `count` whole frames with the same payload, each with a masking key of its own. */
export function clientChunk(opcode: number, payload: Uint8Array, count: number): Buffer {
  const frames: Buffer[] = [];
  for (let index = 0; index < count; index++) {
    const key = Buffer.of(0x37 + index, 0xfa - index, 0x21 ^ index, 0x3d + 3 * index);
    frames.push(maskedFrame(opcode, payload, key));
  }
  return Buffer.concat(frames);
}

/** Reads whole frames, unmasked. @throws Error where the octets end inside a frame */
export function readFrames(octets: Buffer): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at < octets.length; ) {
    const first = octets[at]!;
    const masked = octets[at + 1]! >= 0x80;
    let length = octets[at + 1]! & 0x7f;
    at += 2;
    if (length === 126) {
      length = octets.readUInt16BE(at);
      at += 2;
    } else if (length === 127) {
      length = Number(octets.readBigUInt64BE(at));
      at += 8;
    }
    const key = octets.subarray(at, masked ? at + 4 : at);
    at += key.length;
    if (at + length > octets.length) throw new Error("the octets end inside a frame");
    const payload = octets.subarray(at, at + length);
    frames.push({ first, masked, payload: masked ? xor(payload, key) : payload });
    at += length;
  }
  return frames;
}
