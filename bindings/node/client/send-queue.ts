// What a WebSocket object sends, in order, and how much of it is counted: a Blob has to be read before its octets are there,
// and what is sent after it waits. WebSockets Standard §3.1, `send`, `close` and `bufferedAmount`.

import { types } from "node:util";
import { ReadyState } from "../../connection/life.ts";
import { domString } from "./arguments.ts";

/** As much of a Blob as is needed, of whichever realm. */
export interface BlobLike {
  readonly size: number;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** What `send` takes. */
export type Sendable = string | ArrayBuffer | ArrayBufferView | BlobLike;

/** A Blob, of whichever class: there are others than the platform's. */
function isBlob(data: unknown): data is BlobLike {
  if (typeof data !== "object" || data === null) return false;
  const { size, arrayBuffer } = data as Partial<BlobLike>;
  return typeof size === "number" && typeof arrayBuffer === "function";
}

/**
 * What goes into one frame: text, or octets, which are still the caller's. Whatever is neither octets nor a Blob is a
 * string. Web IDL §3.2.24, §3.2.25.
 *
 * @throws  TypeError for a view of shared memory, and for a symbol
 */
function payloadOf(data: unknown): string | Uint8Array {
  if (typeof data === "string") return data;
  if (ArrayBuffer.isView(data)) return octetsAt(data.buffer, data.byteOffset, data.byteLength);
  return types.isArrayBuffer(data) ? octetsAt(data, 0, data.byteLength) : domString(data);
}

function octetsAt(buffer: ArrayBufferLike, byteOffset: number, length: number): Uint8Array {
  if (types.isSharedArrayBuffer(buffer)) throw new TypeError("WebSocket.send: the memory is shared; send a copy");
  return length === 0 ? nothing : new Uint8Array(buffer, byteOffset, length); // of a detached buffer no view can be made
}

const nothing: Uint8Array = new Uint8Array(0);

function lengthOf(payload: string | Uint8Array): number {
  return typeof payload === "string" ? Buffer.byteLength(payload) : payload.length;
}

let loopTurn = 0;
let isTurnWatched = false;

/** A number that stays the same for one turn of the event loop. */
function currentTurn(): number {
  if (!isTurnWatched) {
    isTurnWatched = true;
    setImmediate(() => {
      loopTurn++;
      isTurnWatched = false;
    });
  }
  return loopTurn;
}

/** What is needed of the connection. */
interface SendTarget {
  readonly readyState: ReadyState;
  /** Payload octets that wait. */
  readonly bufferedAmount: number;
  /** Payload octets that were dropped. */
  readonly lostLength: number;
  send(payload: string | Uint8Array): boolean;
  close(code?: number, reason?: string): void;
  run(handler: () => unknown): void;
}

export class SendQueue {
  private connection: SendTarget | null = null;
  /** What waits behind a Blob that is being read. */
  private waiting: (() => void | Promise<void>)[] = [];
  private isReading = false;
  /** Payload octets that `send` took, that the connection took of them, and that had left when this turn began. */
  private takenLength = 0;
  private passedLength = 0;
  private leftLength = 0;
  private turn = -1;

  /** Payload octets as `bufferedAmount` counts them: what has not left falls out of it in a later turn, never in this one. */
  get length(): number {
    this.look();
    return this.takenLength - this.leftLength;
  }

  /** The connection is open. */
  open(connection: SendTarget): void {
    this.connection = connection;
  }

  /** @param isOpen  where not, the message is counted and discarded */
  send(data: unknown, isOpen: boolean): void {
    this.look();
    if (isBlob(data)) {
      this.takenLength += data.size;
      if (isOpen) this.later(async () => this.pass(new Uint8Array(await data.arrayBuffer()), data.size));
      return;
    }
    const payload = payloadOf(data);
    const length = lengthOf(payload);
    this.takenLength += length;
    if (!isOpen) return;
    if (!this.isReading) this.pass(payload, length);
    else this.later(this.passLater(typeof payload === "string" ? payload : payload.slice(), length));
  }

  close(code: number | undefined, reason: string): void {
    const close = (): void => this.connection!.close(code, reason);
    if (this.isReading) this.waiting.push(close);
    else close();
  }

  /** The connection is closed: what waits will never be sent, and stays counted. */
  end(): void {
    this.waiting = [];
  }

  /** Looks at what has left, once a turn. */
  private look(): void {
    if (this.turn === loopTurn || this.connection === null) return;
    this.turn = currentTurn();
    this.leftLength = this.passedLength - this.connection.bufferedAmount - this.connection.lostLength;
  }

  private pass(payload: string | Uint8Array, length: number): void {
    const connection = this.connection!;
    if (connection.readyState !== ReadyState.OPEN) return;
    this.passedLength += length;
    connection.send(payload);
  }

  private passLater(payload: string | Uint8Array, length: number): () => void {
    return () => this.pass(payload, length);
  }

  private later(pass: () => void | Promise<void>): void {
    this.waiting.push(pass);
    if (!this.isReading) this.read();
  }

  private async read(): Promise<void> {
    this.isReading = true;
    try {
      for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) await next();
    } catch (error) {
      // The message is lost, and nothing may be sent in its place: what waits is not, on a connection that has failed.
      this.connection!.run(() => {
        throw error;
      });
    }
    this.isReading = false;
  }
}
