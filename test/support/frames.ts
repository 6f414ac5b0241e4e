// Frames written from RFC 6455 §5.2 alone. It shares no line with the code under test, not even its constants, and takes
// any wrong frame as gladly as a right one.

import { concat } from "./octets.ts";

/** A frame as it is to stand on the wire. */
export interface FrameSpec {
  readonly opcode: number;
  /** Default true. */
  readonly fin?: boolean;
  /** RSV1 is 4, RSV2 is 2, RSV3 is 1; default 0. */
  readonly rsv?: number;
  /** Four octets as on the wire: the frame is masked with them. */
  readonly maskingKey?: Uint8Array;
  readonly payload?: Uint8Array;
  /** Bits of the length field; default the shortest that holds the length. */
  readonly lengthForm?: 7 | 16 | 64;
  /** The length the header announces; default the payload's. */
  readonly announced?: bigint;
}

const noPayload = new Uint8Array(0);

/** `payload` under `maskingKey`. §5.3. */
export function masked(payload: Uint8Array, maskingKey: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(payload, (octet, index) => octet ^ maskingKey[index % 4]!);
}

/** The octets of a frame. §5.2. */
export function frame({
  opcode,
  fin = true,
  rsv = 0,
  maskingKey,
  payload = noPayload,
  ...rest
}: FrameSpec): Uint8Array<ArrayBuffer> {
  const length = rest.announced ?? BigInt(payload.length);
  const lengthForm = rest.lengthForm ?? (length < 126n ? 7 : length < 65536n ? 16 : 64);
  const field: number[] = [];
  for (let bits = lengthForm === 7 ? 0 : lengthForm; bits > 0; bits -= 8)
    field.push(Number((length >> BigInt(bits - 8)) & 255n));
  const length7 = lengthForm === 7 ? Number(length) : lengthForm === 16 ? 126 : 127;
  const octet0 = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  const octet1 = (maskingKey ? 0x80 : 0) | length7;
  const head = Uint8Array.of(octet0, octet1, ...field, ...(maskingKey ?? []));
  return concat(head, maskingKey ? masked(payload, maskingKey) : payload);
}

/** The masking key as kernels take it: octet 0 in the low 8 bits. */
export function keyWord(maskingKey: Uint8Array): number {
  return new DataView(maskingKey.buffer, maskingKey.byteOffset).getInt32(0, true);
}
