// The table of disagreements as README.md shows it, between its markers.
//
//   node build/test/fuzz/page.js   writes it

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { packageRoot } from "../support/programs.ts";
import { type Disagreement, disagreements } from "./disagreements.ts";
import { plainCase } from "./stream-case.ts";

const pagePath = join(packageRoot, "test/fuzz/README.md");
const marked = /(<!-- disagreements -->\n)[\s\S]*(\n<!-- \/disagreements -->)/;

/** "82 7f …, read by a client, maxMessageLength 2^40", as a reader can try it. */
function exampleOf({ example, says }: Disagreement): string {
  const { role = plainCase.role, ...rest } = example.settings ?? {};
  const settings = Object.entries(rest).map(([name, value]) =>
    name === "cuts" ? `cut at ${(value as number[]).join(", ")}` : `\`${name}\` ${value}`,
  );
  const said = (words: string): string => (words === "" ? "nothing" : `\`${words.trim()}\``);
  const conditions = [`at a ${role}`, ...settings].join(", ");
  return `\`${example.hex}\` ${conditions}: wsimd says ${said(says.wsimd)}, ws ${said(says.ws)}`;
}

function table(): string {
  const lines = disagreements.map((row) =>
    [row.name, `${row.wsimd}`, `${row.ws}`, row.right, row.reason, exampleOf(row)].map((cell) =>
      cell.replaceAll("|", "\\|"),
    ),
  );
  const rows = [["what", "wsimd", "ws", "right", "why", "smallest example"], Array(6).fill("---"), ...lines];
  return rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

export function pageText(): string {
  return readFileSync(pagePath, "utf8");
}

/** The page as disagreements.ts has it. */
export function renderedPage(page: string): string {
  return page.replace(marked, (_, before, after) => `${before}\n${table()}\n${after}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) writeFileSync(pagePath, renderedPage(pageText()));
