// npm run bench:client: what a client that echoes costs, in microseconds of processor time a message, against ws and undici. Each
// has a process of its own on one processor, the server that loads them is on another; they take turns, and medians count.

import { fileURLToPath } from "node:url";
import { Load } from "../load.ts";
import { Contestant, costCell, fullEffort, pairedRatio, pinLoad, SERVER_PROCESSOR, takeTurns } from "../processes.ts";
import { type Shape, shapeName } from "../shape.ts";
import { pin, Subject } from "../subject.ts";
import { listen } from "./accept.ts";

const shapes: readonly Shape[] = [
  { connections: 1, inFlight: 64, octets: 20, kind: "text" },
  { connections: 1, inFlight: 16, octets: 64, kind: "text" },
  { connections: 1, inFlight: 1, octets: 64, kind: "text" },
  { connections: 1, inFlight: 4, octets: 1024, kind: "text" },
  { connections: 1, inFlight: 1, octets: 16384, kind: "binary" },
  { connections: 1, inFlight: 1, octets: 1024 * 1024, kind: "binary" },
];

/** Kinds of clients, as client.ts has them, and whom each is compared with: handlers with handlers, events with events. */
const rivals: Readonly<Record<string, string | null>> = {
  connect: "ws",
  "for await": "ws",
  WebSocket: "ws onmessage",
  undici: "ws onmessage",
  ws: null,
  "ws onmessage": null,
};

async function enter(name: string, shape: Shape): Promise<Contestant> {
  const load = new Load(shape, "client");
  const { port, accepted } = await listen(load, shape.connections);
  const program = fileURLToPath(new URL("client.js", import.meta.url));
  const args = [program, name, String(port), String(shape.connections)];
  const subject = new Subject(name, [process.execPath, ...args]);
  await subject.line();
  pin(subject.id, SERVER_PROCESSOR);
  await accepted;
  return new Contestant(subject, load, () => subject.stop());
}

const heading = Object.entries(rivals).map(([name, rival]) => name.padStart(13) + (rival === null ? "" : "   / ws"));

const pinned = pinLoad();
console.log(
  `echo over loopback, us of client processor time a message; Node ${process.versions.node}, ${fullEffort.rounds} rounds`,
);
if (!pinned) console.log("(clients and load share processors: taskset is not there)");
console.log(
  '"/ ws": below 1 is cheaper; connect and for await against on("message"), WebSocket and undici against onmessage',
);
console.log("connections x in flight x message".padEnd(35) + heading.join(""));
for (const shape of shapes) {
  const contestants = new Map<string, Contestant>();
  for (const name of Object.keys(rivals)) contestants.set(name, await enter(name, shape));
  await takeTurns([...contestants.values()], fullEffort);
  const cells = [...contestants].map(([name, contestant]) => {
    const rival = contestants.get(rivals[name] ?? "");
    const ratio = rival === undefined ? "" : pairedRatio(contestant, rival).toFixed(2).padStart(7);
    return costCell(contestant).padStart(13) + ratio;
  });
  console.log(shapeName(shape).padEnd(35) + cells.join(""));
}
