// The chart: a group of bars a row, each a peer's figure against wsimd's, on a scale where doubling is always as wide. A bar to
// the right of the line costs more than wsimd, one to the left less. It follows the reader's choice of light or dark.

import { bars, type Group, groupOf } from "./chart-groups.ts";
import type { Result } from "./results.ts";
import { figureText } from "./table.ts";

const WIDTH = 880;
const LABELS_WIDTH = 316;
const PLOT_RIGHT = WIDTH - 60;
const TOP = 84;
const BAR = 10;
const TOPIC_HEIGHT = 26;
const ROW_GAP = 9;

const ROW_HEIGHT = bars.length * BAR + ROW_GAP;
/** Where the scale ends at most; what lies beyond ends there, and its value is written beside it. */
const LEAST = 1 / 16;
const GREATEST = 32;

const style = `
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .title { font-size: 16px; font-weight: 600 } .topic { font-weight: 600 }
  .small, .value { font-size: 11px; fill: #57606a } .value { font-size: 9px }
  .back { fill: #ffffff } .grid { stroke: #d0d7de; stroke-width: 1 } .one { stroke: #24292f; stroke-width: 1.5 }
  .ws { fill: #d9822b } .bun { fill: #8250df } .deno { fill: #2da0a8 } .floor { stroke: #cf222e; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .small, .value { fill: #9198a1 } .back { fill: #0d1117 }
    .grid { stroke: #30363d } .one { stroke: #e6edf3 }
    .ws { fill: #e39b54 } .bun { fill: #a98be8 } .deno { fill: #4fc3cb } .floor { stroke: #ff7b72 }
  }`;

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** From a ratio to where it lies across. */
type Scale = (ratio: number) => number;

function scaleOf(groups: readonly Group[]): { readonly x: Scale; readonly powers: readonly number[] } {
  const ratios = groups.flatMap((group) => [...group.ratios, group.floor]).filter((ratio) => ratio !== undefined);
  const within = (ratio: number): number => Math.min(Math.max(ratio, LEAST), GREATEST);
  const least = Math.floor(Math.log2(within(Math.min(0.5, ...ratios))));
  const greatest = Math.ceil(Math.log2(within(Math.max(2, ...ratios))));
  const unit = (PLOT_RIGHT - LABELS_WIDTH - 30) / (greatest - least);
  const powers = Array.from({ length: greatest - least + 1 }, (_, index) => least + index);
  return { x: (ratio) => LABELS_WIDTH + 30 + (Math.log2(within(ratio)) - least) * unit, powers };
}

function gridLines(x: Scale, powers: readonly number[], bottom: number): string[] {
  return powers.flatMap((power) => {
    const at = x(2 ** power).toFixed(1);
    const label = power < 0 ? `1/${2 ** -power}` : String(2 ** power);
    return [
      `<line class="${power === 0 ? "one" : "grid"}" x1="${at}" x2="${at}" y1="${TOP - 6}" y2="${bottom}"/>`,
      `<text class="small" x="${at}" y="${TOP - 12}" text-anchor="middle">${label}</text>`,
    ];
  });
}

function groupParts({ name, figure, ratios, floor }: Group, x: Scale, y: number): string[] {
  const middle = y + (bars.length * BAR) / 2 + 4;
  const parts = [
    `<text x="${LABELS_WIDTH - 70}" y="${middle}" text-anchor="end">${escaped(name)}</text>`,
    `<text class="small" x="${LABELS_WIDTH - 8}" y="${middle}" text-anchor="end">${figureText(figure)}</text>`,
  ];
  if (floor !== undefined) {
    const at = x(floor).toFixed(1);
    parts.push(`<line class="floor" x1="${at}" x2="${at}" y1="${y - 1}" y2="${y + bars.length * BAR}"/>`);
  }
  for (const [index, ratio] of ratios.entries()) {
    if (ratio === undefined) continue;
    const [from, to] = [Math.min(x(1), x(ratio)), Math.max(x(1), x(ratio))];
    const top = y + index * BAR;
    const [valueX, anchor] = ratio < 1 ? [from - 3, "end"] : [to + 3, "start"];
    parts.push(
      `<rect class="${bars[index]![1]}" x="${from.toFixed(1)}" y="${top}" width="${(to - from).toFixed(1)}" height="${BAR - 1}"/>`,
      `<text class="value" x="${valueX.toFixed(1)}" y="${top + BAR - 2}" text-anchor="${anchor}">${ratio.toFixed(ratio < 10 ? 2 : 0)}</text>`,
    );
  }
  return parts;
}

function legend(): string[] {
  const parts = bars.map(
    ([name, style], index) =>
      `<rect class="${style}" x="${WIDTH - 300 + index * 60}" y="18" width="10" height="10"/>` +
      `<text x="${WIDTH - 286 + index * 60}" y="27">${name}</text>`,
  );
  const x = WIDTH - 300 + bars.length * 60 + 4;
  return [
    ...parts,
    `<line class="floor" x1="${x}" x2="${x}" y1="17" y2="29"/><text x="${x + 8}" y="27">bare TCP</text>`,
  ];
}

/** One SVG of all rows in which wsimd took part and is judged. */
export function chart(results: readonly Result[], machine: string): string {
  const nodes = results.flatMap(({ measured }) => measured.map(({ runtime }) => runtime));
  const node = nodes.filter((label) => label.startsWith("Node")).at(-1) ?? "";
  const groups = results.map((result) => groupOf(result, node)).filter((group) => group !== null);
  const { x, powers } = scaleOf(groups);
  const body: string[] = [];
  let y = TOP;
  let topic = "";
  for (const group of groups) {
    if (group.topic !== topic) {
      topic = group.topic;
      const { unit } = results.find((result) => result.topic === topic)!;
      body.push(
        `<text x="16" y="${y + 16}"><tspan class="topic">${escaped(topic)}</tspan>` +
          `<tspan class="small" dx="8">${escaped(unit)}</tspan></text>`,
      );
      y += TOPIC_HEIGHT;
    }
    body.push(...groupParts(group, x, y));
    y += ROW_HEIGHT;
  }
  const height = y + 34;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>wsimd's server against ws, Bun and Deno</title>`,
    `<style>${style}\n</style>`,
    `<rect class="back" width="${WIDTH}" height="${height}" rx="6"/>`,
    `<text class="title" x="16" y="28">Times the cost of wsimd's server</text>`,
    `<text class="small" x="16" y="46">right of 1: the peer takes more than wsimd; left: less. Grey figures: wsimd's own</text>`,
    ...legend(),
    ...gridLines(x, powers, y),
    ...body,
    `<text class="small" x="16" y="${height - 12}">npm run bench:server; ${escaped(`wsimd and ws on ${node}; ${machine}`)}</text>`,
    "</svg>",
  ].join("\n")}\n`;
}
