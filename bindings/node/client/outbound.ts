// What a WebSocket object sends, in order, and how much of it is counted: a Blob has to be read before its octets are there,
// and what is sent after it waits. WebSockets Standard §3.1, `send`, `close` and `bufferedAmount`.

/** As much of a Blob as is needed, of whichever realm. */
export interface BlobLike {
  readonly size: number;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** What `send` takes. */
export type Sendable = string | ArrayBuffer | ArrayBufferView | BlobLike;

function isBlob(data: unknown): data is BlobLike {
  const { size, arrayBuffer } = Object(data) as Partial<BlobLike>;
  return typeof size === "number" && typeof arrayBuffer === "function";
}

/** What goes into one frame: text, or octets. Web IDL's union: whatever is neither octets nor a Blob is a string. */
function payloadOf(data: unknown): string | Uint8Array {
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : String(data);
}

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
interface Way {
  readonly bufferedAmount: number;
  readonly lostLength: number;
  send(payload: string | Uint8Array): boolean;
  close(code?: number, reason?: string): void;
  run(handler: () => unknown): void;
}

export class Outbound {
  private connection: Way | null = null;
  /** What waits behind a Blob that is being read. */
  private waiting: (() => void | Promise<void>)[] = [];
  private isReading = false;
  private waitingLength = 0;
  private discardedLength = 0;
  /** The amount counted in a turn of the event loop does not fall before the next. */
  private turn = -1;
  private amountInTurn = 0;

  /** Payload octets that were sent, as `bufferedAmount` counts them. */
  get length(): number {
    return this.discardedLength + this.waitingLength + this.amount();
  }

  /** The connection is open. */
  open(connection: Way): void {
    this.connection = connection;
  }

  /** @param isOpen  where not, the message is counted and discarded */
  send(data: unknown, isOpen: boolean): void {
    if (isBlob(data)) {
      if (isOpen) this.later(data.size, async () => this.sendNow(new Uint8Array(await data.arrayBuffer()), data.size));
      else this.discardedLength += data.size;
      return;
    }
    const payload = payloadOf(data);
    const length = lengthOf(payload);
    if (!isOpen) this.discardedLength += length;
    else if (!this.isReading) this.sendNow(payload, length);
    else this.later(length, this.sendLater(typeof payload === "string" ? payload : payload.slice(), length));
  }

  close(code: number | undefined, reason: string): void {
    const close = (): void => this.connection!.close(code, reason);
    if (this.isReading) this.waiting.push(close);
    else close();
  }

  /** The connection is closed: what waits will never be sent, and stays counted. */
  end(): void {
    this.waiting = [];
    this.discardedLength += this.connection?.lostLength ?? 0;
  }

  private amount(): number {
    const now = this.connection?.bufferedAmount ?? 0;
    return this.turn === loopTurn ? Math.max(now, this.amountInTurn) : now;
  }

  private sendNow(payload: string | Uint8Array, length: number): void {
    const before = this.amount();
    this.turn = currentTurn();
    this.amountInTurn = before + length;
    this.connection!.send(payload);
  }

  private sendLater(payload: string | Uint8Array, length: number): () => void {
    return () => this.sendNow(payload, length);
  }

  private later(length: number, send: () => void | Promise<void>): void {
    this.waitingLength += length;
    this.waiting.push(async () => {
      await send();
      this.waitingLength -= length;
    });
    if (!this.isReading) this.read();
  }

  private async read(): Promise<void> {
    this.isReading = true;
    try {
      for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) await next();
    } catch (error) {
      this.waiting = [];
      // The message is lost, and nothing may be sent in its place.
      this.connection!.run(() => {
        throw error;
      });
    }
    this.isReading = false;
  }
}
