// Reads the peer's octets, and accepts only what RFC 6455 lets it send, and RFC 7692 where that is agreed: the first octet that
// breaks a rule ends the reading. Written from the RFCs; it shares nothing with the code under test. It knows nothing of sockets, cases or verdicts.
//
//   chunk -> header, octet by octet -> checks -> payload, in slices -> message, ping, pong or Close

import type { Inflater } from "./deflate/codec.ts";
import { mask, type Role } from "./wire.ts";

/** Who is told what the octets say. */
export interface FrameSink {
  /** A whole message, however it was fragmented. */
  message(kind: "text" | "binary", payload: Uint8Array): void;
  ping(payload: Uint8Array): void;
  pong(payload: Uint8Array): void;
  /** A Close; null where it had no code. Nothing is read after it. */
  closeReceived(closeCode: number | null, closeReason: string): void;
  /** A rule is broken; nothing is read any more. `closeCode` is what the rule calls for. */
  refuse(closeCode: 1002 | 1007, rule: string): void;
}

class Violation extends Error {
  readonly closeCode: 1002 | 1007;

  constructor(closeCode: 1002 | 1007, rule: string) {
    super(rule);
    this.closeCode = closeCode;
  }
}

function refuseIf(isBroken: boolean, rule: string, closeCode: 1002 | 1007 = 1002): void {
  if (isBroken) throw new Violation(closeCode, rule);
}

/** The codes that may stand in a Close frame. §7.4, and the registry of §11.7 with 1012 and 1013. */
function mayBeSent(closeCode: number): boolean {
  if (closeCode < 3000) return closeCode >= 1000 && closeCode <= 1013 && ![1004, 1005, 1006].includes(closeCode);
  return closeCode < 5000;
}

/** Text as it arrives: complains at the first octet that cannot be UTF-8, and at an end inside a code point. §8.1 */
class TextCheck {
  private readonly decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  push(octets: Uint8Array): void {
    this.decode(octets, true);
  }

  end(): void {
    this.decode(new Uint8Array(0), false);
  }

  private decode(octets: Uint8Array, stream: boolean): void {
    try {
      this.decoder.decode(octets, { stream });
    } catch {
      refuseIf(true, "text is not UTF-8 (§8.1)", 1007);
    }
  }
}

function checkText(octets: Uint8Array): void {
  const check = new TextCheck();
  check.push(octets);
  check.end();
}

interface Message {
  readonly kind: "text" | "binary";
  readonly parts: Uint8Array[];
  /** Of text as it arrives; null where it is binary, or compressed. */
  readonly check: TextCheck | null;
  readonly isCompressed: boolean;
}

export class FrameReader {
  private readonly isMasked: boolean;
  private readonly sink: FrameSink;
  private readonly inflater: Inflater | null;
  private readonly header = Buffer.alloc(14);
  /** Octets of the header that are here, and that there are. */
  private headerLength = 0;
  private headerNeeded = 2;
  private isInPayload = false;
  private payloadLength = 0;
  private received = 0;
  private message: Message | null = null;
  private control: Uint8Array[] = [];
  private isDone = false;

  /**
   * @param sender    the role of the peer, whose octets these are
   * @param inflater  for its compressed messages; null where no extension is agreed on
   */
  constructor(sender: Role, sink: FrameSink, inflater: Inflater | null = null) {
    this.isMasked = sender === "client";
    this.sink = sink;
    this.inflater = inflater;
  }

  /** Takes octets, which it keeps and may change. */
  read(chunk: Uint8Array): void {
    try {
      for (let at = 0; at < chunk.length && !this.isDone; ) at = this.take(chunk, at);
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      this.isDone = true;
      this.sink.refuse(error.closeCode, error.message);
    }
  }

  private get opcode(): number {
    return this.header[0]! & 0x0f;
  }

  private get isControl(): boolean {
    return this.opcode >= 8;
  }

  /** Takes an octet of the header or a slice of the payload; returns where the next begins. */
  private take(chunk: Uint8Array, at: number): number {
    if (this.isInPayload) {
      const end = Math.min(at + this.payloadLength - this.received, chunk.length);
      this.takePayload(chunk.subarray(at, end));
      if (this.received === this.payloadLength) this.endFrame();
      return end;
    }
    this.header[this.headerLength++] = chunk[at]!;
    if (this.headerLength === 2) this.checkFirstOctets();
    if (this.headerLength === this.headerNeeded) this.beginPayload();
    return at + 1;
  }

  private checkFirstOctets(): void {
    const [first, second] = this.header as unknown as [number, number];
    const { opcode, isControl } = this;
    const length7 = second & 0x7f;
    const isFin = first >= 0x80;
    const mayHaveRsv1 = this.inflater !== null && !isControl && opcode !== 0;
    refuseIf((first & (mayHaveRsv1 ? 0x30 : 0x70)) !== 0, "RSV bits that no extension gives a meaning here (§5.2)");
    refuseIf(second >= 0x80 && !this.isMasked, "a server's frame is masked (§5.1)");
    refuseIf(second < 0x80 && this.isMasked, "a client's frame is not masked (§5.1)");
    refuseIf((opcode > 2 && opcode < 8) || opcode > 10, "a reserved opcode (§5.2)");
    refuseIf(isControl && !isFin, "a fragmented control frame (§5.5)");
    refuseIf(isControl && length7 > 125, "a control frame of more than 125 octets (§5.5)");
    refuseIf(opcode === 0 && this.message === null, "a continuation of nothing (§5.4)");
    refuseIf(!isControl && opcode !== 0 && this.message !== null, "a new message inside a fragmented one (§5.4)");
    this.headerNeeded = 2 + (length7 === 126 ? 2 : length7 === 127 ? 8 : 0) + (this.isMasked ? 4 : 0);
  }

  private beginPayload(): void {
    const { header, opcode } = this;
    const length7 = header[1]! & 0x7f;
    const length =
      length7 === 126 ? BigInt(header.readUInt16BE(2)) : length7 === 127 ? header.readBigUInt64BE(2) : BigInt(length7);
    refuseIf(length7 === 126 && length < 126n, "a length of 16 bits that 7 would hold (§5.2)");
    refuseIf(length7 === 127 && length < 65536n, "a length of 64 bits that 16 would hold (§5.2)");
    refuseIf(length >= 1n << 63n, "a length of 2^63 or more (§5.2)");
    this.payloadLength = Number(length);
    this.received = 0;
    this.isInPayload = true;
    const isCompressed = (header[0]! & 0x40) !== 0; // RFC 7692 §6.1: the first frame tells
    if (opcode === 1)
      this.message = { kind: "text", parts: [], check: isCompressed ? null : new TextCheck(), isCompressed };
    if (opcode === 2) this.message = { kind: "binary", parts: [], check: null, isCompressed };
    if (length === 0n) this.endFrame();
  }

  private takePayload(slice: Uint8Array): void {
    if (this.isMasked) mask(slice, this.header.subarray(this.headerNeeded - 4, this.headerNeeded), this.received);
    this.received += slice.length;
    if (this.isControl) {
      this.control.push(slice);
      return;
    }
    this.message!.parts.push(slice);
    this.message!.check?.push(slice);
  }

  private endFrame(): void {
    const isFin = this.header[0]! >= 0x80;
    const { opcode, message } = this;
    this.isInPayload = false;
    this.headerLength = 0;
    this.headerNeeded = 2;
    if (this.isControl) {
      const payload = Buffer.concat(this.control);
      this.control = [];
      if (opcode === 8) this.endClose(payload);
      else if (opcode === 9) this.sink.ping(payload);
      else this.sink.pong(payload);
    } else if (isFin) {
      message!.check?.end();
      this.message = null;
      const payload = Buffer.concat(message!.parts);
      this.sink.message(message!.kind, message!.isCompressed ? this.decompress(message!.kind, payload) : payload);
    }
  }

  private decompress(kind: "text" | "binary", payload: Uint8Array): Uint8Array {
    let octets: Uint8Array;
    try {
      octets = this.inflater!.decompress(payload);
    } catch (error) {
      throw new Violation(1007, `what cannot be decompressed as agreed (RFC 7692 §7.2.2): ${(error as Error).message}`);
    }
    if (kind === "text") checkText(octets);
    return octets;
  }

  private endClose(payload: Buffer): void {
    refuseIf(payload.length === 1, "a Close of one octet (§5.5.1)");
    this.isDone = true;
    if (payload.length === 0) {
      this.sink.closeReceived(null, "");
      return;
    }
    const closeCode = payload.readUInt16BE(0);
    refuseIf(!mayBeSent(closeCode), `a Close with the code ${closeCode} (§7.4)`);
    const reason = payload.subarray(2);
    checkText(reason);
    this.sink.closeReceived(closeCode, reason.toString());
  }
}
