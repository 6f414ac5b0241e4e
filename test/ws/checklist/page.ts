// docs/ws-api.md: what is between its markers is written from the checklist, the rest by hand.

import { differences, type Entry, entries } from "./entries.ts";
import { internals } from "./internals.ts";

const titles = {
  export: "Exports, by name and on the class",
  server: "`WebSocketServer`",
  "server event": "Events of a server",
  "server option": "Options of a server",
  websocket: "`WebSocket`",
  event: "Events of a WebSocket",
  "client option": "Options of a client",
  "deflate option": "Options of `perMessageDeflate`",
  "send option": "Options of `send`",
  "error code": "Error codes",
} as const;

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

function row({ name, isPresent, isTyped, areas }: Entry): string {
  const yes = (is: boolean): string => (is ? "yes" : "**no**");
  return `| \`${name}\` | ${yes(isPresent)} | ${yes(isTyped)} | ${areas.join(", ") || "**none**"} |`;
}

function memberTables(): string {
  const all = entries();
  return (Object.keys(titles) as Entry["place"][])
    .map((place) => {
      const rows = all.filter((entry) => entry.place === place).map(row);
      return `### ${titles[place]}\n\n| name | present | typed | scenarios |\n|---|---|---|---|\n${rows.join("\n")}`;
    })
    .join("\n\n");
}

function differenceTable(): string {
  const rows = differences().map(([name, { reason, side }]) => `| ${cell(name)} | ${side} | ${cell(reason)} |`);
  if (rows.length === 0) return "None is known.";
  return `| where | ours as | reason |\n|---|---|---|\n${rows.join("\n")}`;
}

function internalTable(): string {
  const rows = internals().map(
    ({ name, usedBy, isPresent }) => `| ${name} | ${isPresent ? "yes" : "**no**"} | ${usedBy} |`,
  );
  return `| name | present | used by |\n|---|---|---|\n${rows.join("\n")}`;
}

/** The page with what is between its markers written anew. */
export function rewritten(page: string): string {
  const tables = { members: memberTables(), differences: differenceTable(), internals: internalTable() };
  return Object.entries(tables).reduce((text, [name, table]) => {
    const [begin, end] = [`<!-- ${name}: npm run ws:checklist -->`, `<!-- /${name} -->`];
    const [before, rest] = [text.indexOf(begin), text.indexOf(end)];
    if (before === -1 || rest < before) throw new Error(`docs/ws-api.md has no place for ${name}`);
    return `${text.slice(0, before + begin.length)}\n\n${table}\n\n${text.slice(rest)}`;
  }, page);
}
