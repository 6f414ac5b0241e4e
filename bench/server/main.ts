// npm run bench:server: wsimd's server over loopback, against its peers, as a table, JSON and a chart. See docs/bench.md.

import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { MistakeError } from "../../test/support/command-line.ts";
import { type Effort, fullEffort, pinLoad } from "../processes.ts";
import { type Arguments, help, readArguments, refuse } from "./arguments.ts";
import { makeCertificate } from "./certificate.ts";
import { chart } from "./chart.ts";
import { applications, names, namesOn } from "./contestants.ts";
import { busyLine, machine, machineLine } from "./machine.ts";
import type { Result } from "./results.ts";
import { Running } from "./running.ts";
import { findRuntimes } from "./runtimes.ts";
import { lossLines, ratioLines, remarks, rowLines, topicHeading } from "./table.ts";
import { type Job, jobsOf, type Setting } from "./topics.ts";

const shortEffort: Effort = { rounds: 3, settleMs: 70, warmUpMs: 15, windowMs: 85 };

/** What the short form leaves out. */
const leftOut: readonly string[] = [
  "wsimd on Bun",
  "wsimd on Deno",
  "ws on Bun",
  "ws on Deno",
  "tcp",
  "wsimd level 6",
  "ws level 2",
];

function wantedArguments(): Arguments {
  try {
    return readArguments(process.argv.slice(2));
  } catch (error) {
    if (error instanceof MistakeError) return refuse(error.message);
    throw error;
  }
}

function namesOf({ on, registered, short }: Arguments): readonly string[] {
  if (on !== null) return namesOn(on);
  if (registered) return applications;
  return short ? names.filter((name) => !leftOut.includes(name)) : names;
}

function settingOf(wanted: Arguments): Setting {
  const { short, nodes, newest, transport } = wanted;
  return {
    effort: short ? shortEffort : fullEffort,
    isShort: short,
    names: namesOf(wanted),
    runtimes: findRuntimes(nodes, newest),
    running: new Running(short),
    transport,
    certificate: makeCertificate(),
  };
}

async function runAll(jobs: readonly Job[], setting: Setting): Promise<[Result[], number]> {
  const results: Result[] = [];
  let heading = "";
  let failedCount = 0;
  for (const job of jobs) {
    try {
      for (const result of await job.run(setting)) {
        const itsHeading = topicHeading(result);
        if (itsHeading !== heading) console.log(itsHeading);
        heading = itsHeading;
        console.log([rowLines(result), ...remarks(result)].join("\n"));
        failedCount += result.failures.length;
        results.push(result);
      }
    } catch (error) {
      failedCount++;
      console.log(`${job.topic} ${job.name} FAILED: ${(error as Error).message}`);
    }
  }
  return [results, failedCount];
}

const wanted = wantedArguments();
if (wanted.help) {
  console.log(help);
  process.exit(0);
}
const jobs = jobsOf(wanted);
if (jobs.length === 0) refuse(`nothing is called ${wanted.only.join(" ")}`);
if (wanted.list) {
  for (const { topic, name } of jobs) console.log(`${topic} ${name}`);
  process.exit(0);
}
if (process.platform !== "linux") refuse("needs Linux: it reads what /proc counts");
if (cpus().length < 2) refuse("needs two processors: one for the server, one for the load");
if (!pinLoad()) refuse("needs taskset, of util-linux");

const began = performance.now();
const setting = settingOf(wanted);
const where = machine();
console.log(`wsimd's server over loopback; ${setting.runtimes.map(({ label }) => label).join(", ")}`);
console.log(`${machineLine(where)}; ${setting.effort.rounds} rounds, medians; less is better`);
if (busyLine(where) !== "") console.log(busyLine(where));
const [results, failedCount] = await runAll(jobs, setting);
console.log(ratioLines(results));
console.log(lossLines(results));

const runtimes = setting.runtimes.map(({ label }) => label);
writeFileSync(
  wanted.json,
  `${JSON.stringify({ machine: where, runtimes, effort: setting.effort, results }, null, 2)}\n`,
);
writeFileSync(wanted.svg, chart(results, machineLine(where)));
console.log(
  `\n${wanted.json} has every round, ${wanted.svg} the chart; ${Math.round((performance.now() - began) / 1000)} s`,
);
process.exit(failedCount === 0 ? 0 : 1);
