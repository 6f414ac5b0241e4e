// Echoes of compressed messages: microseconds of the server's processor time a message, and the octets that come back, which
// tell what a cheaper level costs the network. Everything is compressed, both ways, however short it is.

import { lengthName } from "../../inputs.ts";
import { takeTurns } from "../../processes.ts";
import type { Offer } from "../../wire.ts";
import { deflating, type Entrant, lineUp } from "../contestants.ts";
import { type Entered, enter, measuredOf, startAll } from "../entering.ts";
import type { Measured, Result } from "../results.ts";
import type { Job, Setting } from "../topics.ts";
import { Cycle, DeflateLoad, type DeflateShape } from "./load.ts";

const CONNECTION_COUNT = 20;

/** There are many rows, and eight contestants in each. */
const MOST_ROUNDS = 3;

const KIB = 1024;

const shapes: readonly Omit<DeflateShape, "isTakenOver">[] = [
  ...[64, 256, KIB, 2 * KIB, 4 * KIB, 16 * KIB, 64 * KIB].map(
    (octets) => ({ content: "JSON", octets, inFlight: 1 }) as const,
  ),
  { content: "JSON", octets: 256, inFlight: 16 },
  { content: "prose", octets: 4 * KIB, inFlight: 1 },
  { content: "prose", octets: 16 * KIB, inFlight: 1 },
  { content: "binary", octets: 16 * KIB, inFlight: 1 },
];

export const offerOf = (isTakenOver: boolean): Offer => ({
  extension: "permessage-deflate; client_max_window_bits",
  answer: isTakenOver
    ? /^permessage-deflate(?!.*no_context_takeover)/
    : /^permessage-deflate(?=.*server_no_context_takeover)(?=.*client_no_context_takeover)/,
});

function nameOf({ content, octets, inFlight }: DeflateShape): string {
  return `${inFlight} x ${lengthName(octets)} ${content}`;
}

interface Loaded extends Entered {
  readonly load: DeflateLoad;
}

async function enterOne(entrant: Entrant, cycle: Cycle, { running }: Setting): Promise<Loaded> {
  const load = new DeflateLoad(cycle, true);
  const offer = offerOf(cycle.isTakenOver);
  return { ...(await enter(entrant, load, CONNECTION_COUNT, { offer }, running)), load };
}

async function measure(shape: DeflateShape, topic: string, setting: Setting): Promise<Result[]> {
  const { names, runtimes, transport, effort } = setting;
  const wanted = deflating.filter((name) => names.includes(name));
  const deflate = { takeover: shape.isTakenOver };
  const entrants = lineUp(wanted, runtimes, { answer: "echo", transport, deflate });
  const cycle = new Cycle(shape);
  const [entered, failures] = await startAll(entrants, (entrant) => enterOne(entrant, cycle, setting));
  await takeTurns(
    entered.map(({ contestant }) => contestant),
    { ...effort, rounds: Math.min(effort.rounds, MOST_ROUNDS) },
  );
  const name = nameOf(shape);
  const unit = "us of server processor time a message";
  const back = entered.map(
    ({ entrant, load }): Measured => ({ name: entrant.name, runtime: entrant.runtime, figures: [load.octetsBack] }),
  );
  return [
    { topic, name, unit, measured: measuredOf(entered), failures },
    { topic, name: `${name}, octets`, unit, isAside: true, measured: back, failures: [] },
  ];
}

/** What compresses in a connection's one context, and what begins anew with each message. */
export function deflateEchoJobs(): Job[] {
  return [true, false].flatMap((isTakenOver) => {
    const topic = isTakenOver ? "deflate" : "deflate, no takeover";
    return shapes.map((shape) => ({
      topic,
      name: nameOf({ ...shape, isTakenOver }),
      run: (setting: Setting) => measure({ ...shape, isTakenOver }, topic, setting),
    }));
  });
}
