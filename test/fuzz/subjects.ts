// Runs a case on a Connection or a FrameDecoder over one kernel, and remembers all that came of it. Linear memory is
// overwritten with `poison` before the case, after every chunk and after every connection that a handler fed; chunks that
// were not given away are overwritten as soon as they were received.

import { FrameDecoder } from "../../bindings/codec/frame-decoder.ts";
import { heldOctets } from "../../bindings/connection/budget.ts";
import { Connection } from "../../bindings/connection/connection.ts";
import { PeerError } from "../../bindings/errors/classes.ts";
import type { Kernel } from "../../bindings/kernel/kernel.ts";
import { useKernel } from "../support/current-kernel.ts";
import { frame } from "../support/frames.ts";
import { hex, utf8 } from "../support/octets.ts";
import { inboundExtension, inflated } from "./extension.ts";
import { readOutput } from "./output.ts";
import { chunksOf, type StreamCase } from "./stream-case.ts";
import { closeEvent, controlEvent, messageEvent, packed, type Trace, type Verdict, verdictOf } from "./trace.ts";

/** A kernel and what its memory is overwritten with. */
export interface Subject {
  readonly label: string;
  readonly kernel: Kernel;
  readonly poison: number;
}

/** What came of a Connection. */
export interface ConnectionTrace extends Trace {
  /** Everything that handlers and transport were told, in order. */
  readonly told: readonly string[];
  /** The frames that were sent. */
  readonly output: readonly string[];
  /** Octets that were decoded. */
  readonly byteOffset: number;
  /** What the sans-IO side must never do: throw, hand out what changes later, keep what it counts. */
  readonly faults: readonly string[];
}

function poisonAll({ kernel, poison }: Subject): void {
  kernel.octets.fill(poison, kernel.controlPtr, kernel.scratchPtr + kernel.scratchCapacity);
  kernel.octets.fill(poison, kernel.utf16Ptr, kernel.utf16Ptr + kernel.utf16Capacity);
}

/** Overwrites what `length` octets can have touched: all of it would take longer than decoding. */
function poisonUsed({ kernel, poison }: Subject, length: number): void {
  kernel.octets.fill(poison, kernel.controlPtr, kernel.inputPtr + Math.min(length + 64, kernel.inputCapacity));
  kernel.octets.fill(poison, kernel.scratchPtr, kernel.scratchPtr + 512);
  kernel.octets.fill(poison, kernel.utf16Ptr, kernel.utf16Ptr + 1024);
}

const othersFrame = frame({ opcode: 1, maskingKey: hex("37 fa 21 3d"), payload: utf8("another's, öffentlich") });
const othersEvent = "text 616e6f7468657227732c20c3b66666656e746c696368";

/** The words for whatever was thrown; a trap names itself. */
export function thrownText(error: unknown): string {
  const { name, message, stack } = error as Error;
  return `threw ${name}: ${message}\n${stack?.split("\n").slice(1, 5).join("\n")}`;
}

interface Other {
  readonly connection: Connection;
  readonly events: string[];
}

class ConnectionRun {
  readonly wire: string[] = [];
  readonly told: string[] = [];
  readonly faults: string[] = [];
  private readonly subject: Subject;
  private readonly given: StreamCase;
  private readonly writes: Uint8Array[] = [];
  private readonly kept: [Uint8Array, string][] = [];
  private readonly chunks: Generator<Uint8Array<ArrayBuffer>, void, void>;
  private readonly connection: Connection;
  private verdict: Verdict | null = null;
  private eventCount = 0;
  private otherRead = 0;
  private readonly other: Other | null;

  constructor(subject: Subject, given: StreamCase) {
    this.subject = subject;
    this.given = given;
    this.chunks = chunksOf(given);
    useKernel(subject.kernel);
    poisonAll(subject);
    this.other = given.actions.includes("feed another") ? this.makeOther() : null;
    this.connection = new Connection({
      role: given.role,
      maxMessageLength: given.maxMessageLength,
      maxProcessBuffered: given.maxProcessBuffered,
      text: given.text,
      exact: given.exact,
      now: () => 0,
      ...(given.allowedRsv === 0 ? {} : { extension: inboundExtension }),
      handlers: {
        message: (_, data, isBinary) => this.message(data, isBinary),
        ping: (_, data) => this.control("ping", data),
        pong: (_, data) => this.control("pong", data),
        error: (_, error) => this.error(error),
        close: (_, code, reason) => void this.told.push(closeEvent(code, reason)),
      },
      transport: {
        write: (octets) => this.writes.push(Uint8Array.from(octets)) > 0,
        end: () => void this.told.push("end"),
        destroy: () => void this.told.push("destroy"),
      },
    });
  }

  run(): ConnectionTrace {
    const { connection, subject, faults } = this;
    const held = heldOctets();
    try {
      while (this.feed()) {
        const wasPaused = connection.isPaused;
        poisonUsed(subject, this.given.stream.length);
        if (wasPaused && this.eventCount % 3 !== 0) connection.resume();
      }
      while (connection.isPaused) {
        poisonAll(subject);
        connection.resume();
      }
      connection.flush();
      connection.receiveEnd();
    } catch (error) {
      faults.push(thrownText(error));
    }
    const received = connection.closeReport?.received;
    if (received) this.wire.push(closeEvent(received.code, received.reason));
    connection.terminate();
    poisonAll(subject);
    for (const [octets, words] of this.kept) {
      if (packed(octets) !== words) faults.push(`a handler's octets changed: ${words} became ${packed(octets)}`);
    }
    if (heldOctets() !== held) faults.push(`${heldOctets() - held} octets are still counted as held`);
    const { wire, told, verdict } = this;
    const output = readOutput(this.writes, this.given.role);
    return { wire, told, faults, output, verdict, byteOffset: connection.byteOffset };
  }

  /** Brings the next chunk; false where there is none. */
  private feed(): boolean {
    const { value: chunk } = this.chunks.next();
    if (chunk === undefined) return false;
    const { mayOverwrite } = this.given;
    this.connection.receive(chunk, { mayOverwrite });
    if (!mayOverwrite) chunk.fill(this.subject.poison);
    return true;
  }

  private makeOther(): Other {
    const events: string[] = [];
    const connection: Connection = new Connection({
      role: "server",
      handlers: { message: (_, data, isBinary) => events.push(messageEvent(data, isBinary)) },
      now: () => 0,
    });
    return { connection, events };
  }

  private message(data: string | Uint8Array, isBinary: boolean): void {
    const words = messageEvent(data, isBinary);
    if (typeof data !== "string" && data.length < 4096) this.kept.push([data, packed(data)]);
    this.heard(words);
  }

  private control(name: "ping" | "pong", data: Uint8Array): void {
    this.kept.push([data, packed(data)]);
    this.heard(controlEvent(name, data));
  }

  private heard(words: string): void {
    this.wire.push(words);
    this.told.push(words);
    const { connection, given } = this;
    const action = given.actions[this.eventCount++ % given.actions.length]!;
    if (action === "pause") connection.pause();
    else if (action === "feed itself") this.feed();
    else if (action === "feed another") this.feedOther();
    else if (action === "send") this.send();
    else if (action === "close") connection.close(1000, "done");
    else if (action === "terminate") connection.terminate();
    else if (action === "throw") throw new Error("a handler's own");
  }

  private send(): void {
    const { connection, eventCount } = this;
    if (eventCount % 3 === 0) connection.ping("?");
    else connection.send(eventCount % 3 === 1 ? `answer ${eventCount}, ça va` : utf8("octets".repeat(eventCount % 40)));
  }

  /** Another connection decodes in the same linear memory, which is then overwritten. */
  private feedOther(): void {
    const { connection, events } = this.other!;
    const cut = 1 + (this.otherRead++ % (othersFrame.length - 1));
    connection.receive(othersFrame.subarray(0, cut));
    connection.receive(othersFrame.subarray(cut));
    poisonAll(this.subject);
    if (events.pop() !== othersEvent) this.faults.push(`another connection, cut at ${cut}, did not get its message`);
  }

  private error(error: unknown): void {
    if (error instanceof PeerError) {
      this.verdict = verdictOf(error);
      this.told.push(`error ${this.verdict.code}`);
    } else this.told.push(`error ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Runs a case on a Connection. */
export function runConnection(subject: Subject, given: StreamCase): ConnectionTrace {
  return new ConnectionRun(subject, given).run();
}

/** What came of a FrameDecoder. */
export interface DecoderTrace extends Trace {
  /** Every frame: opcode, flags, payload. */
  readonly frames: readonly string[];
  readonly faults: readonly string[];
  /** Where a Close ended what a connection reads: `wire` ends there, and `verdict` is what came later. */
  readonly isClosed: boolean;
}

/** Runs a case on a FrameDecoder, and puts its frames together to messages. */
export function runDecoder(subject: Subject, given: StreamCase): DecoderTrace {
  useKernel(subject.kernel);
  poisonAll(subject);
  const { role, maxPayloadLength, allowedRsv } = given;
  const decoder = new FrameDecoder({ role, maxPayloadLength, allowedRsv });
  const frames: string[] = [];
  const wire: string[] = [];
  const faults: string[] = [];
  let message: { opcode: number; isInflated: boolean; pieces: Uint8Array[] } | null = null;
  let isClosed = false;
  const sink = {
    frame(opcode: number, flags: number, payload: Uint8Array): void {
      frames.push(`${opcode} ${flags} ${packed(payload)}`);
      if (isClosed) return;
      if (opcode === 8) {
        isClosed = true;
        const hasCode = payload.length >= 2;
        const code = hasCode ? payload[0]! * 256 + payload[1]! : 1005;
        wire.push(closeEvent(code, hasCode ? Buffer.from(payload.subarray(2)).toString() : ""));
      } else if (opcode > 8) {
        wire.push(controlEvent(opcode === 9 ? "ping" : "pong", payload));
      } else {
        message ??= { opcode, isInflated: (flags & 0x40) !== 0, pieces: [] };
        message.pieces.push(message.isInflated ? inflated(payload) : Uint8Array.from(payload));
        if ((flags & 0x80) === 0) return;
        wire.push(messageEvent(Buffer.concat(message.pieces), message.opcode === 2));
        message = null;
      }
    },
  };
  let error: PeerError | null = null;
  try {
    for (const chunk of chunksOf(given)) {
      error = decoder.decode(chunk, sink);
      poisonUsed(subject, chunk.length);
      if (error !== null) break;
    }
  } catch (thrown) {
    faults.push(thrownText(thrown));
  }
  return { frames, wire, faults, verdict: error === null ? null : verdictOf(error), isClosed };
}
