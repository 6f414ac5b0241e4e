// How results are printed: a heading a topic, a line a row, the lost rows again at the end.

import type { Row, Timing } from "./measure.ts";

const NAME_WIDTH = 34;
const SUBJECT_WIDTH = 12;
const PEER_WIDTH = 25;

/** Topics whose figures are GB/s; the others' are ns per frame. */
const inGigabytes: ReadonlySet<string> = new Set(["mask", "kernel mask", "utf8"]);

function figure(row: Row, ns: number): string {
  if (inGigabytes.has(row.topic)) return (row.octets / ns).toFixed(2);
  if (ns < 1000) return ns.toFixed(ns < 100 ? 1 : 0);
  return Math.round(ns).toLocaleString("en");
}

function ratioText({ ratio }: Timing): string {
  return `${ratio.toFixed(ratio < 10 ? 2 : 1)}x${ratio < 1 ? " <" : "  "}`;
}

/** The heading of a topic: whose columns follow, and their unit. */
export function topicHeading(row: Row, timings: readonly Timing[]): string {
  const [subject, ...peers] = timings;
  const unit = inGigabytes.has(row.topic) ? "GB/s" : "ns per frame";
  const columns = peers.map(({ name }) => name.padStart(PEER_WIDTH - 2).padEnd(PEER_WIDTH)).join("");
  return `\n${`${row.topic}, ${unit}`.padEnd(NAME_WIDTH)}${subject!.name.padStart(SUBJECT_WIDTH)}${columns}`.trimEnd();
}

/** The line of a row. */
export function rowLine(row: Row, timings: readonly Timing[]): string {
  const [subject, ...peers] = timings;
  const columns = peers.map((peer) => figure(row, peer.ns).padStart(PEER_WIDTH - 12) + ratioText(peer).padStart(12));
  return `${row.name.padEnd(NAME_WIDTH)}${figure(row, subject!.ns).padStart(SUBJECT_WIDTH)}${columns.join("")}`.trimEnd();
}

/** One measured row. */
export interface Result {
  readonly row: Row;
  readonly timings: readonly Timing[];
}

function lossLines({ row, timings }: Result): string[] {
  const [subject, ...peers] = timings;
  return peers
    .filter(({ ratio }) => ratio < 1)
    .map((peer) => {
      const ratios = peer.roundsNs.map((ns, round) => ns / subject!.roundsNs[round]!);
      const spread = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
      return `  ${`${row.topic}: ${row.name}`.padEnd(48)}${peer.name.padEnd(24)}${peer.ratio.toFixed(2)}x (${spread})`;
    });
}

/** The rows where a peer is faster, with the least and the greatest ratio of a round. */
export function summary(results: readonly Result[]): string {
  const lines = results.flatMap(lossLines);
  if (lines.length === 0) return "\nrows where a peer is faster: none";
  return [`\nrows where a peer is faster: ${lines.length}`, ...lines].join("\n");
}
