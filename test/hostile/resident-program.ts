// A process of its own that receives one message in fragments, and says how much resident memory that took at most. A server's
// frames carry it, so that one chunk can be received again and again: the sender holds nothing.
//
//   node resident-program.js KERNEL KIND OCTETS       ->  "unfinished N, completed N, length N"
//
// KIND is "binary", "ascii", "greek" (two octets a character) or "chinese" (three).

import { initSync } from "../../bindings/index.ts";
import type { KernelName } from "../../bindings/kernel/kernel.ts";
import { concat } from "../support/octets.ts";
import { Peer } from "../support/peer.ts";
import { connectionTo } from "./floods.ts";

const [kernel, kind, octets] = process.argv.slice(2) as [KernelName, string, string];
const payloads: Readonly<Record<string, string>> = { binary: "x", ascii: "x", greek: "λ", chinese: "語" };
const payload = payloads[kind]!.repeat(600);
const peer = new Peer("client");
initSync({ kernel });

/** Receives a message of at least `least` octets, its last fragment apart. */
function begin(least: number): { finish(): number } {
  let length = 0;
  const handlers = {
    message: (_: unknown, data: string | Uint8Array) => {
      length = data.length;
    },
  };
  const connection = connectionTo(undefined, { role: "client", maxMessageLength: Infinity, handlers });
  connection.receive(peer.frame(kind === "binary" ? 2 : 1, "", { fin: false }));
  const chunk = concat(...Array.from({ length: 50 }, () => peer.more(payload, false)));
  const perChunk = 50 * Buffer.byteLength(payload);
  for (let received = 0; received < least; received += perChunk) connection.receive(chunk);
  return {
    finish() {
      connection.receive(peer.more(""));
      return length;
    },
  };
}

/** Octets of resident memory at most, since the process began. */
const most = (): number => process.resourceUsage().maxRSS * 1024;

begin(1_000_000).finish(); // what it compiles, and the buffers it keeps
const before = most();
const message = begin(Number(octets));
const unfinished = most() - before;
const length = message.finish();
console.log(`unfinished ${unfinished}, completed ${most() - before}, length ${length}`);
