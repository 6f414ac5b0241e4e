// What a server pours out to whoever asks for it with a text of `pour MANNER LENGTH`: messages of that length, as fast as `send`
// permits or without a look at what it returns. Everybody else has an echo. Limits are judged before and after every send.

import { heldOctets } from "../../bindings/connection/budget.ts";
import { LimitError } from "../../bindings/index.ts";
import type { Server, ServerOptions, Socket } from "../../bindings/node/index.ts";

/** `heeding`: stops where `send` returns false, and goes on at `drain`. `heedless`: never does. */
export type Manner = "heeding" | "heedless";

/** Octets from which a payload is borrowed: below, each message carries its number. docs/api.md */
const BORROWED = 32_768;

/** Octets in a turn of the event loop, to all together: a server that pours without end serves nobody else. */
const PER_TURN = 1024 * 1024;

/** Messages to one of them before it is another's turn. */
const ABREAST = 8;

/** How a connection that was poured to has ended. */
export interface End {
  readonly manner: Manner;
  readonly sentCount: number;
  readonly code: number;
  /** The code of our own Close, if there was one. */
  readonly sentCode: number | undefined;
  /** The code of the error that `error` was told, and the limit in it. */
  readonly errorCode: string | undefined;
  readonly limit: number | undefined;
}

interface Pour {
  readonly manner: Manner;
  readonly payload: Buffer;
  mayGoOn: boolean;
  sentCount: number;
  error: unknown;
}

/** The most that was held at any time, in octets. */
export interface Peaks {
  held: number;
  bufferedAmount: number;
  rss: number;
}

export class Pourer {
  readonly ends: End[] = [];
  readonly peaks: Peaks = { held: 0, bufferedAmount: 0, rss: 0 };
  /** Everything that `error` was told of those who are not poured to: nothing, if they are honest. */
  readonly otherErrors: unknown[] = [];
  private readonly pours = new Map<Socket, Pour>();
  private readonly payloads = new Map<number, Buffer>();

  /** Handlers for createServer. */
  get handlers(): Pick<ServerOptions, "message" | "drain" | "error" | "close"> {
    return {
      message: (socket, data, isBinary) => {
        if (typeof data !== "string" || !data.startsWith("pour ")) socket.send(data, { binary: isBinary });
        else this.add(socket, data);
        this.look(socket);
      },
      drain: (socket) => {
        const pour = this.pours.get(socket);
        if (pour !== undefined) pour.mayGoOn = true;
      },
      error: (socket, error) => {
        const pour = this.pours.get(socket);
        if (pour === undefined) this.otherErrors.push(error);
        else pour.error = error;
      },
      close: (socket, code) => this.ended(socket, code),
    };
  }

  /** How many are poured to. */
  get count(): number {
    return this.pours.size;
  }

  /** Pours to one after the other, where it went on from the last turn. Returns how many messages were queued. */
  turn(): number {
    let queued = 0;
    let left = PER_TURN;
    for (const [socket, pour] of [...this.pours]) {
      if (left <= 0) break;
      this.pours.delete(socket); // to the end of the queue
      this.pours.set(socket, pour);
      for (let count = 0; count < ABREAST && (pour.mayGoOn || pour.manner === "heedless"); count++) {
        if (socket.readyState !== 1) break;
        if (pour.payload.length < BORROWED) pour.payload.writeUInt32BE(pour.sentCount);
        pour.mayGoOn = socket.send(pour.payload);
        pour.sentCount++;
        queued++;
        left -= pour.payload.length;
        this.look(socket);
      }
    }
    return queued;
  }

  /** Notes what is held now. */
  look(socket?: Socket): void {
    const { peaks } = this;
    peaks.held = Math.max(peaks.held, heldOctets());
    if (socket !== undefined) peaks.bufferedAmount = Math.max(peaks.bufferedAmount, socket.bufferedAmount);
    else peaks.rss = Math.max(peaks.rss, process.memoryUsage.rss());
  }

  /** Closes all that are poured to and are still there. */
  stop(server: Server): void {
    for (const socket of server.sockets) if (this.pours.has(socket)) socket.terminate();
    this.pours.clear();
  }

  private add(socket: Socket, words: string): void {
    const [, manner, length] = words.split(" ");
    const payloadLength = Number(length);
    const payload = this.payloads.get(payloadLength) ?? Buffer.alloc(payloadLength, 0x77);
    this.payloads.set(payloadLength, payload);
    this.pours.set(socket, { manner: manner as Manner, payload, mayGoOn: true, sentCount: 0, error: undefined });
  }

  private ended(socket: Socket, code: number): void {
    const pour = this.pours.get(socket);
    if (pour === undefined) return;
    this.pours.delete(socket);
    const { manner, sentCount, error } = pour;
    this.ends.push({
      manner,
      sentCount,
      code,
      sentCode: socket.closeReport?.sent?.code,
      errorCode: (error as { readonly code?: string } | undefined)?.code,
      limit: error instanceof LimitError ? error.limit : undefined,
    });
  }
}
