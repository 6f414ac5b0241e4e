// The command `wsimd`: picks a subcommand and turns a mistake in its arguments into one line and exit code 2.

import { type Command, commandOf, help, MistakeError } from "./arguments.ts";
import { runEcho } from "./echo.ts";
import { packageVersion } from "./version.ts";

async function run(command: Command): Promise<void> {
  switch (command.name) {
    case "help":
      process.stdout.write(help);
      return;
    case "version":
      process.stdout.write(`${packageVersion()}\n`);
      return;
    case "echo":
      process.exitCode = await runEcho(command);
  }
}

try {
  await run(commandOf(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof MistakeError)) throw error;
  process.stderr.write(`wsimd: ${error.message}; see wsimd --help\n`);
  process.exitCode = 2;
}
