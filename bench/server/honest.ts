// A connection that sends 64 octets, waits for them to come back, and sends them again, in a process of its own:
// `node honest.js PORT server`, or `tcp` where there is no WebSocket. Told a number of milliseconds, it says what it saw, as JSON.

import { createInterface } from "node:readline";
import { maskedBatch, plainBatch, type Shape } from "../shape.ts";
import { dial, dialBare } from "../wire.ts";
import { percentile } from "./percentile.ts";

/** What an honest connection saw, in microseconds. */
export interface Seen {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
}

const shape: Shape = { connections: 1, inFlight: 1, octets: 64, kind: "text" };
const message = maskedBatch(shape);

const [, , port, echoing] = process.argv;
const wire = await (echoing === "tcp" ? dialBare : dial)(Number(port));
const answerLength = echoing === "tcp" ? message.length : plainBatch(shape).length;

/** A message there and back, again and again. */
function pingPong(forMs: number): Promise<Seen> {
  return new Promise((resolve) => {
    const tookUs: number[] = [];
    const ends = performance.now() + forMs;
    let waiting = answerLength;
    let sent = performance.now();
    wire.take = (_, length) => {
      waiting -= length;
      if (waiting > 0) return;
      const now = performance.now();
      tookUs.push((now - sent) * 1000);
      if (now >= ends) {
        resolve({ count: tookUs.length, p50: percentile(tookUs, 0.5), p99: percentile(tookUs, 0.99) });
        return;
      }
      waiting = answerLength;
      sent = performance.now();
      wire.socket.write(message);
    };
    wire.socket.write(message);
  });
}

createInterface({ input: process.stdin })
  .on("line", async (line) => console.log(JSON.stringify(await pingPong(Number(line)))))
  .on("close", () => process.exit());
console.log("ready");
