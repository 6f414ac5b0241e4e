// What an idle connection keeps resident at the server after a few compressed messages, by what was agreed on. The same modes for
// both servers, the same messages in all of them but where nothing is compressed.

import { lengthName } from "../../inputs.ts";
import { maskedBatch, plainBatch } from "../../shape.ts";
import { readUntil, type Wire } from "../../wire.ts";
import { type Compression, type Entrant, lineUp } from "../contestants.ts";
import { dialMany } from "../entering.ts";
import { residents } from "../resident.ts";
import type { Result } from "../results.ts";
import type { Job, Setting } from "../topics.ts";
import { offerOf } from "./echo.ts";
import { Cycle, DeflateLoad } from "./load.ts";

interface Mode {
  readonly name: string;
  readonly deflate: Compression | null;
}

const SMALL_WINDOW_BITS = 10;
const SMALL_MEM_LEVEL = 4;

const modes: readonly Mode[] = [
  { name: "takeover", deflate: { takeover: true } },
  {
    name: `takeover, ${lengthName(2 ** SMALL_WINDOW_BITS)} windows`,
    deflate: { takeover: true, windowBits: SMALL_WINDOW_BITS, memLevel: SMALL_MEM_LEVEL },
  },
  { name: "no takeover", deflate: { takeover: false } },
  { name: "not compressed", deflate: null },
];

const CONNECTION_COUNT = 1000;
const SHORT_CONNECTION_COUNT = 300;
/** Few: what zlib gave back lies in the process before it is measured, and is used again. */
const WARM_UP_COUNT = 20;
const MESSAGE_LENGTH = 1024;
const RUN_COUNT = 3;

async function speakPlain(wire: Wire): Promise<void> {
  const shape = { connections: 1, inFlight: 16, octets: MESSAGE_LENGTH, kind: "text" } as const;
  wire.socket.write(maskedBatch(shape));
  await readUntil(wire, (octets) => octets.length >= plainBatch(shape).length);
}

/** Each connection says a few messages, a few connections at a time. */
async function speak(wires: readonly Wire[], say: (wire: Wire) => Promise<void>): Promise<void> {
  const WIDTH = 20;
  for (let at = 0; at < wires.length; at += WIDTH) await Promise.all(wires.slice(at, at + WIDTH).map(say));
}

/** What dials, and speaks: the load compares the first 16 answers, which is all that is wanted of it. */
function dialing({ deflate }: Mode): (entrant: Entrant, port: number, count: number) => Promise<Wire[]> {
  if (deflate === null) {
    return async (entrant, port, count) => {
      const wires = await dialMany(entrant, port, count);
      await speak(wires, speakPlain);
      return wires;
    };
  }
  const { takeover, windowBits } = deflate;
  const shape = { content: "JSON", octets: MESSAGE_LENGTH, inFlight: 1, isTakenOver: takeover } as const;
  const cycle = new Cycle(shape, windowBits);
  return async (entrant, port, count) => {
    const wires = await dialMany(entrant, port, count, { offer: offerOf(takeover) });
    const load = new DeflateLoad(cycle, false);
    await speak(wires, (wire) => load.adopt(wire));
    return wires;
  };
}

async function measure(mode: Mode, { names, runtimes, transport, isShort }: Setting): Promise<Result> {
  const { name, deflate } = mode;
  const wanted = ["wsimd", "ws", "ws registered"].filter((one) => names.includes(one));
  const [measured, failures] = await residents(lineUp(wanted, runtimes, { answer: "echo", transport, deflate }), {
    count: isShort ? SHORT_CONNECTION_COUNT : CONNECTION_COUNT,
    warmUpCount: WARM_UP_COUNT,
    settleMs: isShort ? 200 : 1000,
    runs: isShort ? 1 : RUN_COUNT,
    dial: dialing(mode),
  });
  const unit = "resident octets a connection after 16 messages";
  return { topic: "deflate, memory", name, unit, measured, failures };
}

export function deflateMemoryJobs(): Job[] {
  return modes.map((mode) => ({
    topic: "deflate, memory",
    name: mode.name,
    run: async (setting) => [await measure(mode, setting)],
  }));
}
