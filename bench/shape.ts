// What a load sends: how many connections, how many messages in flight on each, of what. And the octets of it, both ways.

import { encodeFrame, Opcode } from "../bindings/index.ts";
import { lengthName, octetsOf, type Script, textOf } from "./inputs.ts";

export interface Shape {
  readonly connections: number;
  /** Messages on the way, per connection; they leave in one write. */
  readonly inFlight: number;
  /** Of a message. */
  readonly octets: number;
  readonly kind: "text" | "binary";
  /** What text is made of; ASCII if left out. */
  readonly script?: Script;
  /** Frames a message comes in; 1 if left out. */
  readonly fragments?: number;
  /** A message itself, `octets` long, where those before it do not say what it is. */
  readonly payload?: Buffer;
}

/** How a row is called: `50 x 16 x 64 B text`. */
export function shapeName({ connections, inFlight, octets, kind, script, fragments = 1 }: Shape): string {
  const cut = fragments === 1 ? "" : ` in ${fragments} fragments`;
  return `${connections} x ${inFlight} x ${lengthName(octets)} ${script ?? kind}${cut}`;
}

export function payloadOf({ octets, kind, script, payload }: Shape): Buffer {
  if (payload !== undefined) return payload;
  return kind === "text" ? Buffer.from(textOf(script ?? "ASCII", octets)) : octetsOf(octets);
}

/** Many copies of a message. */
function repeated(message: Uint8Array, count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => message));
}

/** The messages in flight, as a client sends them. */
export function maskedBatch(shape: Shape): Buffer {
  const { inFlight, octets, kind, fragments = 1 } = shape;
  const payload = payloadOf(shape);
  const first = kind === "text" ? Opcode.Text : Opcode.Binary;
  const frames: Uint8Array[] = [];
  for (let index = 0; index < fragments; index++) {
    const part = payload.subarray((octets * index) / fragments, (octets * (index + 1)) / fragments);
    const opcode = index === 0 ? first : Opcode.Continuation;
    frames.push(encodeFrame(opcode, part, { role: "client", fin: index === fragments - 1 }));
  }
  return repeated(Buffer.concat(frames), inFlight);
}

/** The messages in flight, as a server sends them: a frame each. */
export function plainBatch(shape: Shape): Buffer {
  const opcode = shape.kind === "text" ? Opcode.Text : Opcode.Binary;
  return repeated(encodeFrame(opcode, payloadOf(shape)), shape.inFlight);
}

/** A client's frame as a server would have sent it: without the mask. RFC 6455 §5.3. */
export function unmasked(frame: Buffer, payloadLength: number): Buffer {
  const header = Buffer.from(frame.subarray(0, frame.length - payloadLength - 4));
  header[1]! ^= 0x80; // which sets the bit where it was missing
  const maskingKey = frame.subarray(header.length, header.length + 4);
  const payload = frame.subarray(header.length + 4).map((octet, index) => octet ^ maskingKey[index & 3]!);
  return Buffer.concat([header, payload]);
}
