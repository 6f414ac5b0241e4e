// The command `wsimd`: picks a subcommand and turns a mistake in its arguments into one line and exit code 2.

import { commandOf, help, MistakeError } from "./arguments.ts";
import { runConnect } from "./connect.ts";
import { runEcho } from "./echo.ts";
import { packageVersion } from "./version.ts";

/** @returns  the exit code */
async function run(words: readonly string[]): Promise<number> {
  try {
    const command = commandOf(words);
    if (command.name === "echo") return await runEcho(command);
    if (command.name === "connect") return await runConnect(command);
    process.stdout.write(command.name === "help" ? help : `${packageVersion()}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof MistakeError)) throw error;
    process.stderr.write(`wsimd: ${error.message}; see wsimd --help\n`);
    return 2;
  }
}

void run(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode;
});
