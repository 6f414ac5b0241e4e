// The loop of `npm run fuzz`, for a while and from a fixed seed: it finds nothing, and it reaches what it should. And its
// command line.

import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { violations } from "../../bindings/errors/violations.ts";
import { MistakeError } from "../support/command-line.ts";
import { Program } from "../support/programs.ts";
import { commandOf } from "./arguments.ts";
import { disagreements } from "./disagreements.ts";
import { kindOf, kinds, seedOf, streamCaseOf } from "./generate.ts";
import { runCase } from "./loop.ts";
import { shrink } from "./shrink.ts";
import { everyOctet, plainCase } from "./stream-case.ts";
import { add, type Counts, emptyTally, reportLines, type Tally, unreached } from "./tally.ts";

const RUN_SEED = 6455;
const CASE_COUNT = 2000;

const loop = suite("the fuzzing loop");
const tally = emptyTally();

loop(`finds nothing in ${CASE_COUNT} cases`, () => {
  for (let index = 0; index < CASE_COUNT; index++) {
    const seed = seedOf(RUN_SEED, index, undefined);
    assert.is(runCase(seed, index & 3, tally), "", `npm run fuzz -- --case ${seed}`);
  }
  assert.is(tally.caseCount, CASE_COUNT);
});

loop("reaches every violation that a frame can cause, and every kind of end", () => {
  assert.equal(unreached(tally), []);
  for (const verdict of ["valid open", "valid closed", "mutated closed", "arbitrary open", "handshake accepted"])
    assert.ok(tally.verdicts[verdict]! > 5, verdict);
});

loop("meets most disagreements with ws", () => {
  const met = disagreements.filter(({ name }) => tally.disagreements[name] !== undefined);
  assert.ok(met.length >= disagreements.length - 2, met.map(({ name }) => name).join(", "));
});

loop("says what it did not reach", () => {
  const poor: Tally = { ...emptyTally(), verdicts: { "valid open": 3, "mutated WS_CLOSE_CODE": 1 } };
  const report = reportLines(poor, undefined).join("\n");
  assert.match(report, `1 of ${violations.length} violations were reached; NOT REACHED: WS_RESERVED_BIT`);
  assert.match(reportLines(tally, undefined).join("\n"), `all ${violations.length} violations`);
});

loop("makes the same case of the same seed, and cases of every kind", () => {
  const counts: Counts = {};
  for (let index = 0; index < 500; index++) {
    const seed = seedOf(1, index, undefined);
    add(counts, kindOf(seed));
    if (kindOf(seed) !== "handshake") assert.equal(streamCaseOf(seed), streamCaseOf(seed));
  }
  for (const kind of kinds) assert.ok(counts[kind]! > 60, `${kind}: ${counts[kind]}`);
  for (const kind of kinds) for (let index = 0; index < 50; index++) assert.is(kindOf(seedOf(2, index, kind)), kind);
});

loop("cuts a failing case down to what makes it fail", () => {
  const stream = Uint8Array.from({ length: 300 }, (_, at) => at & 127);
  const given = { ...plainCase, stream, cuts: everyOctet(300), actions: ["pause", "send"] as const, exact: true };
  const fails = ({ stream: octets }: typeof plainCase): boolean => octets.includes(77) && octets.includes(5);
  const smallest = shrink(given, fails);
  assert.equal(smallest, { ...plainCase, stream: smallest.stream });
  assert.equal([...smallest.stream].sort(), [5, 77]);
});

loop.run();

const command = suite("npm run fuzz");
const mainPath = fileURLToPath(new URL("./main.js", import.meta.url));

/** Runs it to its end. */
async function runMain(...words: readonly string[]): Promise<{ exitCode: number | string; text: string }> {
  const program = new Program(process.execPath, [mainPath, ...words]);
  const exitCode = await program.ended;
  return { exitCode, text: program.stdout + program.stderr };
}

command("runs for as many chunks as it is told, and prints what it reached", async () => {
  const { exitCode, text } = await runMain("--chunks", "20000", "--seed", "6455");
  assert.is(exitCode, 0, text);
  assert.match(text, /^seed 6455\n/);
  assert.match(text, /disagreements with ws, in cases/);
});

command("runs for as long as it is told, on one kind of case, from a seed that it prints", async () => {
  const { exitCode, text } = await runMain("--seconds", "1", "--only", "handshake");
  assert.is(exitCode, 0, text);
  assert.match(text, /^seed \d+, only handshake\n/);
});

command("runs one case again, with what each said", async () => {
  const { exitCode, text } = await runMain("--case", "2243209447");
  assert.is(exitCode, 0, text);
  for (const words of [
    "Connection, scalar",
    "FrameDecoder, wasm debug",
    "reference decoder",
    "ws:",
    "nothing is wrong",
  ])
    assert.match(text, words);
});

command("takes numbers and kinds, and says what it does not take", () => {
  assert.equal(commandOf([]), { name: "run", seconds: 60, chunks: Infinity, seed: undefined, only: undefined });
  assert.is((commandOf(["--chunks", "10"]) as { seconds: number }).seconds, Infinity);
  assert.equal(commandOf(["--help"]), { name: "help" });
  for (const words of [
    ["--seconds", "-1"],
    ["--seed", "x"],
    ["--only", "any"],
    ["--case", "1", "--seed", "2"],
    ["more"],
  ])
    assert.throws(
      () => commandOf(words),
      (error: unknown) => error instanceof MistakeError,
      words.join(" "),
    );
});

command.run();
