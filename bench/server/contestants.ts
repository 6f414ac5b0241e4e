// Who takes part, as a table: each is a program of programs/ on a runtime, told what to do. docs/bench.md has their settings.

import { fileURLToPath } from "node:url";
import type { Echoing } from "../load.ts";
import type { Command } from "../subject.ts";
import type { Result } from "./results.ts";
import type { Runtime } from "./runtimes.ts";

/** What a message does at the server. */
export type Answer = "echo" | "await" | "publish";

/** How a server compresses; what is left out it chooses for itself. */
export interface Compression {
  /** Whether messages may refer to earlier ones, both ways. */
  readonly takeover: boolean;
  /** zlib's, of what is sent and, the first, of what is received. */
  readonly windowBits?: number;
  readonly memLevel?: number;
}

export interface Task {
  readonly answer: Answer;
  /** A certificate and its key, as PEM: over TLS. */
  readonly tls?: { readonly cert: string; readonly key: string } | null;
  /** wsimd's transport, where it has a choice. */
  readonly transport?: string | null;
  /** permessage-deflate, every message of it; null for none. */
  readonly deflate?: Compression | null;
  /** What Node is started with. */
  readonly nodeFlags?: readonly string[];
}

export interface Entrant {
  readonly name: string;
  readonly runtime: string;
  readonly command: Command;
  readonly echoing: Echoing;
}

interface Kind {
  readonly name: string;
  readonly on: Runtime["kind"];
  readonly program: string;
  readonly settings?: Readonly<Record<string, string | number>>;
  /** A floor, not a rival: no WebSocket. */
  readonly isBare?: true;
  /** Takes part where messages are compressed, and only there. */
  readonly isDeflating?: true;
  /** A program of ws, unmodified, with wsimd/register: takes part where the two are compared, and only there. */
  readonly isRegistered?: true;
}

const kinds: readonly Kind[] = [
  { name: "wsimd", on: "node", program: "wsimd" },
  { name: "wsimd bytes", on: "node", program: "wsimd", settings: { text: "bytes" } },
  { name: "wsimd level 6", on: "node", program: "wsimd", settings: { level: 6 }, isDeflating: true },
  { name: "ws", on: "node", program: "ws" },
  { name: "ws level 2", on: "node", program: "ws", settings: { level: 2 }, isDeflating: true },
  { name: "ws bytes", on: "node", program: "ws", settings: { text: "bytes" } },
  { name: "ws registered", on: "node", program: "ws", isRegistered: true },
  { name: "ws registered bytes", on: "node", program: "ws", settings: { text: "bytes" }, isRegistered: true },
  {
    name: "ws registered level 2",
    on: "node",
    program: "ws",
    settings: { level: 2 },
    isRegistered: true,
    isDeflating: true,
  },
  { name: "Bun", on: "bun", program: "bun" },
  { name: "Deno", on: "deno", program: "deno" },
  { name: "wsimd on Bun", on: "bun", program: "wsimd" },
  { name: "wsimd on Deno", on: "deno", program: "wsimd" },
  { name: "ws on Bun", on: "bun", program: "ws" },
  { name: "ws on Deno", on: "deno", program: "ws" },
  { name: "tcp", on: "node", program: "tcp", isBare: true },
  { name: "tcp onread", on: "node", program: "tcp", settings: { reader: "onread" }, isBare: true },
];

const kindOf = (name: string): Kind => kinds.find((kind) => kind.name === name)!;

export const names: readonly string[] = kinds.filter(({ isRegistered }) => !isRegistered).map(({ name }) => name);

/** Those that run on a runtime. */
export const namesOn = (on: Runtime["kind"]): readonly string[] =>
  kinds.filter((kind) => kind.on === on).map(({ name }) => name);

/** A server of ws as it is, and with wsimd/register. */
export const applications: readonly string[] = [
  "ws",
  "ws registered",
  "ws bytes",
  "ws registered bytes",
  "ws registered level 2",
];

/** Who compresses: both servers with their own level of zlib's, 2 and 6, and with the other's. */
export const deflating: readonly string[] = [
  "wsimd",
  "ws",
  "wsimd level 6",
  "ws level 2",
  "ws registered",
  "ws registered level 2",
];

/** Whose figures a topic has, by who was measured. */
export function columnsOf({ topic, measured }: Result): readonly string[] {
  const among = measured.some(({ name }) => kindOf(name).isRegistered) ? applications : names;
  // Which levels do not change.
  if (topic === "deflate, memory") return ["wsimd", "ws", "ws registered"].filter((name) => among.includes(name));
  return topic.startsWith("deflate")
    ? deflating.filter((name) => among.includes(name))
    : among.filter((name) => !kindOf(name).isDeflating);
}

const start: Readonly<Record<Exclude<Runtime["kind"], "node">, readonly string[]>> = {
  bun: [],
  deno: ["run", "-A", "--quiet", "--no-config"],
};

/** What Node is started with to replace ws. */
const register: readonly string[] = ["--import", new URL("../../../dist/esm/register.js", import.meta.url).href];

function programOf({ program }: Kind): string {
  return fileURLToPath(new URL(`../../../bench/server/programs/${program}.mjs`, import.meta.url));
}

/** Those of `wanted` on every runtime that they run on, in the table's order; bare ones only where they could answer. */
export function lineUp(wanted: readonly string[], runtimes: readonly Runtime[], task: Task): Entrant[] {
  const { answer, tls = null, transport = null, deflate = null, nodeFlags = [] } = task;
  return kinds
    .filter(({ name }) => wanted.includes(name))
    .filter(({ isDeflating }) => !isDeflating || deflate !== null)
    .filter(({ isBare, name }) => !isBare || (answer === "echo" && (tls === null || name === "tcp")))
    .flatMap((kind) =>
      runtimes
        .filter((runtime) => runtime.kind === kind.on)
        .map((runtime) => {
          const settings = {
            answer,
            text: "string",
            tls,
            transport,
            deflate,
            level: null,
            reader: "data",
            ...kind.settings,
          };
          const flags = kind.on === "node" ? nodeFlags : start[kind.on];
          const args = [...flags, ...(kind.isRegistered ? register : []), programOf(kind), JSON.stringify(settings)];
          return {
            name: kind.name,
            runtime: runtime.label,
            command: [runtime.path, ...args] as const,
            echoing: kind.isBare ? ("tcp" as const) : ("server" as const),
          };
        }),
    );
}
