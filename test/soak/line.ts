// A connection of the load: a bare socket, its opening handshake, letters out, answers into its ledger.

import { connect, type Socket } from "node:net";
import { clientFrame, upgradeRequest } from "../node/support.ts";
import { Ledger } from "./ledger.ts";
import type { Letter } from "./letters.ts";

/** The answer to the key that upgradeRequest sends. RFC 6455 §1.3 */
const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/** The server did what it must not, or broke off. */
export class SoakFault extends Error {}

export class Line {
  readonly id: number;
  readonly ledger: Ledger;
  readonly socket: Socket;
  isEnded = false;
  isClosed = false;
  private error: Error | undefined;
  private head: Buffer | null = Buffer.alloc(0);
  private outgoing: Letter[] = [];
  private wake: () => void = () => {};

  /** @param id  its number in the run, from 0 to 2^32 - 1 */
  constructor(port: number, id: number) {
    this.id = id;
    this.ledger = new Ledger(id);
    this.socket = connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
    this.socket.on("data", (chunk: Buffer) => {
      if (this.head === null) this.ledger.read(chunk);
      else this.readHead(chunk);
      for (; this.ledger.pingCount > 0; this.ledger.pingCount--) this.socket.write(clientFrame(10)); // §5.5.3
      this.wake();
    });
    this.socket.on("end", () => {
      this.isEnded = true;
      this.wake();
    });
    this.socket.on("error", (error) => (this.error = error));
    this.socket.on("close", () => {
      this.isClosed = true;
      this.wake();
    });
  }

  private readHead(chunk: Buffer): void {
    const head = Buffer.concat([this.head!, chunk]);
    const end = head.indexOf("\r\n\r\n");
    this.head = end === -1 ? head : null;
    if (end === -1) return;
    const text = head.toString("latin1", 0, end);
    if (!text.startsWith("HTTP/1.1 101 ") || !text.includes(ACCEPT)) this.ledger.fault = `the head ${text}`;
    this.ledger.read(head.subarray(end + 4));
  }

  /** Whether the opening handshake is done. */
  get isOpen(): boolean {
    return this.head === null;
  }

  /** Puts a letter into the next write. */
  post(letter: Letter): void {
    this.outgoing.push(letter);
  }

  /** Octets that the next write has so far. */
  get outgoingCount(): number {
    return this.outgoing.length;
  }

  /** Everything posted as one write, `first` before and `last` after it. */
  flush(first: string | Uint8Array = "", last: Uint8Array = new Uint8Array(0)): void {
    const before = Buffer.from(first);
    const octets = this.outgoing.reduce((length, { wire }) => length + wire.length, before.length + last.length);
    if (octets === 0) return;
    const packet = Buffer.allocUnsafe(octets);
    packet.set(before);
    let at = before.length;
    for (const letter of this.outgoing) {
      this.ledger.write(letter, packet, at);
      at += letter.wire.length;
    }
    packet.set(last, at);
    this.outgoing = [];
    this.socket.write(packet);
  }

  /** Asks for the opening handshake, with frames in the same packet where letters are posted. */
  request(last?: Uint8Array): void {
    this.flush(upgradeRequest(), last);
  }

  /** Waits until something holds. @throws SoakFault where an answer is wrong, or the connection ends before */
  async until(holds: () => boolean): Promise<void> {
    for (;;) {
      const { fault } = this.ledger;
      if (fault !== null) throw this.failed(fault);
      if (holds()) return;
      if (this.isClosed) throw this.failed(`the connection is gone (${this.error?.message ?? "no error"})`);
      if (this.isEnded) throw this.failed("the connection has ended");
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  /** Waits until nothing is left of the connection. */
  async gone(): Promise<void> {
    while (!this.isClosed) await new Promise<void>((resolve) => (this.wake = resolve));
    if (this.ledger.fault !== null) throw this.failed(this.ledger.fault);
  }

  /** What is wrong, and where, in words. */
  failed(what: string): SoakFault {
    const { postedCount, waitingCount } = this.ledger;
    const missing =
      waitingCount === 0
        ? ""
        : `; of ${postedCount} letters ${waitingCount} are not answered, the next is ${this.ledger.next()}`;
    return new SoakFault(`connection ${this.id}: ${what}${missing}`);
  }
}
