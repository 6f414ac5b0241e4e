// Writing to a socket's handle, past the stream around it: what the kernel of the system takes at once, nearly everything,
// needs no queue, no request and no callback; the stream makes all three, 0.4 us a write. What it does not take at once waits
// in the handle, and a write of nothing to the stream, which comes after it, tells when it is gone.
//
// Not public, as reading into memory is not: tried out with that, by memory-trial.ts, and left alone where it is not as expected.

import type { Socket as NetSocket } from "node:net";
import { getSystemErrorName } from "node:util";

/** The request of a write that is under way: it keeps its octets. */
interface WriteRequest {
  /** -1 while no write uses it. A handle need not have octets left for one to: the socket may have taken the rest meanwhile. */
  getAsyncId(): number;
  oncomplete: ((this: WriteRequest, status: number) => void) | null;
  buffer: Uint8Array | null;
  /** Ours: what fails if the write does. */
  stream?: NetSocket;
}

/** What a handle of Node's offers for this. Some make their requests themselves, others are given one and use it if they must. */
interface WriteHandle {
  writeBuffer(request: WriteRequest | null, octets: Uint8Array): number | WriteRequest;
  readonly writeQueueSize: number;
}

/** What became of octets: all are with the kernel; the handle has the rest of them; nothing was done. */
export const Written = { Whole: 0, Partly: 1, Not: 2 } as const;
export type Written = (typeof Written)[keyof typeof Written];

/** Whoever wrote waits for the write behind this one; a failure is told here, for that one may fail of something else. */
function completed(this: WriteRequest, status: number): void {
  if (status < 0) this.stream!.destroy(writeError(status));
}

const isUsed = (request: WriteRequest | null): boolean => request !== null && request.getAsyncId() !== -1;

const handleOf = (stream: NetSocket): WriteHandle | null =>
  (stream as unknown as { readonly _handle: WriteHandle | null })._handle;

function writeError(errno: number): Error {
  const code = getSystemErrorName(errno);
  return Object.assign(new Error(`write ${code}`), { errno, code, syscall: "write" });
}

export class HandleWriter {
  private readonly Request: (new () => WriteRequest) | null;
  /** One that no write has used. */
  private spare: WriteRequest | null;

  /** @param request  what the stream gives a handle with its octets, as `watchWrite` sees it */
  constructor(request: object | null) {
    this.Request = request === null ? null : (request.constructor as new () => WriteRequest);
    this.spare = this.Request === null ? null : new this.Request();
  }

  /** Writes octets, which are the handle's until it is done with them, unless the stream has others to write first. */
  write(stream: NetSocket, octets: Uint8Array): Written {
    const handle = handleOf(stream);
    if (handle === null || stream.writableLength !== 0) return Written.Not;
    if (stream.timeout) (stream as NetSocket & { _unrefTimer(): void })._unrefTimer(); // as the stream's own writes do
    const answer = handle.writeBuffer(this.spare, octets);
    if (answer === 0 && !isUsed(this.spare)) return Written.Whole;
    if (typeof answer === "number" && answer !== 0) {
      stream.destroy(writeError(answer));
      return Written.Partly;
    }
    const request = typeof answer === "number" ? this.spare! : answer;
    request.oncomplete = completed;
    request.buffer = octets;
    request.stream = stream;
    if (this.Request !== null) this.spare = new this.Request();
    return Written.Partly;
  }
}

/** Whether it is the request that we know, and another like it says that it is unused. */
function isKnownRequest(request: object | undefined): boolean {
  if (request?.constructor.name !== "WriteWrap") return false;
  const another = new (request.constructor as new () => Partial<WriteRequest>)();
  return another.getAsyncId?.() === -1;
}

/** Writes octets by the stream, and returns the request that it gives its handle; undefined where it gives none that we know. */
export function watchWrite(stream: NetSocket, octets: Uint8Array): object | null | undefined {
  const handle = handleOf(stream) as (WriteHandle & Record<string, unknown>) | null;
  if (handle === null || typeof handle.writeBuffer !== "function" || handle.writeQueueSize !== 0) return undefined;
  const { writeBuffer } = handle;
  let seen: object | null | undefined;
  handle.writeBuffer = (request, given) => {
    seen = request;
    return writeBuffer.call(handle, request, given);
  };
  try {
    stream.write(octets);
  } finally {
    delete (handle as Partial<WriteHandle>).writeBuffer; // its prototype's is in force again
  }
  const isKnown = seen === null || isKnownRequest(seen);
  return isKnown && handle.writeQueueSize === 0 ? seen : undefined;
}
