// The rows of an echo: microseconds of the server's processor time a message, by the method of processes.ts.

import { takeTurns } from "../processes.ts";
import { type Shape, shapeName } from "../shape.ts";
import { type Answer, lineUp } from "./contestants.ts";
import { enterAll, measuredOf, openFilesLimit } from "./entering.ts";
import type { Result } from "./results.ts";
import type { Job, Setting } from "./topics.ts";

interface EchoRow extends Shape {
  readonly answer?: Answer;
  readonly isTls?: true;
}

const KIB = 1024;

const rows: readonly EchoRow[] = [
  { connections: 50, inFlight: 1, octets: 64, kind: "text" },
  { connections: 50, inFlight: 16, octets: 64, kind: "text" },
  { connections: 50, inFlight: 64, octets: 20, kind: "text" },
  { connections: 10, inFlight: 4, octets: KIB, kind: "text" },
  { connections: 10, inFlight: 1, octets: 16 * KIB, kind: "text" },
  { connections: 10, inFlight: 1, octets: 16 * KIB, kind: "binary" },
  { connections: 4, inFlight: 1, octets: KIB * KIB, kind: "text" },
  { connections: 4, inFlight: 1, octets: KIB * KIB, kind: "binary" },
  { connections: 1000, inFlight: 1, octets: 64, kind: "text" },
  { connections: 10, inFlight: 1, octets: 17_000, kind: "text", script: "Cyrillic" },
  { connections: 10, inFlight: 1, octets: 16 * KIB, kind: "text", script: "Chinese" },
  { connections: 50, inFlight: 16, octets: 64, kind: "text", script: "emoji" },
  { connections: 10, inFlight: 4, octets: KIB, kind: "text", script: "emoji" },
  { connections: 50, inFlight: 1, octets: 64, kind: "text", isTls: true },
  { connections: 10, inFlight: 1, octets: 16 * KIB, kind: "text", isTls: true },
  { connections: 50, inFlight: 16, octets: 64, kind: "text", answer: "await" },
];

function nameOf(row: EchoRow): string {
  return `${shapeName(row)}${row.isTls ? ", wss" : ""}${row.answer === "await" ? ", awaits" : ""}`;
}

async function measure(
  row: EchoRow,
  { effort, names, runtimes, certificate, transport, running }: Setting,
): Promise<Result> {
  const { answer = "echo", isTls = false } = row;
  const entrants = lineUp(names, runtimes, { answer, transport, tls: isTls ? certificate() : null });
  const needed = row.connections * entrants.length;
  if (needed > openFilesLimit() - 200) throw new Error(`${nameOf(row)} needs ${needed} open files: ulimit -n`);
  const [entered, failures] = await enterAll(entrants, row, running, isTls);
  await takeTurns(
    entered.map(({ contestant }) => contestant),
    effort,
  );
  const measured = measuredOf(entered);
  return {
    topic: "echo",
    name: nameOf(row),
    unit: "us of server processor time a message",
    measured,
    failures,
  };
}

export function echoJobs(): Job[] {
  return rows.map((row) => ({
    topic: "echo",
    name: nameOf(row),
    run: async (setting) => [await measure(row, setting)],
  }));
}
