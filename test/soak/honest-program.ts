// Honest clients in a process of their own: each has one message under way, sees that the answer is right, and how long it took.

import { obey } from "../hostile/processes.ts";
import { Random } from "../support/octets.ts";
import { Letters } from "./letters.ts";
import { Line } from "./line.ts";

export interface HonestStart {
  readonly port: number;
  readonly count: number;
}

/** Times from a message to its answer, in ms. */
export interface Latencies {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
}

/** Between an answer and the next message. */
const PAUSE_MS = 2;

const letters = new Letters(new Random(0x6455));
const lines: Line[] = [];

async function talk(line: Line, untilMs: number, tookMs: number[]): Promise<void> {
  while (performance.now() < untilMs) {
    const startedMs = performance.now();
    line.post(letters.short());
    line.flush();
    await line.until(() => line.ledger.waitingCount === 0);
    tookMs.push(performance.now() - startedMs);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

obey({
  async open({ port, count }: HonestStart): Promise<void> {
    for (let id = 0; id < count; id++) {
      const line = new Line(port, id);
      line.request();
      await line.until(() => line.isOpen);
      lines.push(line);
    }
  },
  async talk(seconds: number): Promise<Latencies> {
    const tookMs: number[] = [];
    const untilMs = performance.now() + seconds * 1000;
    await Promise.all(lines.map((line) => talk(line, untilMs, tookMs)));
    tookMs.sort((a, b) => a - b);
    const share = (part: number): number => tookMs[Math.min(tookMs.length - 1, Math.floor(tookMs.length * part))]!;
    return { count: tookMs.length, p50: share(0.5), p99: share(0.99), most: share(1) };
  },
  leave(): void {
    for (const { socket } of lines) socket.destroy();
  },
});
