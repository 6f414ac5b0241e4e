// The scalar twin: the kernel in plain TypeScript over an ordinary buffer, octet by octet. The fallback where WebAssembly
// or SIMD is refused, and the oracle in tests: it is written from RFC 6455 and RFC 3629, not from assembly/.

import { MASK_BIT, MAX_CONTROL_LENGTH } from "../../assembly/constants.ts";
import { assembleKernel } from "./assemble.ts";
import type { Kernel, KernelLayout } from "./kernel.ts";
import { createScalarDecode } from "./scalar-decode.ts";
import { maskScalar } from "./scalar-mask.ts";
import { validateUtf8 } from "./scalar-utf8.ts";
import { transcode } from "./scalar-utf16.ts";

const layout: KernelLayout = {
  controlPtr: 0,
  recordsPtr: 64,
  inputPtr: 4096,
  inputHeadroom: 256,
  inputCapacity: 262144,
  scratchPtr: 266304,
  scratchCapacity: 65536,
  utf16Ptr: 331904,
  utf16Capacity: 56768,
};

function highBits(octets: Uint8Array, ptr: number, length: number): number {
  let seen = 0;
  for (let index = 0; index < length; index++) seen |= octets[ptr + index]!;
  return seen & 0x80;
}

/** Writes a header that ends at `payloadPtr`, RFC 6455 §5.2, and returns its first octet's address. */
function serializeHeader(
  view: DataView,
  payloadPtr: number,
  first: number,
  length: number,
  maskingKey: number | null,
): number {
  const fieldLength = length <= MAX_CONTROL_LENGTH ? 2 : length <= 0xffff ? 4 : 10;
  const ptr = payloadPtr - fieldLength - (maskingKey === null ? 0 : 4);
  const maskBit = maskingKey === null ? 0 : MASK_BIT;
  view.setUint8(ptr, first);
  view.setUint8(ptr + 1, maskBit | (fieldLength === 2 ? length : fieldLength === 4 ? 126 : 127));
  if (fieldLength === 4) view.setUint16(ptr + 2, length);
  if (fieldLength === 10) view.setBigUint64(ptr + 2, BigInt(length));
  if (maskingKey !== null) view.setUint32(payloadPtr - 4, maskingKey, true);
  return ptr;
}

/** Makes a scalar kernel with a linear memory of its own. Throws nothing. */
export function createScalarKernel(): Kernel {
  const buffer = new ArrayBuffer(layout.utf16Ptr + layout.utf16Capacity + 64);
  const octets = new Uint8Array(buffer);
  const view = new DataView(buffer);
  return assembleKernel("scalar", buffer, layout, {
    decode: createScalarDecode(view, octets, layout),
    encode: (payloadPtr, payloadLength, first, masked, maskingKey) => {
      if (masked) maskScalar(octets, payloadPtr, payloadLength, maskingKey, 0);
      return serializeHeader(view, payloadPtr, first, payloadLength, masked ? maskingKey : null);
    },
    mask: (ptr, length, maskingKey, phase) => {
      maskScalar(octets, ptr, length, maskingKey, phase);
      return (phase + length) & 3;
    },
    highBits: (ptr, length) => highBits(octets, ptr, length),
    validateUtf8: (ptr, length, state) => validateUtf8(octets, ptr, length, state),
    transcode: (ptr, length) => transcode(octets, ptr, length, layout.utf16Ptr),
  });
}
