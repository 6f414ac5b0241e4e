// How results are printed: figures as they come, then ratios, then the rows where a peer is better.

import { median } from "../median.ts";
import { columnsOf } from "./contestants.ts";
import { type Comparison, comparisons, losses, type Measured, type Result } from "./results.ts";

const NAME_WIDTH = 36;
const CELL_WIDTH = 9;

/** A figure with three digits that count. */
export function figureText(figure: number): string {
  if (figure >= 10_000) return Math.round(figure).toLocaleString("en");
  if (figure >= 100) return figure.toFixed(0);
  return figure.toFixed(figure >= 10 ? 1 : figure >= 1 ? 2 : 3);
}

/** A column's title in two lines: a name's first word, and the rest. */
function headingOf(name: string): readonly [string, string] {
  const [first, ...rest] = name.split(" ");
  return [first!, rest.join(" ")];
}

const isCurve = ({ topic }: Result): boolean => topic.startsWith("curves");

/** The heading of a topic; `unit` is of all its rows. */
export function topicHeading(result: Result): string {
  const { topic, unit } = result;
  if (isCurve(result)) return `\n${topic}; ${unit}`;
  const headings = columnsOf(result).map(headingOf);
  const line = (title: string, part: 0 | 1): string =>
    (title.padEnd(NAME_WIDTH) + headings.map((heading) => heading[part].padStart(CELL_WIDTH)).join("")).trimEnd();
  return `\n${topic}, ${unit}\n${line("", 0)}\n${line("", 1)}`;
}

function curveLine({ name, measured }: Result): string {
  const cells = measured.map(
    ({ runtime, figures, details }) =>
      `${figureText(median(figures)).padStart(CELL_WIDTH)}${figureText(details!.nsOfUnit!).padStart(CELL_WIDTH)}  ${runtime.split(".")[0]}`,
  );
  return name.padEnd(NAME_WIDTH + 12) + cells.join("");
}

/** The lines of a row: one for each Node, the first of which has the other runtimes' figures as well. */
export function rowLines(result: Result): string {
  if (isCurve(result)) return curveLine(result);
  const nodes = [...new Set(result.measured.map(({ runtime }) => runtime).filter((label) => label.startsWith("Node")))];
  return (nodes.length === 0 ? [""] : nodes)
    .map((node, index) => {
      const figureOf = (name: string): string => {
        const found = result.measured.find(
          (one) => one.name === name && (one.runtime === node || (index === 0 && !one.runtime.startsWith("Node"))),
        );
        return (found === undefined ? "" : figureText(median(found.figures))).padStart(CELL_WIDTH);
      };
      const name = index === 0 ? result.name : "";
      const label = nodes.length === 1 ? name : `${name.padEnd(NAME_WIDTH - 9)}${node.split(".")[0]}`;
      return (label.padEnd(NAME_WIDTH) + columnsOf(result).map(figureOf).join("")).trimEnd();
    })
    .join("\n");
}

/** What there is to say of a row besides its figures. */
export function remarks({ note, failures }: Result): string[] {
  const lines = failures.map(({ name, runtime, reason }) => `  ${name} on ${runtime} FAILED: ${reason}`);
  return note === undefined ? lines : [`  (${note})`, ...lines];
}

const who = ({ name, runtime }: Measured, many: boolean): string => (many ? `${name}, ${runtime.split(".")[0]}` : name);

/** Ratios of ours to their rivals, a line a row. */
export function ratioLines(results: readonly Result[]): string {
  const all = results.flatMap(comparisons);
  const many = new Set(all.map(({ ours }) => ours.runtime).filter((label) => label.startsWith("Node"))).size > 1;
  const title = ({ ours, rival }: Comparison): string => `${who(ours, many)} / ${rival.name}`;
  const titles = [...new Set(all.map(title))];
  if (titles.length === 0) return "";
  const lines = [
    "\nratios: below 1.00 wsimd takes less; ~: message rates further apart than 0.8",
    ...titles.map((name, index) => `  [${index + 1}] ${name}`),
    "".padEnd(NAME_WIDTH) + titles.map((_, index) => `[${index + 1}]`.padStart(8)).join(""),
  ];
  let topic = "";
  for (const result of results) {
    const found = new Map(comparisons(result).map((comparison) => [title(comparison), comparison]));
    if (found.size === 0) continue;
    if (result.topic !== topic) lines.push(result.topic);
    topic = result.topic;
    const cell = (name: string): string => {
      const comparison = found.get(name);
      if (comparison === undefined) return "".padStart(8);
      return `${comparison.ratio.toFixed(2)}${comparison.ratesDiffer ? "~" : " "}`.padStart(8);
    };
    lines.push(`  ${result.name}`.padEnd(NAME_WIDTH) + titles.map(cell).join("").trimEnd());
  }
  return lines.join("\n");
}

/** The rows where a peer is better, with the least and the greatest ratio of a round. */
export function lossLines(results: readonly Result[]): string {
  const lost = losses(results);
  if (lost.length === 0) return "\nrows where a peer is faster: none";
  const lines = lost.map(({ result, ours, rival, ratio, spread: [least, greatest], ratesDiffer }) => {
    const row = `${result.topic}: ${result.name}`.padEnd(46);
    const pair = `${who(ours, true)} / ${rival.name}`.padEnd(32);
    return `  ${row}${pair}${ratio.toFixed(2)} (${least.toFixed(2)} to ${greatest.toFixed(2)})${ratesDiffer ? " ~" : ""}`;
  });
  return [`\nrows where a peer is faster: ${lost.length}`, ...lines].join("\n");
}
