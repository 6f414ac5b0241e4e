// npm run conformance: runs the cases against subjects, or serves them to clients, and prints what came of them.

import { writeFileSync } from "node:fs";
import { MistakeError } from "../support/command-line.ts";
import { type Command, commandOf, help } from "./arguments.ts";
import { CaseServer } from "./case-server.ts";
import { describeCase } from "./describe.ts";
import { writeRecord } from "./files.ts";
import { countOutcomes, groupOf, groups, outcomeOf, recordOf, type SubjectRecord, shortenGroups } from "./report.ts";
import { runCases } from "./runner.ts";
import { subjects as known } from "./subjects/index.ts";
import type { Result } from "./trial.ts";

function printResult({ id, behavior, behaviorClose, detail }: Result): void {
  console.log(`  ${id}  ${behavior} / ${behaviorClose}: ${detail}`);
}

function printSummary(results: readonly Result[]): void {
  for (const group of groups) {
    const found = results.filter(({ id }) => groupOf(id) === group);
    if (found.length === 0) continue;
    const counts = Object.entries(countOutcomes(found)).filter(([, count]) => count !== 0);
    const seconds = found.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000;
    const words = counts.map(([outcome, count]) => `${count} ${outcome}`).join(", ");
    console.log(`  ${`${group}.*`.padEnd(5)} ${words}  (${seconds.toFixed(1)} s of connections)`);
  }
  const counts = countOutcomes(results);
  console.log(
    `  ${Object.entries(counts)
      .map(([outcome, count]) => `${count} ${outcome}`)
      .join(", ")}`,
  );
}

/** By group, since they come in groups. */
function printUnimplemented(results: readonly Result[]): void {
  const found = results.filter((result) => outcomeOf(result) === "UNIMPLEMENTED").map(({ id }) => id);
  if (found.length > 0) console.log(`  UNIMPLEMENTED: ${shortenGroups(found)}`);
}

const isNotable = (result: Result): boolean => outcomeOf(result) === "FAILED" || outcomeOf(result) === "NON-STRICT";

/** What ours may not be: not OK, or so late that the test side had to drop TCP. */
const isFault = (result: Result): boolean =>
  isNotable(result) || outcomeOf(result) === "UNIMPLEMENTED" || (result.gaveUp && outcomeOf(result) === "OK");

function writeJson(path: string | undefined, results: Readonly<Record<string, readonly Result[]>>): void {
  if (path !== undefined) writeFileSync(path, `${JSON.stringify(results, null, 2)}\n`);
}

async function run({
  subjects,
  cases,
  messages,
  patience,
  json,
  isRecording,
}: Command & { name: "run" }): Promise<void> {
  const all: Record<string, readonly Result[]> = {};
  const record: Record<string, SubjectRecord> = {};
  for (const { subject, isOurs } of subjects) {
    const { name, version, role } = subject;
    const compresses = cases.some(({ compression }) => compression !== null);
    const many = compresses ? `, ${messages} messages in each case of 12 and 13` : "";
    console.log(`${name} ${version} as ${role}${many}`);
    const results: Result[] = [];
    for await (const result of runCases(subject, cases, patience)) {
      results.push(result);
      if (isOurs ? isFault(result) : isNotable(result)) printResult(result);
    }
    printUnimplemented(results);
    printSummary(results);
    all[name] = results;
    record[name] = recordOf(subject, messages, new Map(results.map((result) => [result.id, result])));
    if (isOurs && results.some(isFault)) process.exitCode = 1;
  }
  writeJson(json, all);
  if (isRecording) {
    const names = Object.values(known).map(({ subject }) => subject.name);
    writeRecord(record, names);
  }
}

async function listen({ port, cases, patience, json }: Command & { name: "listen" }): Promise<void> {
  const all: Record<string, readonly Result[]> = {};
  const server = new CaseServer({
    cases,
    patience,
    finished: (agent, result) => {
      if (!isNotable(result)) return;
      console.log(`  ${agent}`);
      printResult(result);
    },
    reportWanted: (agent, results) => {
      console.log(agent);
      printUnimplemented(results);
      printSummary(results);
      all[agent] = results;
      writeJson(json, all);
    },
  });
  console.log(`${cases.length} cases at ${await server.listen(port)}/runCase?case=1&agent=NAME; Ctrl-C ends`);
}

try {
  const command = commandOf(process.argv.slice(2));
  if (command.name === "help") console.log(help);
  else if (command.name === "list")
    for (const found of command.cases) console.log(`${found.id}  ${describeCase(found)}`);
  else if (command.name === "listen") await listen(command);
  else await run(command);
} catch (error) {
  const isTheirs = error instanceof MistakeError || (error as NodeJS.ErrnoException).syscall !== undefined;
  if (!isTheirs) throw error;
  console.error(`conformance: ${(error as Error).message} (--help tells more)`);
  process.exitCode = 1;
}
