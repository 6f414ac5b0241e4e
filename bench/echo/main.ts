// npm run bench:echo: what an echo costs the server, in microseconds of processor time a message, against ws. Each server has
// a process of its own on one processor, the load is on another; they take turns, and the median of the paired ratios counts.

import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Load, type Shape } from "./load.ts";

const ROUNDS = 5;
const WARM_UP_MS = 200;
const WINDOW_MS = 800;

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

/** Puts a process on one processor, where the platform has a command for that. */
function pin(processId: number, processor: number): boolean {
  try {
    execFileSync("taskset", ["-a", "-p", "-c", String(processor), String(processId)], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

class Contestant {
  readonly costs: number[] = [];
  private readonly child: ChildProcess;
  private readonly load: Load;

  constructor(name: string, shape: Shape) {
    this.child = fork(fileURLToPath(new URL("server.js", import.meta.url)), [name]);
    this.load = new Load(shape);
  }

  async open(): Promise<void> {
    const { port } = await this.answer();
    pin(this.child.pid!, 0);
    await this.load.open(port!);
  }

  /** Measures one window: microseconds a message. */
  async measure(): Promise<void> {
    this.load.start();
    await wait(WARM_UP_MS);
    const [cpuBefore, answeredBefore] = [await this.cpuUs(), this.load.answered];
    await wait(WINDOW_MS);
    const [cpuAfter, answeredAfter] = [await this.cpuUs(), this.load.answered];
    this.load.stop();
    await wait(WARM_UP_MS);
    this.costs.push((cpuAfter - cpuBefore) / (answeredAfter - answeredBefore));
  }

  close(): void {
    this.load.close();
    this.child.kill();
  }

  private async cpuUs(): Promise<number> {
    this.child.send("cpu");
    return (await this.answer()).cpuUs!;
  }

  private answer(): Promise<{ port?: number; cpuUs?: number }> {
    return new Promise((resolve) => this.child.once("message", resolve as (message: unknown) => void));
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

const pinned = pin(process.pid, 1);
console.log(
  `echo over loopback, us of server processor time a message; Node ${process.versions.node}, ${ROUNDS} rounds`,
);
if (!pinned) console.log("(servers and load share processors: taskset is not there)");
console.log("connections x in flight x message        wsimd        ws     wsimd / ws");
for (const shape of shapes) {
  const wsimd = new Contestant("wsimd", shape);
  const ws = new Contestant("ws", shape);
  await wsimd.open();
  await ws.open();
  for (let round = 0; round < ROUNDS; round++) {
    await wsimd.measure();
    await ws.measure();
  }
  wsimd.close();
  ws.close();
  const ratio = median(wsimd.costs.map((cost, round) => cost / ws.costs[round]!));
  const name = `${shape.connections} x ${shape.inFlight} x ${shape.octets} B ${shape.kind}`;
  const figure = (value: number): string => value.toFixed(value < 10 ? 3 : 1).padStart(10);
  console.log(
    `${name.padEnd(35)}${figure(median(wsimd.costs))}${figure(median(ws.costs))}${ratio.toFixed(3).padStart(13)}`,
  );
}
