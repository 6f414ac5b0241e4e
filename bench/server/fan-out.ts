// Publishing: one connection sends 64 octets, the server sends them to all. The figure is the server's processor time a copy.

import assert from "node:assert/strict";
import type { Loading } from "../load.ts";
import { Contestant, takeTurns } from "../processes.ts";
import { maskedBatch, plainBatch, type Shape } from "../shape.ts";
import { readUntil, type Wire } from "../wire.ts";
import { type Entrant, lineUp } from "./contestants.ts";
import { dialMany, measuredOf, startAll } from "./entering.ts";
import type { Result } from "./results.ts";
import type { Running } from "./running.ts";
import type { Job, Setting } from "./topics.ts";

const RECEIVER_COUNT = 1000;
const ROW = `64 B text to ${RECEIVER_COUNT}`;

const shape: Shape = { connections: RECEIVER_COUNT, inFlight: 1, octets: 64, kind: "text" };
const message: Buffer = maskedBatch(shape);
const copy: Buffer = plainBatch(shape);

/** One message on the way at a time: the next leaves when the last copy has come. `answered` counts copies. */
export class FanOutLoad implements Loading {
  answered = 0;
  private readonly message: Buffer;
  private readonly copy: Buffer;
  private wires: readonly Wire[] = [];
  isQuiet = true;
  private isRunning = false;

  /**
   * @param message  the frame that is sent
   * @param copy     the frame that all get for it
   */
  constructor(message: Buffer, copy: Buffer) {
    this.message = message;
    this.copy = copy;
  }

  /** Takes connections that are open, and sees one message come to all of them. */
  async adopt(wires: readonly Wire[]): Promise<void> {
    const { message, copy } = this;
    const copies = wires.map((wire) => readUntil(wire, (octets) => octets.length >= copy.length));
    wires[0]!.socket.write(message);
    for (const octets of await Promise.all(copies)) assert.ok(octets.equals(copy), "a copy differs from what was sent");
    const roundLength = copy.length * wires.length;
    let waiting = roundLength;
    const take = (_: Uint8Array, length: number): void => {
      waiting -= length;
      if (waiting > 0) return;
      waiting += roundLength;
      this.answered += wires.length;
      if (this.isRunning) wires[0]!.socket.write(message);
      else this.isQuiet = true;
    };
    for (const wire of wires) wire.take = take;
    this.wires = wires;
  }

  start(): void {
    this.isRunning = true;
    this.isQuiet = false;
    this.wires[0]!.socket.write(this.message);
  }

  stop(): void {
    this.isRunning = false;
  }

  close(): void {
    for (const { socket } of this.wires) socket.destroy();
  }
}

interface Entered {
  readonly entrant: Entrant;
  readonly contestant: Contestant;
}

async function enter(entrant: Entrant, running: Running): Promise<Entered> {
  const load = new FanOutLoad(message, copy);
  const started = await running.start(entrant);
  const contestant = new Contestant(started.subject, load, () => running.release(started));
  try {
    await load.adopt(await dialMany(entrant, started.port, RECEIVER_COUNT));
  } catch (error) {
    contestant.close();
    throw error;
  }
  return { entrant, contestant };
}

async function measure({ names, runtimes, transport, effort, running }: Setting): Promise<Result> {
  const entrants = lineUp(names, runtimes, { answer: "publish", transport });
  const [entered, failures] = await startAll(entrants, (entrant) => enter(entrant, running));
  await takeTurns(
    entered.map(({ contestant }) => contestant),
    effort,
  );
  const unit = "us of server processor time a copy";
  return { topic: "fan-out", name: ROW, unit, measured: measuredOf(entered), failures };
}

export function fanOutJobs(): Job[] {
  return [{ topic: "fan-out", name: ROW, run: async (setting) => [await measure(setting)] }];
}
