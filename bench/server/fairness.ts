// What an honest connection feels of another that sends flat out: its p99 beside it, against its p99 alone.
//
// Server, honest client and hog are three processes. Where there are three processors the hog has the third. Where there are
// two it shares the honest client's, but runs only while that has nothing to do (SCHED_IDLE): the honest client's own time is
// not what is measured. The bare TCP servers show what the arrangement costs by itself.

import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { median } from "../median.ts";
import { LOAD_PROCESSOR, SERVER_PROCESSOR } from "../processes.ts";
import { pin, Subject } from "../subject.ts";
import { type Entrant, lineUp } from "./contestants.ts";
import { failureOf } from "./entering.ts";
import type { Seen } from "./honest.ts";
import type { Failure, Measured, Result } from "./results.ts";
import type { Job, Setting } from "./topics.ts";

const takingPart = ["wsimd", "ws", "Bun", "Deno", "wsimd on Bun", "wsimd on Deno", "tcp", "tcp onread"];

/** Octets of the hog's messages. */
const rows: readonly (readonly [string, number])[] = [
  ["beside empty frames", 0],
  ["beside frames of 1 B", 1],
];

/** A server, an honest client and a hog. */
class Scene {
  private readonly processes: Subject[] = [];
  private honest!: Subject;
  private hog!: Subject;

  async begin(entrant: Entrant, octets: number): Promise<void> {
    const server = this.start(entrant.name, entrant.command);
    const port = await server.line();
    const program = (name: string, ...args: string[]) =>
      [process.execPath, fileURLToPath(new URL(name, import.meta.url)), port, entrant.echoing, ...args] as const;
    this.honest = this.start("the honest client", program("honest.js"));
    this.hog = this.start("the hog", program("hog.js", String(octets)));
    await Promise.all([this.honest.line(), this.hog.line()]);
    pin(server.id, SERVER_PROCESSOR);
    pin(this.honest.id, LOAD_PROCESSOR);
    pin(this.hog.id, cpus().length > 2 ? 2 : LOAD_PROCESSOR);
    if (cpus().length === 2) execFileSync("chrt", ["--all-tasks", "--idle", "--pid", "0", String(this.hog.id)]);
  }

  async alone(forMs: number): Promise<Seen> {
    return JSON.parse(await this.honest.ask(String(forMs)));
  }

  async besideHog(forMs: number): Promise<Seen> {
    await this.hog.ask("go");
    await wait(50);
    const seen = await this.alone(forMs);
    await this.hog.ask("stop");
    await wait(50);
    return seen;
  }

  end(): void {
    for (const one of this.processes) one.stop();
  }

  private start(name: string, command: Entrant["command"]): Subject {
    const subject = new Subject(name, command);
    this.processes.push(subject);
    return subject;
  }
}

async function measureOne(entrant: Entrant, octets: number, { effort, isShort }: Setting): Promise<Measured> {
  const forMs = isShort ? 120 : 1000;
  const scene = new Scene();
  const seen: { alone: Seen; beside: Seen }[] = [];
  try {
    await scene.begin(entrant, octets);
    await scene.alone(isShort ? 50 : 300); // counts nothing
    for (let round = 0; round < (isShort ? 2 : effort.rounds); round++) {
      seen.push({ alone: await scene.alone(forMs), beside: await scene.besideHog(forMs) });
    }
  } finally {
    scene.end();
  }
  return {
    name: entrant.name,
    runtime: entrant.runtime,
    figures: seen.map(({ alone, beside }) => beside.p99 / alone.p99),
    details: {
      p99AloneUs: median(seen.map(({ alone }) => alone.p99)),
      p99BesideUs: median(seen.map(({ beside }) => beside.p99)),
      p50BesideUs: median(seen.map(({ beside }) => beside.p50)),
    },
  };
}

async function measure([name, octets]: (typeof rows)[number], setting: Setting): Promise<Result[]> {
  const { names, runtimes, transport } = setting;
  const wanted = takingPart.filter((one) => names.includes(one));
  const measured: Measured[] = [];
  const failures: Failure[] = [];
  for (const entrant of lineUp(wanted, runtimes, { answer: "echo", transport })) {
    try {
      measured.push(await measureOne(entrant, octets, setting));
    } catch (error) {
      failures.push(failureOf(entrant, error));
    }
  }
  const unit = "p99 of an honest connection against its p99 alone";
  const inUs: Result = {
    topic: "fairness",
    name: `${name}, p99 in us`,
    unit,
    isAside: true,
    measured: measured.map((one) => ({ ...one, figures: [one.details!.p99BesideUs!] })),
    failures: [],
  };
  return [{ topic: "fairness", name, unit, measured, failures }, inUs];
}

export function fairnessJobs(): Job[] {
  return rows.map((row) => ({ topic: "fairness", name: row[0], run: (setting) => measure(row, setting) }));
}
