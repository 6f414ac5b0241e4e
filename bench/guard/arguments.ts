// The command line of `npm run bench:guard`. What cannot be meant exits with 2 before anything is counted.

import { parseArgs } from "node:util";

const help = `Usage: npm run bench:guard -- [options]

Counts the instructions of a message, decoded, encoded and echoed, under valgrind's callgrind, and compares them with
bench/guard/record.json. Exits with 1 where a row is dearer than recorded by more than its tolerance.

  --only <text>  rows whose name contains it, such as "decode" or "TCP"; may be repeated
  --record       write down what is counted; with --only, of those rows alone
  --jobs <n>     rows at a time; default 2. Other work on the machine makes it slower, not different
  --list         print the names of the rows and count nothing
  --help         print this

docs/bench.md tells what each row does, and when to record.`;

export interface Arguments {
  readonly only: readonly string[];
  readonly record: boolean;
  readonly jobs: number;
  readonly list: boolean;
}

/** Ends the process for what cannot be done. */
export function refuse(reason: string): never {
  console.error(`bench:guard: ${reason}\nTry: npm run bench:guard -- --help`);
  process.exit(2);
}

function parse() {
  try {
    return parseArgs({
      options: {
        only: { type: "string", multiple: true },
        record: { type: "boolean" },
        jobs: { type: "string" },
        list: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    refuse((error as Error).message);
  }
}

/** Reads the command line; prints the help and ends the process where that is asked for. */
export function readArguments(): Arguments {
  const values = parse();
  if (values.help === true) {
    console.log(help);
    process.exit(0);
  }
  const jobs = Number(values.jobs ?? 2);
  if (!Number.isInteger(jobs) || jobs < 1) refuse(`--jobs is a whole number from 1, not ${values.jobs}`);
  return { only: values.only ?? [], record: values.record === true, jobs, list: values.list === true };
}
