// What an endpoint wrote, as frames, and what it had to write: RFC 6455 §5.2, §5.5, §7. Shares no line with the codec.

import { packed } from "./trace.ts";

/** "9 3f" for a ping with one octet; whatever is no frame that the endpoint may send is said. */
export function readOutput(writes: readonly Uint8Array[], role: "server" | "client"): string[] {
  const octets = Buffer.concat(writes);
  const frames: string[] = [];
  for (let at = 0; at < octets.length; ) {
    const start = at;
    const [first, second] = [octets[at]!, octets[at + 1] ?? 0];
    const length7 = second & 127;
    at += 2;
    let length = length7;
    if (length7 === 126) length = octets.length >= at + 2 ? octets.readUInt16BE(at) : Number.POSITIVE_INFINITY;
    if (length7 === 127)
      length = octets.length >= at + 8 ? Number(octets.readBigUInt64BE(at)) : Number.POSITIVE_INFINITY;
    at += length7 === 126 ? 2 : length7 === 127 ? 8 : 0;
    const isMasked = second >= 128;
    const key = octets.subarray(at, isMasked ? at + 4 : at);
    const payload = Buffer.from(octets.subarray(at + key.length, at + key.length + length));
    at += key.length + length;
    if (at > octets.length || isMasked !== (role === "client") || first < 128 || (first & 0x70) !== 0) {
      return [...frames, `no frame of a ${role}: ${packed(octets.subarray(start, start + 14))}`];
    }
    for (let index = 0; index < payload.length && isMasked; index++) payload[index]! ^= key[index & 3]!;
    frames.push(`${first & 15} ${packed(payload)}`);
  }
  return frames;
}

/** What an endpoint that only listens has to send: a pong for every ping, and a Close with the code that is due. */
export function expectedOutput(wire: readonly string[], failureCode: number | null): string[] {
  const frames = wire.filter((line) => line.startsWith("ping ")).map((line) => `10 ${line.slice(5)}`);
  const close = wire.find((line) => line.startsWith("close "));
  const code = close === undefined ? failureCode : Number(close.split(" ")[1]);
  if (code !== null) frames.push(code === 1005 ? "8 " : `8 ${code.toString(16).padStart(4, "0")}`);
  return frames;
}
