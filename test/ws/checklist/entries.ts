// The checklist: for each documented name of ws, whether ours has it, declares it, and which scenarios look at it.

import { areas } from "../areas.ts";
import { type Member, members } from "../members.ts";
import type { Difference, Scenario } from "../scenario.ts";
import { isDeclared, type Place } from "./declared.ts";
import { isPresent } from "./reflected.ts";

export interface Entry {
  readonly place: Place;
  readonly name: string;
  readonly isPresent: boolean;
  readonly isTyped: boolean;
  /** The areas of the scenarios that say that they cover it. */
  readonly areas: readonly string[];
}

interface Listed {
  readonly area: string;
  readonly name: string;
  readonly scenario: Scenario;
}

const scenarios: readonly Listed[] = Object.entries(areas).flatMap(([area, files]) =>
  Object.values(files).flatMap((file) => Object.entries(file).map(([name, scenario]) => ({ area, name, scenario }))),
);

const areasWhere = (holds: (scenario: Scenario) => boolean): string[] => [
  ...new Set(scenarios.filter(({ scenario }) => holds(scenario)).map(({ area }) => area)),
];

/** Names of the documentation that say more, or other, than a place and a name. */
const special: Partial<Record<Member, readonly (readonly [Place, string])[]>> = {
  "new WebSocketServer": [
    ["export", "WebSocketServer"],
    ["export", "Server"],
  ],
  "new WebSocket": [["export", "WebSocket"]],
  "ready state constants": (["CONNECTING", "OPEN", "CLOSING", "CLOSED"] as const).map((name) => ["websocket", name]),
  "IPC connections": [],
  internals: [],
};

/** Where a member is looked for, and under which name; "option x" is of both roles. */
function locations(member: Member): readonly (readonly [Place, string])[] {
  const known = special[member];
  if (known !== undefined) return known;
  const name = /[\w-]+$/.exec(member)![0];
  const head = member.slice(0, -name.length).replace(/[ .]$/, "");
  if (head === "option") {
    return [
      ["server option", name],
      ["client option", name],
    ];
  }
  if (head !== "") return [[head as Place, name]];
  return [[name.startsWith("WS_ERR_") ? "error code" : "export", name]];
}

const parts = {
  "deflate option": {
    of: "option perMessageDeflate",
    names: `clientMaxWindowBits clientNoContextTakeover concurrencyLimit serverMaxWindowBits serverNoContextTakeover
      threshold zlibDeflateOptions zlibInflateOptions`.split(/\s+/),
  },
  "send option": { of: "websocket.send", names: ["binary", "compress", "fin", "mask"] },
} as const;

/** Members of members, which have no heading: covered where a scenario of the member's uses the word. */
function partEntries(): Entry[] {
  return (Object.keys(parts) as (keyof typeof parts)[]).flatMap((place) =>
    parts[place].names.map((name) => {
      const isOf = ({ covers, run }: Scenario) => covers.includes(parts[place].of) && String(run).includes(name);
      return {
        place,
        name,
        isPresent: isPresent(place, name),
        isTyped: isDeclared(place, name),
        areas: areasWhere(isOf),
      };
    }),
  );
}

/** The whole list, in the documentation's order. */
export function entries(): Entry[] {
  const documented = members.flatMap((member) =>
    locations(member).map(([place, name]) => ({
      place,
      name,
      isPresent: isPresent(place, name),
      isTyped: isDeclared(place, name),
      areas: areasWhere(({ covers }) => covers.includes(member)),
    })),
  );
  return [...documented, ...partEntries()];
}

/** Where ours knowingly answers otherwise, by scenario. */
export function differences(): readonly (readonly [scenario: string, difference: Difference])[] {
  return scenarios.flatMap(({ name, scenario }) =>
    (scenario.differs ?? []).map((difference) => [name, difference] as const),
  );
}
