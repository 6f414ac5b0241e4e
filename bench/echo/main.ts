// npm run bench:echo: what an echo costs the server, in microseconds of processor time a message, against ws. Each server has
// a process of its own on one processor, the load is on another; they take turns, and the median of the paired ratios counts.

import { Load, type Shape } from "../load.ts";
import { Contestant, costCell, pairedRatio, pinLoad, ROUNDS, shapeCell, takeTurns } from "../processes.ts";
import { dial } from "./dial.ts";

const shapes: readonly Shape[] = [
  { connections: 50, inFlight: 64, octets: 20, kind: "text" },
  { connections: 50, inFlight: 16, octets: 64, kind: "text" },
  { connections: 50, inFlight: 1, octets: 64, kind: "text" },
  { connections: 10, inFlight: 4, octets: 1024, kind: "text" },
  { connections: 10, inFlight: 1, octets: 16384, kind: "text" },
  { connections: 10, inFlight: 1, octets: 16384, kind: "binary" },
  { connections: 4, inFlight: 1, octets: 1024 * 1024, kind: "text" },
  { connections: 4, inFlight: 1, octets: 1024 * 1024, kind: "binary" },
];

async function enter(name: string, shape: Shape): Promise<Contestant> {
  const load = new Load(shape, "client");
  const contestant = new Contestant(new URL("server.js", import.meta.url), name, load);
  const { port } = await contestant.begin();
  for (let index = 0; index < shape.connections; index++) await load.adopt(await dial(port!));
  return contestant;
}

const pinned = pinLoad();
console.log(
  `echo over loopback, us of server processor time a message; Node ${process.versions.node}, ${ROUNDS} rounds`,
);
if (!pinned) console.log("(servers and load share processors: taskset is not there)");
console.log("connections x in flight x message        wsimd        ws     wsimd / ws");
for (const shape of shapes) {
  const wsimd = await enter("wsimd", shape);
  const ws = await enter("ws", shape);
  await takeTurns([wsimd, ws]);
  const ratio = pairedRatio(wsimd, ws).toFixed(3).padStart(13);
  console.log(`${shapeCell(shape)}${costCell(wsimd)}${costCell(ws)}${ratio}`);
}
