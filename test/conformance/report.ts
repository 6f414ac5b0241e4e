// What is kept and shown of results: the record (results.json), the tables made of it, and the lines of a run. Lists of
// cases are written short: 6.4.1-4 are four.

import { cases } from "./cases/index.ts";
import type { Behavior, BehaviorClose, Verdict } from "./verdict.ts";
import type { Role } from "./wire.ts";

/** The verdicts on one subject. */
export interface SubjectRecord {
  readonly version: string;
  readonly role: Role;
  /** Of each case of 12.* and 13.*. */
  readonly messages: number;
  /** Cases by their two verdicts, "OK / OK". */
  readonly verdicts: Readonly<Record<string, string>>;
}

/** By the name of the subject. */
export type ResultRecord = Readonly<Record<string, SubjectRecord>>;

const ids = cases.map(({ id }) => id);

/** The group of a case: the number before its first dot. */
export const groupOf = (id: string): string => id.slice(0, id.indexOf("."));

export const groups: readonly string[] = [...new Set(ids.map(groupOf))];

const splitId = (id: string): readonly [group: string, number: number] => {
  const dot = id.lastIndexOf(".");
  return [id.slice(0, dot), Number(id.slice(dot + 1))];
};

/** Numbers of cases, neighbours drawn together: "6.4.1-4 7.9.2". */
export function shorten(found: readonly string[]): string {
  const ranges: { readonly group: string; readonly from: number; to: number }[] = [];
  for (const id of found) {
    const [group, number] = splitId(id);
    const range = ranges.at(-1);
    if (range?.group === group && range.to === number - 1) range.to = number;
    else ranges.push({ group, from: number, to: number });
  }
  return ranges.map(({ group, from, to }) => `${group}.${from}${to === from ? "" : `-${to}`}`).join(" ");
}

/** As `shorten`, with 12.* for all cases of that group; for readers alone. */
export function shortenGroups(found: readonly string[]): string {
  const isWhole = (group: string): boolean => ids.every((id) => groupOf(id) !== group || found.includes(id));
  const whole = groups.filter(isWhole).map((group) => `${group}.*`);
  const others = shorten(found.filter((id) => !isWhole(groupOf(id))));
  return [others, ...whole].filter((part) => part !== "").join(" ");
}

/** The numbers that `shorten` wrote. */
export function expand(short: string): string[] {
  return short.split(" ").flatMap((range) => {
    const [first, lastNumber] = range.split("-");
    const [group, from] = splitId(first!);
    const to = Number(lastNumber ?? from);
    return Array.from({ length: to - from + 1 }, (_, index) => `${group}.${from + index}`);
  });
}

const pairOf = ({ behavior, behaviorClose }: Verdict): string => `${behavior} / ${behaviorClose}`;

/** The cases of a record, each with its two verdicts. */
export function verdictsOf({ verdicts }: SubjectRecord): Map<string, Verdict> {
  const found = new Map<string, Verdict>();
  for (const [pair, short] of Object.entries(verdicts)) {
    const [behavior, behaviorClose] = pair.split(" / ") as [Behavior, BehaviorClose];
    for (const id of expand(short)) found.set(id, { behavior, behaviorClose });
  }
  return found;
}

/** A record of verdicts; the order of cases is that of their numbers, whatever order they came in. */
export function recordOf(
  subject: Pick<SubjectRecord, "version" | "role">,
  messages: number,
  verdicts: ReadonlyMap<string, Verdict>,
): SubjectRecord {
  const byPair: Record<string, string[]> = {};
  for (const id of ids) {
    const verdict = verdicts.get(id);
    if (verdict === undefined) continue;
    const pair = pairOf(verdict);
    byPair[pair] = [...(byPair[pair] ?? []), id];
  }
  const pairs = Object.entries(byPair).sort(([a], [b]) => (a < b ? 1 : -1)); // OK first
  const { version, role } = subject;
  return {
    version,
    role,
    messages,
    verdicts: Object.fromEntries(pairs.map(([pair, found]) => [pair, shorten(found)])),
  };
}

/** The record as it stands in the file. */
export function serializeRecord(record: ResultRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}

// Tables. A case counts as the worse of its two verdicts: as the one on what came, unless the one on the close is a failure.

export type Outcome = Behavior;
const outcomes: readonly Outcome[] = ["OK", "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED", "FAILED"];

/** What a case counts as. */
export function outcomeOf({ behavior, behaviorClose }: Verdict): Outcome {
  return behaviorClose === "OK" || behaviorClose === "INFORMATIONAL" ? behavior : "FAILED";
}

/** How many of some cases count as what. */
export function countOutcomes(verdicts: Iterable<Verdict>): Record<Outcome, number> {
  const counts: Record<Outcome, number> = { OK: 0, "NON-STRICT": 0, INFORMATIONAL: 0, UNIMPLEMENTED: 0, FAILED: 0 };
  for (const verdict of verdicts) counts[outcomeOf(verdict)]++;
  return counts;
}

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;

function table(heads: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return `${[row(heads), row(heads.map(() => "---")), ...rows.map(row)].join("\n")}\n`;
}

/** The cases that count as `outcome`, with the verdict on the close where that is what failed. */
function notable(verdicts: ReadonlyMap<string, Verdict>): string {
  const byWord = new Map<string, string[]>();
  for (const id of ids) {
    const verdict = verdicts.get(id);
    if (verdict === undefined || ["OK", "INFORMATIONAL"].includes(outcomeOf(verdict))) continue;
    const { behavior, behaviorClose } = verdict;
    const isOnlyClose = behavior !== "FAILED" && behaviorClose !== "OK" && behaviorClose !== "FAILED";
    const word = isOnlyClose ? behaviorClose : outcomeOf(verdict);
    byWord.set(word, [...(byWord.get(word) ?? []), id]);
  }
  return [...byWord].map(([word, found]) => `${word}: ${shortenGroups(found)}`).join("; ");
}

/** One row a subject: how many cases count as what, with how many messages in 12.* and 13.*, and which are not OK. */
export function summaryTable(record: ResultRecord): string {
  const rows = Object.entries(record).map(([name, subject]) => {
    const verdicts = verdictsOf(subject);
    const counts = countOutcomes(verdicts.values());
    const numbers = outcomes.map((outcome) => counts[outcome]);
    return [name, subject.version, subject.role, ...numbers, subject.messages, notable(verdicts)];
  });
  return table(["subject", "version", "role", ...outcomes, "messages", "not OK"], rows);
}

/** One row a group of cases, one column a subject: how many are OK, of how many that have a right outcome. */
export function groupTable(record: ResultRecord): string {
  const rows = groups.map((group) => [
    `${group}.*`,
    ...Object.values(record).map((subject) => {
      const found = [...verdictsOf(subject)].filter(([id]) => groupOf(id) === group).map(([, verdict]) => verdict);
      const counts = countOutcomes(found);
      return `${counts.OK} of ${found.length - counts.INFORMATIONAL}`;
    }),
  ]);
  return table(["cases", ...Object.keys(record)], rows);
}

/** Which cases caught a deliberate fault, in each role; by the fault's name. */
export type FaultRecord = Readonly<Record<string, Readonly<Record<Role, string>>>>;

/** Ranges of cases that one cell of a table shows. */
const SHOWN_RANGES = 10;

/** A list of cases for a cell: long ones are cut, and counted. */
function cell(short: string): string {
  const ranges = short === "" ? [] : short.split(" ");
  if (ranges.length === 0) return "none";
  if (ranges.length <= SHOWN_RANGES) return short;
  return `${ranges.slice(0, SHOWN_RANGES).join(" ")} … (${expand(short).length} cases)`;
}

/** One row a fault: the cases that caught it. */
export function faultTable(record: FaultRecord): string {
  const rows = Object.entries(record).map(([name, { server, client }]) => [name, cell(server), cell(client)]);
  return table(["what is broken", "server cases that caught it", "client cases that caught it"], rows);
}

const marked = (name: string): RegExp => new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(<!-- end -->)`);

/** A page with its tables written anew, each between `<!-- its name -->` and `<!-- end -->`. */
export function withTables(page: string, record: ResultRecord, faults: FaultRecord): string {
  const tables = { summary: summaryTable(record), groups: groupTable(record), faults: faultTable(faults) };
  return Object.entries(tables).reduce(
    (text, [name, markdown]) => text.replace(marked(name), (_, before, after) => `${before}\n${markdown}\n${after}`),
    page,
  );
}
