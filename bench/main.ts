// `npm run bench`: the codec without sockets against its peers, as one table. See docs/bench.md.

import { writeFileSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { initSync } from "../bindings/index.ts";
import { currentKernel } from "../bindings/kernel/select.ts";
import { readArguments, refuse } from "./arguments.ts";
import { bufferUtilRows, utf8ValidateRows } from "./bufferutil.ts";
import { decodeRows } from "./decode.ts";
import { encodeRows, encodeStreamRows } from "./encode.ts";
import { encodeFrameRows } from "./encode-frame.ts";
import { maskRows } from "./mask.ts";
import { type Effort, measureRow, type Row } from "./measure.ts";
import { handicap } from "./peers.ts";
import { stringRows } from "./string.ts";
import { type Result, rowLine, summary, topicHeading } from "./table.ts";
import { inPlaceRows, utf8Rows } from "./utf8.ts";

const fullEffort: Effort = { rounds: 5, samples: 4, sampleSeconds: 0.012 };
const shortEffort: Effort = { rounds: 3, samples: 2, sampleSeconds: 0.006 };

const wanted = readArguments();
initSync({ kernel: wanted.kernel });
const kernel = currentKernel();

const rows: Row[] = [
  ...maskRows(kernel),
  ...bufferUtilRows(),
  ...utf8Rows(),
  ...utf8ValidateRows(),
  ...inPlaceRows(kernel),
  ...stringRows(kernel),
  ...decodeRows(),
  ...encodeRows(),
  ...encodeStreamRows(),
  ...encodeFrameRows(),
].filter(({ topic, name }) => `${topic} ${name}`.toLowerCase().includes(wanted.filter.toLowerCase()));

if (rows.length === 0) refuse(`no row is called ${wanted.filter}`);
if (wanted.list) {
  for (const { topic, name } of rows) console.log(`${topic} ${name}`);
  process.exit(0);
}

const effort = wanted.short ? shortEffort : fullEffort;
console.log(
  `wsimd, kernel ${kernel.name}; Node ${process.versions.node}, ${process.arch}; median of ${effort.rounds} rounds`,
);
console.log('"2.00x": wsimd takes half the time of that peer; "<": that peer is faster');
if (handicap() !== "") console.log(`NOT A FAIR RACE: ${handicap()}`);

const results: Result[] = [];
let topic = "";
for (const row of rows) {
  const timings = measureRow(row, effort);
  if (row.topic !== topic) console.log(topicHeading(row, timings));
  topic = row.topic;
  console.log(rowLine(row, timings));
  results.push({ row, timings });
  await setImmediate(); // what contestants left for the end of the tick is done outside the figures
}
console.log(summary(results));

if (wanted.json !== null) {
  const report = {
    kernel: kernel.name,
    node: process.versions.node,
    arch: process.arch,
    effort,
    rows: results.map(({ row, timings }) => ({ topic: row.topic, name: row.name, octets: row.octets, timings })),
  };
  writeFileSync(wanted.json, `${JSON.stringify(report, null, 2)}\n`);
}
