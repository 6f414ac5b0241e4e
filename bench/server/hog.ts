// A connection that sends its densest chunks flat out and reads what comes back only to drop it, in a process of its own:
// `node hog.js PORT server 0`, with the octets of a message. Told "go" it connects and sends, told "stop" it drops the connection.

import { createInterface } from "node:readline";
import { maskedBatch } from "../shape.ts";
import { dial, dialBare, type Wire } from "../wire.ts";

const CHUNK_LENGTH = 64 * 1024;

const [, , port, echoing, octets] = process.argv;
const frame = maskedBatch({ connections: 1, inFlight: 1, octets: Number(octets), kind: "text" });
const chunk = Buffer.concat(Array.from({ length: Math.floor(CHUNK_LENGTH / frame.length) }, () => frame));

let wire: Wire | null = null;

function flood({ socket }: Wire): void {
  const send = (): void => {
    // A write that the kernel took whole leaves nothing to wait for; the turn ends all the same, to read.
    if (!socket.destroyed) socket.write(chunk, () => setImmediate(send));
  };
  send();
  send();
}

createInterface({ input: process.stdin })
  .on("line", async (line) => {
    if (line === "go") {
      wire = await (echoing === "tcp" ? dialBare : dial)(Number(port));
      wire.socket.on("error", () => {}); // whoever is flooded may hang up
      flood(wire);
    } else {
      wire?.socket.destroy();
    }
    console.log("done");
  })
  .on("close", () => process.exit());
console.log("ready");
