// npm run bench:register: what a message costs an unmodified application of ws, run as it is and with `--import wsimd/register`.
// Microseconds of the server's processor time, by the method of processes.ts. `--short` takes shorter windows.

import { fileURLToPath, pathToFileURL } from "node:url";
import { encodeFrame, Opcode } from "../../bindings/index.ts";
import { packageRoot } from "../../test/support/programs.ts";
import { Load, type Loading } from "../load.ts";
import { Contestant, costCell, fullEffort, pairedRatio, pinLoad, SERVER_PROCESSOR, takeTurns } from "../processes.ts";
import { FanOutLoad } from "../server/fan-out.ts";
import { pin, Subject } from "../subject.ts";
import type { Wire } from "../wire.ts";
import { type Answer, type Application, applications } from "./applications.ts";

interface Row {
  readonly name: string;
  readonly answer: Answer;
  readonly connections: number;
  readonly inFlight: number;
}

const rows: readonly Row[] = [
  { name: "echo, 50 x 1 x 64 B", answer: "echo", connections: 50, inFlight: 1 },
  { name: "echo, 50 x 16 x 64 B", answer: "echo", connections: 50, inFlight: 16 },
  { name: "64 B to 1000, a copy", answer: "publish", connections: 1000, inFlight: 1 },
];

const ways: readonly (readonly string[])[] = [
  [],
  ["--import", pathToFileURL(`${packageRoot}dist/esm/register.js`).href],
];

/** Handshakes under way at a time: below any backlog. */
const DIALING_COUNT = 100;

async function openAll(application: Application, port: number, { answer, connections }: Row): Promise<Wire[]> {
  const wires: Wire[] = [];
  while (wires.length < connections) {
    const count = Math.min(DIALING_COUNT, connections - wires.length);
    const open = (): Promise<Wire> => application.open(port, answer);
    wires.push(...(await Promise.all(Array.from({ length: count }, open))));
  }
  return wires;
}

async function loadOf(application: Application, wires: readonly Wire[], row: Row): Promise<Loading> {
  const payload = application.asking(row.answer);
  if (row.answer === "publish") {
    const message = Buffer.from(encodeFrame(Opcode.Text, payload, { role: "client" }));
    const load = new FanOutLoad(message, Buffer.from(encodeFrame(Opcode.Text, application.answer())));
    await load.adopt(wires);
    return load;
  }
  const load = new Load({ ...row, octets: payload.length, kind: "text", payload }, "server");
  await Promise.all(wires.map((wire) => load.adopt(wire)));
  return load;
}

async function enter(application: Application, way: readonly string[], row: Row): Promise<Contestant> {
  const program = fileURLToPath(new URL(`../../../bench/register/programs/${application.name}.mjs`, import.meta.url));
  const name = `${application.name} ${way.join(" ")}`;
  const subject = new Subject(name, [process.execPath, ...way, program]);
  try {
    const port = Number(await subject.line());
    pin(subject.id, SERVER_PROCESSOR);
    const load = await loadOf(application, await openAll(application, port, row), row);
    return new Contestant(subject, load, () => subject.stop());
  } catch (error) {
    subject.stop();
    throw error;
  }
}

const effort = process.argv.includes("--short")
  ? { rounds: 3, settleMs: 200, warmUpMs: 50, windowMs: 200 }
  : fullEffort;
const pinned = pinLoad();
console.log(
  `us of server processor time a message over loopback; Node ${process.versions.node}, ${effort.rounds} rounds`,
);
if (!pinned) console.log("(servers and load share processors: taskset is not there)");
console.log(`${"".padEnd(36)}    as it is  registered     ratio`);
for (const application of applications) {
  for (const row of rows) {
    const contestants: Contestant[] = [];
    for (const way of ways) contestants.push(await enter(application, way, row));
    await takeTurns(contestants, effort);
    const [plain, registered] = contestants as [Contestant, Contestant];
    const ratio = pairedRatio(registered, plain).toFixed(2).padStart(10);
    console.log(
      `${application.name}: ${row.name}`.padEnd(36) +
        costCell(plain).padStart(12) +
        costCell(registered).padStart(12) +
        ratio,
    );
  }
}
process.exit();
