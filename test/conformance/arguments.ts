// The command line: words in, a command out. Starts nothing and prints nothing.

import { MistakeError, optionsOf } from "../support/command-line.ts";
import type { Case } from "./case.ts";
import { cases, chooseCases, withMessages } from "./cases/index.ts";
import { serverAt } from "./subject.ts";
import { type NamedSubject, subjects } from "./subjects/index.ts";

export const help: string = `Usage: npm run conformance -- [--subject NAMES | --url URL | --listen PORT | --record | --list]

What to test (default: wsimd):
  --subject NAMES  comma-separated: ${Object.keys(subjects).join(", ")}
  --url URL        any server that echoes, at a ws: URL
  --listen PORT    any client: serves the cases on 127.0.0.1:PORT, at /getCaseCount, /runCase?case=N&agent=NAME,
                   /getCaseInfo, /getCaseStatus and /updateReports, as clients of such suites expect
  --record         all recorded subjects, or with --subject those: writes results.json and the tables of README.md
  --list           print the cases and exit

How:
  --cases NUMBERS  comma-separated numbers of cases or beginnings of them, such as 1,6.4,9.1.3 (default: all)
  --messages N     send N messages in each case of 12 and 13, not 1000, which take minutes and gigabytes
  --patience N     give the subject N times as long before it counts as late (default: 1)
  --json FILE      also write what came of each case there
  --help           print this and exit

Exit code: 1 where wsimd is not as it must be, or for wrong arguments.
`;

interface Common {
  /** With as many messages as they are to send. */
  readonly cases: readonly Case[];
  readonly patience: number;
  readonly json: string | undefined;
}

export type Command =
  | { readonly name: "help" }
  | { readonly name: "list"; readonly cases: readonly Case[] }
  | (Common & { readonly name: "listen"; readonly port: number })
  | (Common & {
      readonly name: "run";
      readonly subjects: readonly NamedSubject[];
      readonly messages: number;
      readonly isRecording: boolean;
    });

const options = {
  subject: { type: "string" },
  url: { type: "string" },
  listen: { type: "string" },
  record: { type: "boolean" },
  list: { type: "boolean" },
  cases: { type: "string" },
  messages: { type: "string" },
  patience: { type: "string" },
  json: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

type Values = ReturnType<typeof optionsOf<typeof options>>;

/** @throws MistakeError for arguments that are none */
export function commandOf(words: readonly string[]): Command {
  const values = optionsOf(words, options);
  if (values.help) return { name: "help" };
  const tasks = (["subject", "url", "listen", "record", "list"] as const).filter((name) => values[name] !== undefined);
  if (tasks.length > 1 && tasks.join() !== "subject,record")
    throw new MistakeError(`--${tasks[0]} and --${tasks[1]} do not go together`);
  const messages = numberOf("messages", values.messages, 1000);
  const chosen = withMessages(casesOf(values), () => messages);
  const common = { cases: chosen, patience: numberOf("patience", values.patience, 1), json: values.json };
  if (values.list) return { name: "list", cases: common.cases };
  if (values.listen !== undefined) return { name: "listen", port: portOf(values.listen), ...common };
  if (values.record && values.cases !== undefined) throw new MistakeError("--record takes all cases");
  return { name: "run", subjects: subjectsOf(values), messages, isRecording: values.record === true, ...common };
}

function casesOf({ cases: text }: Values): readonly Case[] {
  if (text === undefined) return cases;
  const prefixes = text.split(",").map((prefix) => prefix.trim().replace(/\.\*?$/, ""));
  for (const prefix of prefixes) {
    if (chooseCases([prefix]).length === 0)
      throw new MistakeError(`--cases: there is no case ${JSON.stringify(prefix)}`);
  }
  return chooseCases(prefixes);
}

function numberOf(name: "messages" | "patience", text: string | undefined, byDefault: number): number {
  if (text === undefined) return byDefault;
  const number = Number(text);
  const isGood = text.trim() !== "" && number >= 1 && number <= 1000;
  if (isGood && (name === "patience" || Number.isInteger(number))) return number;
  const what = name === "patience" ? "a number" : "an integer";
  throw new MistakeError(`--${name} must be ${what} from 1 to 1000, not ${JSON.stringify(text)}`);
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65535) return port;
  throw new MistakeError(`--listen must be a port from 0 to 65535, not ${JSON.stringify(text)}`);
}

function subjectsOf({ subject, url, record }: Values): readonly NamedSubject[] {
  if (url !== undefined) return [{ subject: serverAt(urlOf(url)), isOurs: false, isRecorded: false }];
  if (record && subject === undefined) return Object.values(subjects).filter(({ isRecorded }) => isRecorded);
  return (subject ?? "wsimd").split(",").map((name) => {
    const found = Object.hasOwn(subjects, name.trim()) ? subjects[name.trim()] : undefined;
    if (record && found?.isRecorded === false) throw new MistakeError(`--record: ${name.trim()} is not recorded`);
    if (found !== undefined) return found;
    const known = Object.keys(subjects).join(", ");
    throw new MistakeError(`--subject: there is no subject ${JSON.stringify(name)}, only ${known}`);
  });
}

function urlOf(text: string): string {
  if (URL.canParse(text) && new URL(text).protocol === "ws:") return text;
  throw new MistakeError(`--url must be a ws: URL, not ${JSON.stringify(text)}`);
}
