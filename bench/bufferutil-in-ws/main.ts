// npm run bench:bufferutil: what an unmodified ws costs with wsimd's bufferutil, with the native add-on and with neither, as an echo
// server and as a client that echoes, in microseconds of its processor time a message. Each has a process of its own on one
// processor, the load is on another; they take turns, and medians count.

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { listen } from "../client/accept.ts";
import { Load } from "../load.ts";
import { Contestant, costCell, type Effort, pairedRatio, pinLoad, SERVER_PROCESSOR, takeTurns } from "../processes.ts";
import { findRuntimes, type Runtime } from "../server/runtimes.ts";
import { type Shape, shapeName } from "../shape.ts";
import { pin, Subject } from "../subject.ts";
import { dial } from "../wire.ts";

const effort: Effort = { rounds: 7, settleMs: 300, warmUpMs: 100, windowMs: 500 };

const shapes: readonly Shape[] = [
  { connections: 10, inFlight: 16, octets: 64, kind: "binary" },
  { connections: 10, inFlight: 16, octets: 256, kind: "binary" },
  { connections: 10, inFlight: 4, octets: 1024, kind: "binary" },
  { connections: 10, inFlight: 1, octets: 4096, kind: "binary" },
  { connections: 10, inFlight: 1, octets: 16384, kind: "binary" },
  { connections: 10, inFlight: 1, octets: 65536, kind: "binary" },
  { connections: 4, inFlight: 1, octets: 1024 * 1024, kind: "binary" },
];

type Role = "server" | "client";

const maskings = ["wsimd", "addon", "none"] as const;

const program = fileURLToPath(new URL("../../../bench/bufferutil-in-ws/echo.cjs", import.meta.url));

async function start(runtime: Runtime, ...args: string[]): Promise<[Subject, string]> {
  const subject = new Subject(args.join(" "), [runtime.path, program, ...args]);
  const said = await subject.line();
  pin(subject.id, SERVER_PROCESSOR);
  return [subject, said];
}

async function enter(role: Role, masking: string, shape: Shape, runtime: Runtime): Promise<Contestant> {
  const load = new Load(shape, role);
  if (role === "server") {
    const [subject, port] = await start(runtime, role, masking);
    for (let count = 0; count < shape.connections; count++) await load.adopt(await dial(Number(port)));
    return new Contestant(subject, load, () => subject.stop());
  }
  const { port, accepted } = await listen(load, 1); // one connection is what a client has
  const [subject] = await start(runtime, role, masking, String(port));
  await accepted;
  return new Contestant(subject, load, () => subject.stop());
}

const { values } = parseArgs({
  options: { node: { type: "string", multiple: true }, newest: { type: "boolean" }, only: { type: "string" } },
});
const runtimes = findRuntimes(values.node ?? [], values.newest === true).filter(({ kind }) => kind === "node");

if (!pinLoad()) console.log("(contestants and load share processors: taskset is not there)");
console.log(`ws, echo over loopback, us of its processor time a message; ${effort.rounds} rounds, medians`);
console.log('"/ addon", "/ none": wsimd\'s bufferutil through the other; below 1 it is cheaper');
for (const role of ["server", "client"] as const) {
  console.log(`\n${role.padEnd(32)}${"wsimd     addon      none   / addon   / none".padStart(62)}`);
  for (const wanted of shapes) {
    const shape = role === "server" ? wanted : { ...wanted, connections: 1 };
    if (values.only !== undefined && !`${role} ${shapeName(shape)}`.includes(values.only)) continue;
    for (const runtime of runtimes) {
      const contestants: Contestant[] = [];
      for (const masking of maskings) contestants.push(await enter(role, masking, shape, runtime));
      await takeTurns(contestants, effort);
      const [ours, addon, none] = contestants as [Contestant, Contestant, Contestant];
      const ratios = [addon, none].map((rival) => pairedRatio(ours, rival).toFixed(2).padStart(10));
      const cells = contestants.map(costCell).join("") + ratios.join("");
      console.log(shapeName(shape).padEnd(26) + runtime.label.padEnd(16) + cells);
    }
  }
}
process.exit(0);
