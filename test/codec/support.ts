// A sink that remembers what a FrameDecoder gave it.

import type { FrameDecoder, FrameSink } from "../../bindings/codec/frame-decoder.ts";
import type { OctetSource } from "../../bindings/codec/octets.ts";
import { toHex } from "../support/octets.ts";

const names: Readonly<Record<number, string>> = {
  0: "more",
  1: "text",
  2: "binary",
  8: "close",
  9: "ping",
  10: "pong",
};

/** The words for a frame: "text 0x80 48 69" is a whole text message "Hi". */
export function frameEvent(opcode: number, flags: number, payload: Uint8Array): string {
  return `${names[opcode]} 0x${flags.toString(16).padStart(2, "0")} ${toHex(payload)}`;
}

/** Copies what it is lent. */
export class FrameRecord implements FrameSink {
  readonly events: string[] = [];
  readonly payloads: Uint8Array[] = [];

  frame(opcode: number, flags: number, payload: Uint8Array): void {
    if (payload.length < 300) this.events.push(frameEvent(opcode, flags, payload));
    this.payloads.push(Uint8Array.from(payload));
  }
}

/** The frames of chunks that break no rule. */
export function decodeAll(decoder: FrameDecoder, ...chunks: readonly OctetSource[]): readonly string[] {
  const sink = new FrameRecord();
  for (const chunk of chunks) {
    const error = decoder.decode(chunk, sink);
    if (error !== null) throw error;
  }
  return sink.events;
}
