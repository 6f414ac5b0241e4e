// What a run has met: cases by kind and verdict, and disagreements with ws. The table at the end shows whether the corpus is
// worth its name: whether every violation that a frame can cause was reached.

import { violations } from "../../bindings/errors/violations.ts";
import { handshakeFaults } from "../../bindings/handshake/index.ts";
import { disagreements } from "./disagreements.ts";
import { type Kind, kinds } from "./generate.ts";

/** Counts by name; crosses threads as it is. */
export type Counts = Record<string, number>;

export interface Tally {
  caseCount: number;
  chunkCount: number;
  /** By kind and verdict: "mutated WS_CLOSE_CODE", "valid closed", "valid open". */
  readonly verdicts: Counts;
  /** Codes that a FrameDecoder gave. */
  readonly decoderCodes: Counts;
  readonly disagreements: Counts;
}

export function emptyTally(): Tally {
  return { caseCount: 0, chunkCount: 0, verdicts: {}, decoderCodes: {}, disagreements: {} };
}

export function add(counts: Counts, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

function rowOf(cells: readonly (string | number)[]): string {
  return cells.map((cell, column) => (column === 0 ? String(cell).padEnd(34) : String(cell).padStart(10))).join("");
}

/** Violations that no Connection and no FrameDecoder reported. */
export function unreached({ verdicts, decoderCodes }: Tally): string[] {
  const reached = new Set([...Object.keys(verdicts).map((name) => name.split(" ")[1]), ...Object.keys(decoderCodes)]);
  return violations.map(({ code }) => code).filter((code) => !reached.has(code));
}

/** Verdicts by kind, most frequent first. */
function verdictTable({ verdicts, decoderCodes }: Tally): string[] {
  const names = [...new Set(Object.keys(verdicts).map((name) => name.split(" ")[1]!))];
  const count = (kind: Kind, name: string): number => verdicts[`${kind} ${name}`] ?? 0;
  const sum = (name: string): number => kinds.reduce((total, kind) => total + count(kind, name), 0);
  names.sort((one, other) => sum(other) - sum(one));
  const decoderOnly = Object.keys(decoderCodes).filter((code) => code !== "" && !names.includes(code));
  return [
    rowOf(["verdict, in cases", ...kinds]),
    ...names.map((name) => rowOf([name, ...kinds.map((kind) => count(kind, name) || "")])),
    ...decoderOnly.map((code) => `${code.padEnd(34)}${decoderCodes[code]} cases, by FrameDecoder`),
  ];
}

/** What only a shell finds: it has the clock, and it follows redirections. */
const shellCodes: readonly string[] = ["WS_HANDSHAKE_TIMEOUT", "WS_HANDSHAKE_REDIRECT"];

/** The end of a run, in lines. */
export function reportLines(tally: Tally, only: Kind | undefined): string[] {
  const lines = [...verdictTable(tally), "", "disagreements with ws, in cases"];
  for (const { name } of disagreements) lines.push(`${String(tally.disagreements[name] ?? 0).padStart(10)}  ${name}`);
  lines.push("");
  const missing = only === "handshake" ? [] : unreached(tally);
  const reached = violations.length - missing.length;
  if (only !== "handshake")
    lines.push(
      missing.length === 0
        ? `all ${reached} violations that a frame can cause were reached`
        : `${reached} of ${violations.length} violations were reached; NOT REACHED: ${missing.join(", ")}`,
    );
  if (only === undefined || only === "handshake") {
    const codes = Object.keys(handshakeFaults).filter((code) => !shellCodes.includes(code));
    const missed = codes.filter((code) => tally.verdicts[`handshake ${code}`] === undefined);
    const rest = missed.length === 0 ? "" : `; not ${missed.join(", ")}`;
    lines.push(`${codes.length - missed.length} of ${codes.length} handshake codes were reached${rest}`);
  }
  return lines;
}
