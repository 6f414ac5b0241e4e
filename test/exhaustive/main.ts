// npm run exhaustive: every sequence of four octets. See arguments.ts for what it does and how long it takes.

import { availableParallelism } from "node:os";
import { MistakeError } from "../support/command-line.ts";
import { type Arguments, help, readArguments } from "./arguments.ts";
import { runTasks } from "./run.ts";

const print = (line: string): void => console.log(line);

/** The arguments; undefined where they are wrong. */
function argumentsOrNone(): Arguments | null | undefined {
  try {
    return readArguments(process.argv.slice(2), availableParallelism());
  } catch (error) {
    if (!(error instanceof MistakeError)) throw error;
    console.error(error.message);
    return undefined;
  }
}

const found = argumentsOrNone();
if (found === null) {
  print(help);
} else if (found === undefined) {
  process.exitCode = 2;
} else {
  const started = performance.now();
  const disagreements = await runTasks({ ...found, print });
  const seconds = Math.round((performance.now() - started) / 1000);
  print(`${disagreements} disagreements in ${seconds} s`);
  process.exitCode = disagreements === 0 ? 0 : 1;
}
