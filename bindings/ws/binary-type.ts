// How binary messages are handed out. WHATWG HTML §9.3.1 has two of the kinds; "nodebuffer" is what there is without a choice.

export const binaryTypes = ["nodebuffer", "arraybuffer", "fragments", "blob"] as const;
export type BinaryType = (typeof binaryTypes)[number];

/** A message in the shape asked for: "fragments" is a list of one, for messages are put together as they come. */
export function binaryData(data: Buffer, type: BinaryType): Buffer | ArrayBuffer | Buffer[] | Blob {
  if (type === "nodebuffer") return data;
  if (type === "arraybuffer") return arrayBufferOf(data);
  if (type === "fragments") return data.length === 0 ? [] : [data];
  return new Blob([data as Uint8Array<ArrayBuffer>]);
}

/** The message's own ArrayBuffer, or a copy where others' octets are in it. */
function arrayBufferOf({ buffer, byteOffset, byteLength }: Buffer): ArrayBuffer {
  if (byteLength === buffer.byteLength) return buffer as ArrayBuffer;
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}
