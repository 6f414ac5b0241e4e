// What every contestant's program shares, in Node, Bun and Deno: what it is told to do, and how it talks with the bench.

import process from "node:process";

/**
 * The settings of a program, JSON as its only argument.
 *
 * @type {{
 *   answer: "echo" | "await" | "publish",  // what a message does: comes back, comes back after an `await`, goes to everybody
 *   text: "string" | "bytes",              // what a handler is given for text
 *   tls: { cert: string, key: string } | null,
 *   transport: string | null,              // wsimd's, where it has a choice
 *   deflate: { takeover: boolean, windowBits?: number, memLevel?: number } | null,  // compress every message, or none
 *   level: number | null,                  // zlib's, null for the server's own
 *   reader: "data" | "onread",             // of a bare TCP server
 * }}
 */
export const settings = JSON.parse(process.argv[2]);

/**
 * Says the port, and answers "collect" once garbage is collected. Ends with its input.
 *
 * @param {number} port
 * @param {() => unknown} collect  collects garbage
 */
export function ready(port, collect) {
  process.stdin.setEncoding("utf8");
  process.stdin.on("data", async () => {
    await collect();
    console.log("collected");
  });
  process.stdin.on("end", () => process.exit());
  console.log(port);
}
