// Frames for whoever sends them by himself, with a masking key of his own or at random: what ws's `Sender.frame` makes, header
// and payload. RFC 6455 §5.2, §5.3.

import { FIN_BIT, MASK_BIT, RSV1_BIT } from "../../assembly/constants.ts";
import { headerLength, writeHeader, writeMaskingKey } from "../codec/header.ts";
import { maskInto, maskRange, nextMaskingKey } from "../codec/masking.ts";
import { currentKernel } from "../kernel/select.ts";

export interface FrameOptions {
  readonly opcode: number;
  readonly fin?: boolean | undefined;
  readonly rsv1?: boolean | undefined;
  readonly mask?: boolean | undefined;
  /** Writes a masking key of 4 octets; left out: one at random. */
  readonly generateMask?: ((key: Buffer) => void) | undefined;
  /** Where `generateMask` writes it. */
  readonly maskBuffer?: Buffer | undefined;
  /** Whether the data may not be masked in place. */
  readonly readOnly?: boolean | undefined;
}

function maskingKeyOf({ generateMask, maskBuffer }: FrameOptions): number {
  if (generateMask === undefined) return nextMaskingKey();
  const key = maskBuffer ?? Buffer.alloc(4);
  generateMask(key);
  return key.readInt32LE(0);
}

/**
 * Makes a frame.
 *
 * @param data  the payload: masked in place where a mask is wanted, unless it is text or `readOnly`
 * @returns     header and payload, or all of it in one
 */
export function frame(data: string | Uint8Array, options: FrameOptions): Uint8Array[] {
  const octets = typeof data === "string" ? Buffer.from(data) : data;
  const { length } = octets;
  const isMasked = options.mask === true;
  const isMerged = isMasked && options.readOnly === true && length !== 0;
  const headLength = headerLength(length, isMasked);
  const head = Buffer.allocUnsafe(isMerged ? headLength + length : headLength);
  const first = options.opcode | (options.fin ? FIN_BIT : 0) | (options.rsv1 ? RSV1_BIT : 0);
  const end = writeHeader(head, 0, first, length, isMasked ? MASK_BIT : 0);
  if (isMasked) {
    const key = maskingKeyOf(options);
    writeMaskingKey(head, end, key);
    const kernel = currentKernel();
    if (isMerged) maskInto(kernel, octets, 0, length, head, headLength, key, 0);
    else maskRange(kernel, octets, 0, length, key, 0);
  }
  return isMerged || length === 0 ? [head] : [head, octets];
}
