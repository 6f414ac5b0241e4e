// The other end of an endpoint: frames as it sends them, masked if it is a client, and what it reads of our output.

import { type FrameSpec, frame } from "./frames.ts";
import { concat, hex, Random, utf8 } from "./octets.ts";
import { type Outcome, referenceDecode } from "./reference.ts";

type Payload = string | Uint8Array;

/** Header bits other than the opcode. */
type Bits = Pick<FrameSpec, "fin" | "rsv" | "lengthForm" | "announced">;

function octetsOf(payload: Payload): Uint8Array {
  return typeof payload === "string" ? utf8(payload) : payload;
}

/** What a peer of the endpoint in `role` puts on the wire. RFC 6455 §5.1. */
export class Peer {
  readonly role: "server" | "client";
  private readonly random = new Random(0x6455);

  /** @param role  of the endpoint under test: the peer has the other one */
  constructor(role: "server" | "client") {
    this.role = role;
  }

  frame(opcode: number, payload: Payload = "", bits: Bits = {}): Uint8Array<ArrayBuffer> {
    const octets = octetsOf(payload);
    const spec = { opcode, announced: BigInt(octets.length), ...bits };
    if (this.role === "client") return concat(frame(spec), octets);
    const maskingKey = this.random.octets(4);
    const whole = concat(frame({ ...spec, maskingKey }), octets);
    const payloadAt = whole.length - octets.length;
    for (let at = 0; at < octets.length; at++) whole[payloadAt + at]! ^= maskingKey[at & 3]!; // §5.3
    return whole;
  }

  text(payload: Payload, fin = true): Uint8Array<ArrayBuffer> {
    return this.frame(0x1, payload, { fin });
  }

  binary(payload: Payload, fin = true): Uint8Array<ArrayBuffer> {
    return this.frame(0x2, payload, { fin });
  }

  /** A continuation frame. §5.4 */
  more(payload: Payload, fin = true): Uint8Array<ArrayBuffer> {
    return this.frame(0x0, payload, { fin });
  }

  ping(payload: Payload = ""): Uint8Array<ArrayBuffer> {
    return this.frame(0x9, payload);
  }

  pong(payload: Payload = ""): Uint8Array<ArrayBuffer> {
    return this.frame(0xa, payload);
  }

  /** A Close frame; without a code it has no payload. §5.5.1 */
  close(code?: number, reason = ""): Uint8Array<ArrayBuffer> {
    if (code === undefined) return this.frame(0x8);
    return this.frame(0x8, concat(Uint8Array.of(code >>> 8, code & 255), utf8(reason)));
  }

  /** What the endpoint's octets say: they must break no rule that binds it. */
  read(octets: Uint8Array): Outcome {
    return referenceDecode(octets, { role: this.role === "server" ? "client" : "server" });
  }
}

/** Cuts octets at the given offsets, in rising order. */
export function cutAt(octets: Uint8Array, ...cuts: readonly number[]): Uint8Array[] {
  return [...cuts, octets.length].map((end, index) => octets.subarray(index === 0 ? 0 : cuts[index - 1]!, end));
}

/** One octet a chunk. */
export function octetByOctet(octets: Uint8Array): Uint8Array[] {
  return Array.from(octets, (_, at) => octets.subarray(at, at + 1));
}

/** The text of spaced hex, as events have it: `"text 48 69"` is text "Hi". */
export function textOfEvent(event: string): string {
  return new TextDecoder().decode(hex(event.slice(event.indexOf(" ") + 1)));
}
