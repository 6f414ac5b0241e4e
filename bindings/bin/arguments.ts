// The command line: words in, a command out. Starts nothing and prints nothing.

import { parseArgs } from "node:util";

export const help = `Usage: wsimd echo [--port N] [--host H]

Commands:
  echo           run a WebSocket server that sends back what it is sent, with a page to try it

Options of echo:
  -p, --port N   port to listen on, 0 for any that is free (default: 8080, or the next that is free)
  --host H       address to listen on (default: 127.0.0.1, this machine alone)

Options:
  -h, --help     print this and exit
  -v, --version  print the version and exit

WSIMD_KERNEL=scalar in the environment runs it without WebAssembly.

Exit code: 0 when stopped, 1 where the server cannot run, 2 for wrong arguments.
`;

/** Where `wsimd echo` listens. */
export interface EchoCommand {
  readonly name: "echo";
  /** undefined: 8080, or the next that is free. */
  readonly port: number | undefined;
  readonly host: string;
}

export type Command = EchoCommand | { readonly name: "help" } | { readonly name: "version" };

/** The user's mistake, said in one line. */
export class MistakeError extends Error {}

const options = {
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
  port: { type: "string", short: "p" },
  host: { type: "string" },
} as const;

/** @throws MistakeError for arguments that are none */
export function commandOf(words: readonly string[]): Command {
  const { values, positionals } = parse(words);
  if (values.help) return { name: "help" };
  if (values.version) return { name: "version" };
  const [name, ...others] = positionals;
  if (name === undefined) throw new MistakeError("a command is missing: echo");
  if (name !== "echo") throw new MistakeError(`there is no command ${JSON.stringify(name)}, only echo`);
  if (others.length !== 0) throw new MistakeError(`echo takes no argument ${JSON.stringify(others[0])}`);
  if (values.host === "") throw new MistakeError("--host must name an address");
  return { name, port: portOf(values.port), host: values.host ?? "127.0.0.1" };
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true });
  } catch (error) {
    // "Unknown option '--x'. To specify a positional …": the first sentence says it.
    const [sentence] = (error as Error).message.split(/\.\s|\n/);
    throw new MistakeError(sentence!.replace(/\.$/, ""));
  }
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65535) return port;
  throw new MistakeError(`--port must be a whole number from 0 to 65535, not ${JSON.stringify(text)}`);
}
