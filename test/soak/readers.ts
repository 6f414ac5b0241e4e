// Peers that are poured to (pours.ts), and read as quickly as they can, slowly, or never. What comes is read frame by frame: the
// numbers of messages must follow one another.

import { connect, type Socket } from "node:net";
import { clientFrame, upgradeRequest } from "../node/support.ts";
import type { Manner } from "./pours.ts";

/** `dead` is `stalled` in a process that somebody stops: nothing answers any more. */
export type ReaderKind = "quick" | "slow" | "stalled" | "dead";

export interface ReaderPlan {
  readonly port: number;
  readonly kind: ReaderKind;
  readonly manner: Manner;
  /** Octets of a message that is poured. */
  readonly length: number;
}

/** Messages shorter than this carry their number. */
const BORROWED = 32_768;

export class Reader {
  readonly socket: Socket;
  isClosed = false;
  /** Messages that came whole. */
  messageCount = 0;
  octetCount = 0;
  fault: string | null = null;
  private readonly plan: ReaderPlan;
  private rest: Buffer = Buffer.alloc(0);
  private isOpen = false;

  constructor(plan: ReaderPlan) {
    this.plan = plan;
    this.socket = connect({ port: plan.port, host: "127.0.0.1", noDelay: true });
    this.socket.on("error", () => {});
    this.socket.on("close", () => (this.isClosed = true));
    this.socket.write(upgradeRequest());
  }

  /** Asks for its pour, once the handshake is done. Nothing is read after it unless it reads. */
  async ask(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.socket.once("close", () => reject(new Error("closed before it was open")));
      const opened = (chunk: Buffer): void => {
        this.socket.off("data", opened);
        if (!chunk.includes("\r\n\r\n")) reject(new Error("the head comes in parts"));
        this.isOpen = true;
        resolve();
      };
      this.socket.on("data", opened);
    });
    this.socket.pause();
    this.socket.write(clientFrame(1, `pour ${this.plan.manner} ${this.plan.length}`));
    if (this.plan.kind === "quick") this.socket.on("data", (chunk: Buffer) => this.take(chunk));
    if (this.plan.kind === "quick") this.socket.resume();
  }

  /** Reads at most so many octets of what Node has. */
  read(most: number): void {
    const length = Math.min(most, this.socket.readableLength);
    if (!this.isOpen || this.isClosed) return;
    const chunk = length === 0 ? null : (this.socket.read(length) as Buffer | null);
    if (length === 0) this.socket.read(0); // has Node look for more
    if (chunk !== null) this.take(chunk);
  }

  private take(chunk: Buffer): void {
    this.octetCount += chunk.length;
    let octets = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    for (;;) {
      const short = octets.length < 2 ? 0 : octets[1]!;
      const headLength = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (octets.length < headLength) break;
      const length = short < 126 ? short : short === 126 ? octets.readUInt16BE(2) : octets.readUInt32BE(6);
      if (octets.length < headLength + length) break;
      this.frame(octets[0]! & 15, octets.subarray(headLength, headLength + length));
      octets = octets.subarray(headLength + length);
    }
    this.rest = Buffer.from(octets);
  }

  private frame(opcode: number, payload: Buffer): void {
    if (opcode === 9) this.socket.write(clientFrame(10, payload));
    if (opcode !== 2) return;
    const number = payload.length < BORROWED ? payload.readUInt32BE(0) : this.messageCount;
    if (payload.length !== this.plan.length || number !== this.messageCount)
      this.fault ??= `message ${number} of ${payload.length} octets instead of number ${this.messageCount}`;
    this.messageCount++;
  }
}
