// One connection of the test side, in either role, after its opening handshake: answers pings, takes part in the closing
// handshake, drops TCP where the peer does not, and keeps the facts that a verdict on the close needs. RFC 6455 §7.
// What is sent, and what should come, is not its concern.

import { concat } from "../support/octets.ts";
import { Inflater } from "./deflate/codec.ts";
import type { Agreed } from "./deflate/negotiation.ts";
import { FrameReader, type FrameSink } from "./frame-reader.ts";
import type { Opened } from "./handshake.ts";
import { Pacer, type Pause } from "./pacer.ts";
import { encode, type Role } from "./wire.ts";

/** What became of a connection. */
export interface CloseFacts {
  /** The test side sent the first Close. */
  readonly closedByUs: boolean;
  /** Close was sent and received; in client role the server also dropped TCP in time. */
  readonly wasClean: boolean;
  /** Of the peer's Close; null where it had none, or there was no Close. */
  readonly closeCode: number | null;
  readonly closeReason: string;
  /** The test side had to drop TCP because the peer did not do its part in time. */
  readonly gaveUp: boolean;
  /** The rule that the peer broke; null for none. */
  readonly violation: string | null;
  /** Null where no extension was. */
  readonly agreed: Agreed | null;
}

/** Who is told what comes. */
export interface EndpointListener {
  message(kind: "text" | "binary", payload: Uint8Array): void;
  pong(payload: Uint8Array): void;
  /** The connection is no longer open: a Close was sent or received, or TCP is gone. Called once. */
  left(): void;
  /** TCP is gone; nothing comes after it. Called once. */
  lost(): void;
}

/** How long the peer may take to answer a Close, and a server to drop TCP after its own Close, in ms. */
const CLOSE_LIMIT_MS = 1000;

/** The payload of a Close; without a code, the reason alone. §5.5.1 */
export function closePayload(closeCode?: number, reason: Uint8Array = new Uint8Array(0)): Uint8Array {
  return closeCode === undefined ? reason : concat(Uint8Array.of(closeCode >>> 8, closeCode & 255), reason);
}

export class Endpoint implements CloseFacts, FrameSink {
  state: "open" | "closing" | "closed" = "open";
  closedByUs = false;
  wasClean = false;
  closeCode: number | null = null;
  closeReason = "";
  gaveUp = false;
  violation: string | null = null;
  readonly role: Role;
  private readonly opened: Opened;
  private readonly pacer: Pacer;
  private readonly reader: FrameReader;
  private readonly listener: EndpointListener;
  private readonly closeLimitMs: number;
  private timer: NodeJS.Timeout | undefined;

  /** @param patience  multiplies how long the peer may take */
  constructor(role: Role, opened: Opened, patience: number, listener: EndpointListener) {
    this.role = role;
    this.opened = opened;
    this.listener = listener;
    this.closeLimitMs = CLOSE_LIMIT_MS * patience;
    this.pacer = new Pacer(opened.socket);
    const peer = role === "client" ? "server" : "client";
    this.reader = new FrameReader(peer, this, this.agreed && new Inflater(this.agreed[peer]));
  }

  get agreed(): Agreed | null {
    return this.opened.agreed;
  }

  /** Begins to read. */
  start(): void {
    const { socket, rest } = this.opened;
    socket.on("data", (chunk: Buffer) => this.reader.read(chunk));
    socket.on("end", () => this.lose());
    socket.on("close", () => this.lose());
    if (socket.destroyed) this.lose();
    this.reader.read(rest);
    socket.resume();
  }

  /** Sends octets as they are. */
  send(octets: Uint8Array, pause: Pause = "none"): void {
    this.pacer.send(octets, pause);
  }

  /** Says that a Close of ours was sent first: the peer has to answer. */
  beginClosing(): void {
    if (this.state !== "open") return;
    this.closedByUs = true;
    this.leave();
    this.limit();
  }

  /** Sends a Close, unless one was sent or received. */
  close(closeCode?: number): void {
    if (this.state !== "open") return;
    this.sendClose(closeCode);
    this.beginClosing();
  }

  /** Ends it: a Close with 1001, or, where the closing handshake is under way, no more TCP. */
  kill(): void {
    if (this.state === "closing") this.giveUp();
    else this.close(1001);
  }

  // What follows is called by the frame reader.

  message(kind: "text" | "binary", payload: Uint8Array): void {
    this.listener.message(kind, payload);
  }

  ping(payload: Uint8Array): void {
    if (this.state === "open") this.send(encode({ opcode: 0xa, payload }, this.role));
  }

  pong(payload: Uint8Array): void {
    this.listener.pong(payload);
  }

  refuse(closeCode: 1002 | 1007, rule: string): void {
    this.violation = rule;
    if (this.state === "closing") this.giveUp();
    else this.close(closeCode);
  }

  /** The peer's Close: the server, whichever side that is, drops TCP. §7.1.1 */
  closeReceived(closeCode: number | null, closeReason: string): void {
    this.closeCode = closeCode;
    this.closeReason = closeReason;
    this.wasClean = true;
    if (this.state === "open") {
      this.sendClose(1000);
      this.leave();
    }
    if (this.role === "server") this.pacer.end();
    this.limit();
  }

  private sendClose(closeCode?: number): void {
    this.send(encode({ opcode: 8, payload: closePayload(closeCode) }, this.role));
  }

  private leave(): void {
    this.state = "closing";
    this.listener.left();
  }

  private limit(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.giveUp(), this.closeLimitMs);
  }

  private giveUp(): void {
    if (this.state === "closed") return;
    this.wasClean = false;
    this.gaveUp = true;
    this.lose();
  }

  private lose(): void {
    if (this.state === "closed") return;
    clearTimeout(this.timer);
    if (this.state === "open") this.leave();
    this.state = "closed";
    this.pacer.stop();
    this.opened.socket.destroy();
    this.listener.lost();
  }
}
