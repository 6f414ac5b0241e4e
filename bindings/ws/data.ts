// What ws's `send` takes, and what becomes of it: text as it is, numbers as text, octets as a view, anything else as Buffer.from
// makes of it, a Blob when it has been read.

/** As much of a Blob as is needed, of whichever class. */
export interface BlobLike {
  readonly size: number;
  readonly type: string;
  arrayBuffer(): Promise<ArrayBuffer>;
}

export function isBlob(data: unknown): data is BlobLike {
  if (typeof data !== "object" || data === null) return false;
  const {
    arrayBuffer,
    type,
    [Symbol.toStringTag]: tag,
  } = data as Partial<BlobLike> & { [Symbol.toStringTag]?: unknown };
  return typeof arrayBuffer === "function" && typeof type === "string" && (tag === "Blob" || tag === "File");
}

const nothing = Buffer.alloc(0);

/**
 * The octets of what is no string: the caller's own memory where it is a buffer or a view of one.
 *
 * @throws  TypeError for what no Buffer can be made of
 */
export function octetsFrom(data: unknown): Buffer {
  if (Buffer.isBuffer(data)) return data;
  if (data instanceof ArrayBuffer) return Buffer.from(data);
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.from(data as string);
}

/** A frame's payload: nothing for what is falsy, text for strings and numbers, else octets. @throws TypeError */
export function payloadFrom(data: unknown): string | Buffer {
  if (typeof data === "string") return data;
  if (typeof data === "number") return String(data);
  return data ? octetsFrom(data) : nothing;
}

/** Octets of what was given to `send`, for what was never sent. */
export function lengthOf(data: unknown): number {
  if (isBlob(data)) return data.size;
  const payload = payloadFrom(data);
  return typeof payload === "string" ? Buffer.byteLength(payload) : payload.length;
}
