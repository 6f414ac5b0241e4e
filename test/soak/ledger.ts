// What one connection has sent and must get back, and the octets that do come back: frame by frame they must be the next
// answer, whole, and nothing else. What is wrong is said once, in `fault`; nothing is read after it.

import { type Letter, STAMP_LENGTH, writeDigits } from "./letters.ts";

const CLOSE = 8;
const PING = 9;

export class Ledger {
  /** Messages whose echo has come, whole and right. */
  messageCount = 0;
  /** Payload octets of those. */
  octetCount = 0;
  /** Letters written, and answered. */
  postedCount = 0;
  answeredCount = 0;
  /** Octets on the wire of letters that are not answered. */
  waitingLength = 0;
  /** What differs from what must come. */
  fault: string | null = null;
  /** The code of the peer's Close, 1005 where it has none; null while none has come. */
  closeCode: number | null = null;
  /** Pings of a server that has heard nothing for long; whoever answers one takes it away. They are empty. */
  pingCount = 0;
  private readonly waiting: Letter[] = [];
  /** Which answer of the first waiting letter comes next. */
  private answerIndex = 0;
  /** The stamp of the next letter to be posted, and of the next to be answered. */
  private readonly posted = new Uint8Array(STAMP_LENGTH);
  private readonly expected = new Uint8Array(STAMP_LENGTH);
  private readonly header = Buffer.alloc(10);
  private headerLength = 0;
  /** Octets of the frame's payload; -1 while its header comes. */
  private payloadLength = -1;
  private payloadOffset = 0;
  private isPing = false;
  private readonly closePayload = Buffer.alloc(125);

  /** @param id  the connection's number, which no other has */
  constructor(id: number) {
    for (const stamp of [this.posted, this.expected]) writeDigits(stamp, STAMP_LENGTH / 2, id);
  }

  get waitingCount(): number {
    return this.waiting.length;
  }

  /** The octets of the stamp that the next letter gets. */
  get stamp(): Uint8Array {
    writeDigits(this.posted, 0, this.postedCount);
    return this.posted;
  }

  /** Expects the answer of a letter that leaves now. */
  expect(letter: Letter): void {
    this.waiting.push(letter);
    this.waitingLength += letter.wire.length;
    this.postedCount++;
  }

  /** Writes a letter under its stamp, and expects its answer. */
  write(letter: Letter, into: Buffer, at: number): void {
    const { wire, stampOffsets, stampKeys } = letter;
    const { stamp } = this;
    wire.copy(into, at);
    for (let index = 0; index < stampOffsets.length; index++)
      into[at + stampOffsets[index]!] = stamp[index]! ^ stampKeys[index]!;
    this.expect(letter);
  }

  /** Takes what came. */
  read(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && this.fault === null) {
      at = this.payloadLength === -1 ? this.readHeader(chunk, at) : this.readPayload(chunk, at);
      if (this.payloadOffset === this.payloadLength) this.endFrame();
    }
  }

  /** An answer that came otherwise, as a message. */
  readMessage(opcode: number, payload: Buffer): void {
    this.beginFrame(0x80 | opcode, payload.length);
    this.payloadLength = payload.length;
    if (this.fault === null && payload.length > 0) this.readPayload(payload, 0);
    if (this.fault === null) this.endFrame();
  }

  private readHeader(chunk: Buffer, start: number): number {
    const { header } = this;
    let at = start;
    while (at < chunk.length) {
      header[this.headerLength++] = chunk[at++]!;
      if (this.headerLength < 2) continue;
      const short = header[1]!; // §5.1: a server masks nothing, so bit 7 is 0
      const whole = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (this.headerLength < whole) continue;
      this.headerLength = 0;
      const length =
        whole === 2
          ? short
          : whole === 4
            ? header.readUInt16BE(2)
            : header.readUInt32BE(2) * 2 ** 32 + header.readUInt32BE(6);
      this.beginFrame(header[0]!, length);
      this.payloadLength = length;
      this.payloadOffset = 0;
      break;
    }
    return at;
  }

  private beginFrame(first: number, length: number): void {
    if (this.closeCode !== null) {
      this.fault = "a frame after the Close";
    } else if (first === (0x80 | PING) && length === 0) {
      this.pingCount++;
      this.isPing = true;
    } else if (first === (0x80 | CLOSE) && length <= 125) {
      if (this.waiting.length > 0) this.fault = `a Close before ${this.next()}`;
    } else {
      const answer = this.waiting[0]?.answers[this.answerIndex];
      if (answer === undefined) this.fault = `a frame ${first.toString(16)} of ${length} octets that nobody asked for`;
      else if (first !== (0x80 | answer.opcode) || length !== answer.payload.length)
        this.fault = `a frame ${first.toString(16)} of ${length} octets instead of ${this.next()}`;
    }
  }

  private readPayload(chunk: Buffer, start: number): number {
    const from = this.payloadOffset;
    const end = Math.min(chunk.length, start + this.payloadLength - from);
    this.payloadOffset += end - start;
    const letter = this.waiting[0];
    if (letter === undefined) {
      chunk.copy(this.closePayload, from, start, end);
      return end;
    }
    const { payload, stampLength } = letter.answers[this.answerIndex]!;
    let at = start;
    if (from < stampLength) {
      if (from === 0) writeDigits(this.expected, 0, this.answeredCount);
      for (let offset = from; offset < stampLength && at < end; offset++, at++) {
        if (chunk[at] === this.expected[offset]) continue;
        this.fault = `another stamp, ${JSON.stringify(chunk.toString("latin1", start, Math.min(end, start + STAMP_LENGTH)))} from its octet ${from} on, instead of ${this.next()}`;
        return end;
      }
    }
    const offset = from + at - start;
    if (at < end && chunk.compare(payload, offset, offset + end - at, at, end) !== 0)
      this.fault = `other octets after the ${offset}th of ${this.next()}`;
    return end;
  }

  private endFrame(): void {
    const { payloadLength } = this;
    this.payloadLength = -1;
    this.payloadOffset = 0;
    if (this.fault !== null) return;
    if (this.isPing) {
      this.isPing = false;
      return;
    }
    const letter = this.waiting[0];
    if (letter === undefined) {
      this.closeCode = payloadLength < 2 ? 1005 : this.closePayload.readUInt16BE(0);
      return;
    }
    if (++this.answerIndex < letter.answers.length) return;
    this.answerIndex = 0;
    this.answeredCount++;
    this.waitingLength -= letter.wire.length;
    this.waiting.shift();
    if (!letter.isMessage) return;
    this.messageCount++;
    this.octetCount += payloadLength;
  }

  /** What must come next, in words. */
  next(): string {
    const { opcode, payload } = this.waiting[0]!.answers[this.answerIndex]!;
    writeDigits(this.expected, 0, this.answeredCount);
    const stamp = Buffer.from(this.expected).toString("latin1");
    return `the answer to letter ${this.answeredCount}, a frame ${(0x80 | opcode).toString(16)} of ${payload.length} octets, stamp ${stamp}`;
  }
}
