// Where encoders write: a socket that takes everything at once. It counts what it is given, or keeps it for a check.

import assert from "node:assert/strict";
import type { Role } from "../bindings/index.ts";
import { readFrames } from "./frames.ts";

/** Room for the longest string that a row sends. */
const scratch = Buffer.allocUnsafeSlow(256 * 1024);

export class Outlet {
  /** Octets written so far. */
  length = 0;
  /** Writes so far. */
  writes = 0;
  private kept: Buffer[] | null = null;

  cork(): void {}
  uncork(): void {}

  /** Takes octets, or text that it makes octets of as net.Socket does, but without allocating. */
  write(data: string | Uint8Array, done?: () => void): true {
    const length = typeof data === "string" ? scratch.write(data, 0, "utf8") : data.length;
    this.length += length;
    this.writes++;
    if (this.kept !== null) this.kept.push(Buffer.from(typeof data === "string" ? scratch.subarray(0, length) : data));
    if (done !== undefined) done();
    return true;
  }

  /** Everything that is written while `run` runs. */
  keep(run: () => void): Buffer {
    this.kept = [];
    run();
    const whole = Buffer.concat(this.kept);
    this.kept = null;
    return whole;
  }
}

/** What frames should be. */
export interface Expected {
  readonly count: number;
  readonly role: Role;
  readonly opcode: number;
  readonly payload: Buffer;
}

/** Throws unless the octets are exactly the frames expected, each masked if and only if a client sent it. */
export function checkFrames(name: string, octets: Buffer, { count, role, opcode, payload }: Expected): void {
  const frames = readFrames(octets);
  assert.equal(frames.length, count, `${name} writes the wrong number of frames`);
  for (const frame of frames) {
    assert.equal(frame.first, 0x80 | opcode, `${name} writes a wrong first octet`);
    assert.equal(frame.masked, role === "client", `${name} masks wrongly`);
    assert.ok(frame.payload.equals(payload), `${name} writes wrong octets`);
  }
}
