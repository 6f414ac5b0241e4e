// npm run bench:guard: has a message become dearer? Counts instructions, which other work on the machine does not change, and
// compares them with those in record.json. See docs/bench.md.

import { median } from "../median.ts";
import { readArguments, refuse } from "./arguments.ts";
import { countInstructions, valgrindVersion } from "./callgrind.ts";
import { entryOf, judge, MOST_TOLERANCE, platformName, readRecord, type Verdict, writeRecord } from "./record.ts";
import { nameOf, workloads } from "./workloads.ts";

const wanted = readArguments();
const chosen = workloads.filter((workload) => {
  const name = nameOf(workload).toLowerCase();
  return wanted.only.length === 0 || wanted.only.some((text) => name.includes(text.toLowerCase()));
});
if (chosen.length === 0) refuse(`no row's name holds ${wanted.only.join(" or ")}`);
if (wanted.list) {
  for (const workload of chosen) console.log(nameOf(workload));
  process.exit(0);
}

const valgrind = valgrindVersion();
if (valgrind === null)
  refuse("valgrind is not there: `apt-get install valgrind`. `npm run bench` needs nothing, and times");
const record = readRecord();
const platform = platformName();
const known = record[platform];
if (known === undefined && !wanted.record) {
  refuse(`nothing is recorded for ${platform}, only for ${Object.keys(record).join("; ")}. --record adds it`);
}

console.log(`instructions a message, in user space; Node ${process.versions.node}, ${process.arch}, ${valgrind}`);
if (known !== undefined && (known.node !== process.versions.node || known.valgrind !== valgrind)) {
  console.log(`(recorded with Node ${known.node}, ${known.valgrind}: a difference may be theirs)`);
}
console.log("".padEnd(42) + ["recorded", "now", "ratio", "tolerance"].map((cell) => cell.padStart(10)).join(""));

const counted = new Map<string, number[]>();
const verdicts: Verdict[] = [];

function print(name: string, blocks: readonly number[]): void {
  const now = median(blocks);
  const entry = known?.rows[name];
  const verdict = judge(entry, now);
  verdicts.push(verdict);
  const cells = [
    entry?.instructions.toFixed(0) ?? "-",
    now.toFixed(0),
    entry === undefined ? "-" : (now / entry.instructions).toFixed(3),
    entry === undefined ? "-" : `${(100 * entry.tolerance).toFixed(1)} %`,
  ];
  const line = name.padEnd(42) + cells.map((cell) => cell.padStart(10)).join("");
  console.log(wanted.record && entry === undefined ? line : `${line}  ${verdict}`);
}

const waiting = [...chosen];
async function work(): Promise<void> {
  for (let workload = waiting.shift(); workload !== undefined; workload = waiting.shift()) {
    const name = nameOf(workload);
    const blocks = await countInstructions(workload);
    counted.set(name, blocks);
    print(name, blocks);
  }
}
await Promise.all(Array.from({ length: wanted.jobs }, work));

if (wanted.record) {
  // In the order of the list, without rows that it no longer has; those not counted now stay as they were.
  const rows = Object.fromEntries(
    workloads.flatMap((workload) => {
      const name = nameOf(workload);
      const blocks = counted.get(name);
      const entry = blocks === undefined ? known?.rows[name] : entryOf(name, blocks);
      return entry === undefined ? [] : [[name, entry]];
    }),
  );
  writeRecord({ ...record, [platform]: { node: process.versions.node, valgrind, rows } });
  for (const [name, { tolerance }] of Object.entries(rows)) {
    if (tolerance > MOST_TOLERANCE) console.log(`${name} is not steady (${100 * tolerance} %): record it again`);
  }
  console.log(`recorded ${counted.size} rows for ${platform}`);
} else {
  const countOf = (verdict: Verdict): number => verdicts.filter((each) => each === verdict).length;
  if (countOf("cheaper") !== 0) console.log("cheaper rows: record them, or what they gained may be lost unseen");
  if (countOf("NOT RECORDED") !== 0) console.log("rows that are not recorded guard nothing: record them");
  console.log(`${countOf("DEARER")} dearer, ${countOf("cheaper")} cheaper, ${countOf("same")} the same`);
  process.exitCode = countOf("DEARER") + countOf("NOT RECORDED") === 0 ? 0 : 1;
}
